"""The order in which the candidates of a route are tried."""
