"""Pages about what came in and how good it is."""
