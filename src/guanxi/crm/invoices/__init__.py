"""Invoices: what was billed, with its tax."""
