"""Assignment: who gets a record that nobody was made the owner of, by rules that explain themselves."""
