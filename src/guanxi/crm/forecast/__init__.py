"""The forecast: what deals will bring in a period, by category, as added up and as people judge it."""
