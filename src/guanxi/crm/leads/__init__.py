"""Leads: unqualified chances, before they are accounts."""
