"""Routes under test: how often a configuration's classifier is right, and where it is not."""
