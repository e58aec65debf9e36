"""Pages about those who left, and the hand-offs that led there."""
