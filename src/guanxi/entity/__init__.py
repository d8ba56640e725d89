"""What a kind of record is: declarations, kinds of field, conditions. Imports no model."""
