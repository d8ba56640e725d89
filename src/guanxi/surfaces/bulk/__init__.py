"""One action on many records: edit, hand over, verbs, delete; now, or as a job when they are very many."""
