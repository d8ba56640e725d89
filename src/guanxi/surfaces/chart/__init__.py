"""A chart on any list: how many, or how much, by time, choice or link."""
