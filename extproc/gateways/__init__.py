"""Dragoman as an addition to an Envoy that others run: a gateway of Istio or of Envoy Gateway.

Its listeners and clusters join those that are there, and a route of the gateway leads to its
ingress listener by a Unix socket in the same pod. So everything that is Dragoman's works as in an
Envoy of its own. An ``ext_proc`` filter in the gateway's own chain would be less: it could choose
the first candidate and no other, for neither of the two lets a retry go to another cluster.
"""
