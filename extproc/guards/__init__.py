"""Guards: who looks at requests before they are decided, and at answers before clients get them.

``guard`` is what a guard must be able to do; ``table`` has a row for each kind of them.
"""
