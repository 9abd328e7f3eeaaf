"""Envoy and the processes that decide as one: started, kept alive and ended together."""
