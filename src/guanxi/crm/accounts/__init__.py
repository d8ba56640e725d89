"""Accounts: customers, partners, distributors, suppliers, competitors."""
