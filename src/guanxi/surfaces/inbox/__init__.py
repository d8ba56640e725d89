"""What a person should know: mentions, records handed over, finished work."""
