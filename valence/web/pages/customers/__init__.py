"""Pages about one customer or many, and their interactions."""
