"""Pages about what customers answered and said."""
