"""Writes of the ledger, one verb each: scores, states, models, jobs."""
