"""Whether scores were gamed: evidence by kinds, one probability a team with its reasons, scores side by side. Pure."""
