"""Creating and editing one record: forms, editors in place, pickers, duplicates."""
