"""Settings, wiring, shell templates, static files, the embedded database and the `guanxi` command: the top floor."""
