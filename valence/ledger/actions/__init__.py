"""Writes of the ledger: models, scores, states, jobs."""
