"""Personal data and secrets: found in texts without a network, and replaced there and back.

All of it is pure. Whatever is found stays in values that live as long as one request; what may be
told of it elsewhere (logs, metrics, receipts) are kinds and counts.
"""
