"""What works the bond out: training, scoring, states kept fresh, an analyst's changes tried first."""
