"""How dates are written in letters and digests: what Django says of a language that we say otherwise."""
