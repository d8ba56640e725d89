"""Records that are one: merged side by side, found among those that are there, and decided upon."""
