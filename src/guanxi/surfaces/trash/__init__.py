"""Deleted records, and bringing them back."""
