"""The commands of ``dragoman``, a module each; ``arguments`` has the table of them.

A command's module imports what the command needs when it runs: Envoy's messages alone take half a
second to load.
"""
