"""Runs programs in the sandbox on behalf of another user, and tells what became of the world: `python drive.py ROOT < JSON > JSON`.

It imports nothing but the sandbox, so that any Python of the machine can run it.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, sys.argv[1])

from filters.sandbox.sandbox import Sandbox, SandboxError, SandboxLostError
from filters.sandbox.walls import Limits
from tests.filters.sandbox.hostile import write_program

LIMITS = Limits(cpu_s=0.5, wall_s=1.0, memory=1 << 30, output=4 << 20)


def main() -> None:
    """Tell the outcome of each program, in order, and of the world afterwards."""
    asked = json.load(sys.stdin)
    os.environ["R1CURATE_SECRET"] = "secret"
    with tempfile.TemporaryDirectory() as home, socket.create_server(("127.0.0.1", 0)) as tcp:
        secret = Path(home) / "secret"
        secret.write_text("secret")
        by_path, abstract, datagrams = (socket.socket(socket.AF_UNIX, kind) for kind in (2, 1, 2))
        by_path.bind(f"{home}/socket")
        Path(f"{home}/socket").chmod(0o777)
        name = f"r1curate-{os.getpid()}"
        abstract.bind(f"\0{name}")
        abstract.listen()
        datagrams.bind(f"\0{name}d")
        for one in (by_path, datagrams):
            one.setblocking(False)
        victim = subprocess.Popen(["sleep", "600"])
        facts = {
            "home": home, "port": tcp.getsockname()[1], "path": f"{home}/socket", "abstract": name, "victim": victim.pid,
            "parent": os.getpid(),
        }  # fmt: skip
        try:
            told = run_all(asked, json.dumps(facts))
        finally:
            told_world = {
                "secret": secret.read_text(), "victim": victim.poll(), "listed": sorted(path.name for path in Path(home).iterdir()),
                "datagrams": [heard(one) for one in (by_path, datagrams)],
            }  # fmt: skip
            victim.kill()
            victim.wait()
    json.dump({"outcomes": told, "world": told_world, "left": children()}, sys.stdout)


def run_all(asked: dict, facts: str) -> list:
    """Each program's outcome; a sandbox that is lost to one is told, and the others get a new one."""
    sandbox = None
    told = []
    for program in asked["programs"]:
        source = write_program(program["body"], facts) if program["hostile"] else program["body"]
        try:
            sandbox = sandbox or Sandbox(asked["tier"])
            outcome = sandbox.run(source, program.get("stdin", "").encode(), LIMITS)
            told.append({"end": outcome.end, "stdout": outcome.stdout.decode("utf-8", "replace")[:2000],
                         "error": outcome.error, "wall_s": outcome.wall_s, "signal": outcome.signal})  # fmt: skip
        except SandboxError as error:
            return [{"refused": str(error)}]
        except SandboxLostError as error:
            told.append({"lost": str(error)})
            sandbox = None
    if sandbox is not None:
        sandbox.close()
    return told


def heard(one: socket.socket) -> str:
    """What came in by a socket."""
    try:
        return one.recv(100).decode()
    except OSError:
        return ""


def children() -> list:
    """The processes that are still there of those that were started, a moment after."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return []
        time.sleep(0 if pid else 0.05)
    return ["children are left"]


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    main()
