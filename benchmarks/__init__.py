"""Throughput, latency and CPU of four set-ups side by side: ``python -m benchmarks``."""
