"""Pages where surveys are made and sent."""
