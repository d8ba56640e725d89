"""Pages for people outside, who are not logged in: a record by a link, and its paper as PDF."""
