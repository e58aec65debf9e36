"""Tone: lexicons of feeling in five languages, what they see in a text, and the head that reads them."""
