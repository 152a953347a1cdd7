"""A training of two processes that fails in one of them while the other waits for it."""

import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

from distill.common.launch import TrainResult, get_rank, is_launched, run_from_file
from distill.common.options import TrainingOptions
from filters.errors import UserError


def train(options: TrainingOptions) -> TrainResult | None:
    from distill.common import parallel

    assert is_launched()
    place = parallel.get_process_state()
    logging.getLogger("distill").info(f"begun by {place.num_processes}")
    print("noise of a library")  # noqa: T201
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    with Path(options.model).open("a") as file:
        file.write(f"{os.getpid()} {left.pid} ")
    place.wait_for_everyone()
    if get_rank() == place.num_processes - 1:
        if options.name == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if options.name == "refused":
            raise UserError("this cannot be trained: take another.")
        if options.name == "faulty":
            raise ZeroDivisionError("somewhere\ndeep")
    if options.name != "fine":
        place.wait_for_everyone()
    return None


if __name__ == "__main__":
    sys.exit(run_from_file(TrainingOptions, train, sys.argv[1:]))
