"""`accelerate launch -m distill.grpo OPTIONS.json`: train with the options in a JSON file."""

import sys

from distill.common.launch import run_from_file
from distill.grpo.options import GrpoOptions
from distill.grpo.stage import train_grpo

if __name__ == "__main__":
    sys.exit(run_from_file(GrpoOptions, train_grpo, sys.argv[1:]))
