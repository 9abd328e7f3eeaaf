"""What several tests need: servers to talk to, values to begin with, Envoy's side of a stream."""
