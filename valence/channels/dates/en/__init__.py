"""English: the day first, as on our pages and in the other languages."""
