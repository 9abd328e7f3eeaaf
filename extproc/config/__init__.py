"""The configuration language: what a file may say, and what it means."""
