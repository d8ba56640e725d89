"""Contracts: what was agreed with whom, for how long and how much."""
