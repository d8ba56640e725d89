"""Pools: leads and accounts without an owner, with rules for who takes them and what comes back."""
