"""The kinds of questions. A new kind is a module here and a line in valence/surveys/registry.py."""
