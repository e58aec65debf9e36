"""Pages about people, keys and settings."""
