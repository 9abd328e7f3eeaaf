"""The one process that learns: it reads Envoy's access log and the sources of prices and latencies,
and tells the workers what is known of the models."""
