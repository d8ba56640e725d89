"""Templates of papers: how a company's quotes look as PDF, in each language."""
