"""Bank: the lines of bank statements, and which payments they are."""
