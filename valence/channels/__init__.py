"""How people are reached: messages that wait, the kinds of channels they leave by, and what comes back."""
