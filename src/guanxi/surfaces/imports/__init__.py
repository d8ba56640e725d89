"""Tables from outside: what a file holds, which field each column means, and bringing the rows in."""
