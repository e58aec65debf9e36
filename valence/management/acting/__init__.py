"""How well acting works, on made-up operators whose truth is known: promises, bills, places, workload."""
