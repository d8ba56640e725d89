"""Where leads and customers come from: sources, each with the prospecting method behind it."""
