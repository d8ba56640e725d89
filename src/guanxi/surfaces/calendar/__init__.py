"""Records on the days of their entity's calendar field."""
