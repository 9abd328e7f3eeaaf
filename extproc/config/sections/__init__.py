"""The sections of a configuration, a module each: fields, checks and building together."""
