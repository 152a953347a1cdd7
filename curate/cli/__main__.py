"""`python -m curate.cli` is `r1curate`."""

import sys
from pathlib import Path

if not sys.flags.safe_path and Path(sys.path[0]) != Path(__file__).parents[2]:
    del sys.path[0]  # the current folder: what lies beside the data is no code of ours

from curate.cli.app import main

main()
