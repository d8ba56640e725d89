"""Deals: opportunities to sell."""
