"""Pipelines and their stages: the road a deal takes."""
