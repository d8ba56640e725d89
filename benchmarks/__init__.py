"""How fast Guanxi is with a million customers: `make bench`. Figures stand beside references measured in the same run."""
