"""The business: one folder a noun."""
