"""A made-up trading company with two years behind it, in both languages; the same one every time, up to today."""
