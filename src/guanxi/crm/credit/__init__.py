"""Credit: how far an account is trusted, by five marks, and what happens when an order goes beyond it."""
