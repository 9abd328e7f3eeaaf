"""Spans of requests and of their attempts: the ids that travel, and what is exported of them.

Workers begin a request's span (``beginning``), Envoy tells each provider the id of its attempt's,
and the observer exports both when the request has ended. OpenTelemetry's SDK is loaded there, and
only where tracing is configured.
"""
