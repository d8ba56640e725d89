"""Reminders: owners are told of records for which a condition has come to hold."""
