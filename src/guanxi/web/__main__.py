"""`python -m guanxi.web` is the `guanxi` command, wherever its script may be."""

from guanxi.web.command import main

main()
