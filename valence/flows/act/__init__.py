"""What follows from what happens: alerts, cases, replies, recovery, telling others."""
