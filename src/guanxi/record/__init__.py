"""The record: its base model, the write path, history, search documents, custom fields, saved views."""
