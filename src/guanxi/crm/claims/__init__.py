"""Claims: what people spent for the company and want back."""
