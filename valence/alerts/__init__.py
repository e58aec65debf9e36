"""Rules on what happens to customers, the alerts they raise, and whose they are."""
