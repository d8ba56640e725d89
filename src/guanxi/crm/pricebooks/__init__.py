"""Price books: what products cost for whom, by quantity."""
