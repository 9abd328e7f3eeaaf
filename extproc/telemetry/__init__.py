"""What happened, for people and for Prometheus: receipts of requests, metrics, the admin port."""
