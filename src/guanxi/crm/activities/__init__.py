"""Activities: what was done with a customer, and what is planned."""
