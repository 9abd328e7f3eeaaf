"""Dragoman: Envoy carries LLM traffic, this package decides where it goes."""

__version__ = "0.1.0"
