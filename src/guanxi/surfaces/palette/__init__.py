"""Ctrl-K: any record, page, view, verb or new record in two keystrokes."""
