"""Every part of the front end on pages of their own, for looking and for `tests/look`. Touches no record."""
