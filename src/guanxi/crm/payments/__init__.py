"""Payments: what is due when, what was received, and what of it belongs to what."""
