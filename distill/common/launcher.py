"""`accelerate launch`, whose own words go into a file beside the ranks' logs, and whose failure is left for its parent.

Started as `python -P -m distill.common.launcher ARGUMENTS`. The ranks inherit the screen itself.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from distill.common.ranks import LAUNCH_FOLDER
from filters.sandbox.kernel import die_with_parent


def main() -> int:
    """Launch; 0, or 1 where a rank has failed."""
    die_with_parent(signal.SIGTERM)
    logs = Path(os.environ[LAUNCH_FOLDER])
    sys.stdout = sys.stderr = (logs / "launcher.log").open("a", buffering=1, encoding="utf-8")
    from subprocess import CalledProcessError

    from accelerate.commands import launch
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    sys.argv[0] = "accelerate launch"
    try:
        launch.main()
    except ChildFailedError as error:
        first = sorted(error.failures.items(), key=lambda item: item[1].timestamp)
        deaths = [{"rank": rank, "code": failure.exitcode} for rank, failure in first]
    except CalledProcessError as error:
        deaths = [{"rank": 0, "code": error.returncode}]
    else:
        return 0
    (logs / "deaths.json").write_text(json.dumps(deaths), encoding="utf-8")
    return 1


if __name__ == "__main__":
    sys.exit(main())
