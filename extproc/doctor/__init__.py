"""What ``dragoman doctor`` looks at: all that a sidecar needs of this machine and of others."""
