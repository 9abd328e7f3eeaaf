"""Envoy's messages that the bootstrap is written with."""
