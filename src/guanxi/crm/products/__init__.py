"""Products: what is sold, and for how much."""
