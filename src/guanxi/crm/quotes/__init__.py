"""Quotes: what was offered, for how long, and what became of it."""
