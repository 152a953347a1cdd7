"""Which tier of walls this machine can have: each is tried with a program that tries to get out, before any other runs."""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from filters.sandbox.kernel import MACHINE, MACHINES
from filters.sandbox.sandbox import Sandbox, SandboxError, SandboxLostError
from filters.sandbox.walls import Limits, Tier

STRONGEST_FIRST: Final[tuple[Tier, ...]] = ("namespaces", "landlock")
_PROBE: Final = """
import ctypes, json, os, socket
file, port, parent = json.loads(input())
worked = []
def attempt(what, action):
    try:
        action()
    except BaseException:
        return
    worked.append(what)
def fork():
    if not os.fork():
        os._exit(0)
def unshare():
    if ctypes.CDLL(None).unshare(0x10000000):
        raise OSError
attempt("read a file of the user's", lambda: open(file).read())
attempt("change a file of the user's", lambda: open(file, "a").close())
attempt("list the user's folder", lambda: os.listdir(os.path.dirname(file)))
attempt("see the environment", lambda: os.environ["R1CURATE_CANARY"])
attempt("connect to a port", lambda: socket.create_connection(("127.0.0.1", port), 1))
attempt("start a process", fork)
attempt("start a program", lambda: os.posix_spawn("/bin/true", ["true"], {}))
attempt("signal a process", lambda: os.kill(parent, 0))
attempt("write outside its folder", lambda: open("/var/tmp/r1curate-canary", "w").close())
attempt("leave its namespaces", unshare)
attempt("raise its limits", lambda: __import__("resource").setrlimit(7, (10**6, 10**6)))
print(json.dumps(worked))
"""


class Found(NamedTuple):
    """The strongest tier that this machine can have, and why not the stronger ones."""

    tier: Tier
    others: tuple[str, ...]


@lru_cache(1)
def find_tier() -> Found:
    """The strongest tier whose own test shows no way out. Raises SandboxError where there is none."""
    if sys.platform != "linux" or MACHINE not in MACHINES:
        raise SandboxError(f"Programs are run behind walls on Linux alone, on {' and '.join(MACHINES)}.")
    wrong = []
    for tier in STRONGEST_FIRST:
        try:
            with Sandbox(tier) as sandbox:
                worked = find_ways_out(sandbox)
        except (SandboxError, SandboxLostError) as error:
            wrong.append(f"{tier}: {error}")
            continue
        if not worked:
            return Found(tier, tuple(wrong))
        wrong.append(f"{tier}: a program can {', '.join(worked)}")
    raise SandboxError(
        f"This machine can keep no program behind walls ({'; '.join(wrong)}). A kernel with Landlock (5.13 or later), or one "
        "that allows user namespaces, is needed."
    )


def find_ways_out(sandbox: Sandbox) -> list[str]:
    """What a program behind these walls could do that none may, in words; nothing where they hold."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        canary = Path(folder) / "canary"
        canary.write_text("canary")
        given = json.dumps([str(canary), server.getsockname()[1], os.getpid()])
        outcome = sandbox.run(_PROBE, given.encode(), Limits(cpu_s=5, wall_s=20))
        try:
            worked = json.loads(outcome.stdout)
        except ValueError:
            return [f"end its test: {outcome.end} {outcome.error}".strip()]
    return [str(one) for one in worked]
