"""Contacts: people who act for accounts."""
