"""What keeps people safe: erasing with proof."""
