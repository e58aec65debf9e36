"""English dates: `23 November 2026`, as pages and the other languages write them, where Django has `Nov. 23, 2026`."""

DATE_FORMAT = "j F Y"
