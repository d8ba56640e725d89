"""Targets: what people, teams and the whole company aim for in a period, by what it is measured, and how far they are."""
