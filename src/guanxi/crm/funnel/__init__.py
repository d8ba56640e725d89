"""How deals go: through the stages they pass, and whether they are won or lost."""
