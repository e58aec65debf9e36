"""What reads texts as they arrive, with what was learned from corrections."""
