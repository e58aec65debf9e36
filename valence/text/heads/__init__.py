"""Heads: what learns labels from examples. Rules, likeness to examples, words and meaning are blended by trial."""
