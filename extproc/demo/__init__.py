"""What it takes to see Dragoman at work on one machine, without an account anywhere."""
