"""Pages where people act: cases, rules, who takes what."""
