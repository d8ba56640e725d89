"""Web forms: questions on a website whose answers become leads."""
