"""Pages that customers see, without signing in."""
