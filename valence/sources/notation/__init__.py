"""How companies write numbers, durations and times, and which of the ways a column follows."""
