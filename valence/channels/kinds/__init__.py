"""The kinds of channels by which messages leave: one module each, that knows one wire form and nothing else.

A kind has `where(said)`, which says where messages go, and `opened(said)`, a context that gives a function which hands
one message over. To add a kind: copy a module, change it, add a line to registry.KINDS and to values.Kind.
"""
