"""The made-up operator's teams, honest and not: who was asked, who answered what, and the truth about it."""
