"""The formats that clients and providers speak."""
