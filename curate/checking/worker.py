"""A worker process that runs checks on batches of samples, so that none of them can hang or crash its caller.

Started as `python -P -m curate.checking.worker FD` with one end of a socket: receives the checks, then batches; answers
with verdicts. It imports nothing of the caller's, so it works from notebooks and unguarded scripts.
"""

from __future__ import annotations

import resource
import signal
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection

from curate.checking.worker_messages import PackedSamples, pack_verdicts, unpack_samples
from filters.spec import CheckSpec
from filters.take_verdicts import take_verdicts

MEMORY_LIMIT = 16 << 30
"""Bytes of address space: far over what any check needs, below what takes a machine down."""


def serve(connection: Connection) -> None:
    """Answer batches until the caller goes away."""
    specs: Sequence[CheckSpec] = connection.recv()
    checks = {spec.label: spec.build() for spec in specs}
    connection.send("ready")
    while True:
        labels, packed = _receive(connection)
        batch = unpack_samples(packed)
        judged = {label: take_verdicts(checks[label].check(batch), len(batch)) for label in labels}
        connection.send(pack_verdicts(judged))


def _receive(connection: Connection) -> tuple[list[str], PackedSamples]:
    try:
        request: tuple[list[str], PackedSamples] = connection.recv()
    except EOFError:
        raise SystemExit(0) from None
    return request


def main() -> None:
    """Serve on the file descriptor given as the first argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller decides when a worker ends
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    limit = MEMORY_LIMIT if hard == resource.RLIM_INFINITY else min(MEMORY_LIMIT, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    serve(Connection(int(sys.argv[1])))


if __name__ == "__main__":
    main()
