"""What goes on, on a terminal: ``dragoman top``, ``trace`` and ``logs``."""
