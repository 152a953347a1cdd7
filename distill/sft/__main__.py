"""`accelerate launch -m distill.sft OPTIONS.json`: train with the options in a JSON file."""

import sys

from distill.common.launch import run_from_file
from distill.sft.options import DistillOptions
from distill.sft.stage import distill_student

if __name__ == "__main__":
    sys.exit(run_from_file(DistillOptions, distill_student, sys.argv[1:]))
