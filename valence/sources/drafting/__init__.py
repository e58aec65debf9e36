"""The steps by which a mapping is proposed: each takes a draft and returns one that says more."""
