"""The first page: what should I do next?"""
