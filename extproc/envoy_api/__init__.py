"""Envoy's messages that the bootstrap is written with, rendered ahead of time."""
