"""The console: a page on the admin port that shows what goes on, and what it asks for."""
