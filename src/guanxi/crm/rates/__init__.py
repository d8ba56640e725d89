"""Exchange rates: what currencies were worth, from which day on."""
