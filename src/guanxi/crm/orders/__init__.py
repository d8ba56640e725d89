"""Orders: what was sold, what of it was delivered and came back."""
