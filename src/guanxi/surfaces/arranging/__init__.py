"""Putting the few records of a settings entity in order by hand: pipelines and their stages, reasons."""
