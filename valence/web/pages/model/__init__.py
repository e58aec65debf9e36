"""Pages about the model and the words it works with."""
