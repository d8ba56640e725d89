"""One module for each `guanxi` subcommand that is more than a few lines; each has `register(cli)`."""
