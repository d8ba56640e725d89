"""Scores: how likely a lead or deal comes to something, learnt from those that did and did not, fact by fact."""
