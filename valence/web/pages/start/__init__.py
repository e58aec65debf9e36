"""The first pages: today, search, signing in, getting started, what failed."""
