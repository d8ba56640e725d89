"""Saved views: what a page of many records shows, kept under a name. How records are read does not live here."""
