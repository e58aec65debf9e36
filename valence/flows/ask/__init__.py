"""What asks people and takes their answers: whom and when, messages, surveys, scores and whether they were gamed."""
