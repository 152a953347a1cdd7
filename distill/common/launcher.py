"""`accelerate launch`, whose own words go into a file beside the ranks' logs, and whose failure is left for its parent.

Started as `python -P -m distill.common.launcher ARGUMENTS`. The ranks inherit the screen itself.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from pathlib import Path

from curate.store.whole_files import write_aside
from distill.common.ranks import LAUNCH_FOLDER, MACHINE
from filters.sandbox.kernel import die_with_parent


def main() -> int:
    """Launch; 0, or 1 where a rank has failed."""
    die_with_parent(signal.SIGTERM)
    logs, machine = Path(os.environ[LAUNCH_FOLDER]), os.environ[MACHINE]
    sys.stdout = sys.stderr = (logs / f"launcher-{machine}.log").open("a", buffering=1, encoding="utf-8")
    from subprocess import CalledProcessError

    from accelerate.commands import launch
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    sys.argv[0] = "accelerate launch"
    deaths: list[dict[str, int]] = []
    try:
        launch.main()
    except ChildFailedError as error:
        first = sorted(error.failures.items(), key=lambda item: item[1].timestamp)
        deaths = [{"rank": rank, "code": failure.exitcode} for rank, failure in first]
    except CalledProcessError as error:
        deaths = [{"rank": 0, "code": error.returncode}]
    except Exception:  # noqa: BLE001  the other machines wait until they are told
        traceback.print_exc()
    else:
        return 0
    with write_aside(logs / f"deaths-{machine}.json") as aside:
        aside.write_text(json.dumps(deaths), encoding="utf-8")
    return 1


if __name__ == "__main__":
    sys.exit(main())
