"""Several similar cases close together in space and time: what was to be expected, and what stands out. Pure."""
