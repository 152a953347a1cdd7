"""`python -m curate.cli` is `r1curate`."""

from curate.cli.app import main

main()
