"""The formats that clients and providers speak: what is in a request body, and how an error is said."""
