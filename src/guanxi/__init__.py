"""Guanxi: a self-hosted CRM on one customer record. The floors are described in docs/explanation."""

__version__ = "0.1.0"
