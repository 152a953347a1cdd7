"""No program gets out of the sandbox, as whichever user it is started, and what programs need works in it."""

import json
import os
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from filters.sandbox import self_test
from filters.sandbox.sandbox import Sandbox, SandboxError, SandboxLostError
from filters.sandbox.self_test import STRONGEST_FIRST, find_tier
from filters.sandbox.walls import Limits, Tier
from tests.filters.sandbox.hostile import GOOD, HOSTILE
from tests.walls import require_walls

ROOT = Path(__file__).resolve().parents[3]
USERS = ("this user", "an ordinary user")
ORDINARY = 61_184
DRIVER = Path(__file__).with_name("drive.py")
ENDS = {"37 memory": "memory", "41 a loop": "timeout", "42 a sleep": "timeout", "43 stopping itself": "timeout",
        "44 ignoring signals": "timeout", "45 output": "output_limit", "46 errors": "output_limit", "50 a segmentation fault": "crash",
        "32 the x32 calls": "crash"}  # fmt: skip
"""How programs end that are ended."""


@pytest.fixture(scope="module")
def tier_here() -> Tier:
    """The strongest tier of this machine; where it has none, that is told, and nothing passes."""
    return require_walls()


@lru_cache
def drive(user: str, tier: str) -> dict[str, Any]:
    """All programs' outcomes, and the world's, as this user."""
    programs = [{"body": body, "hostile": True} for body in HOSTILE.values()]
    programs += [{"body": body, "hostile": False, "stdin": "given\n"} for body, _ in GOOD.values()]
    programs.append({"body": "print('still there')", "hostile": False})
    python, options = sys.executable, {}
    if user == "an ordinary user" and os.getuid() == 0:
        python = "/usr/bin/python3"
        if not (_is_open(ROOT) and _is_recent(python)):
            pytest.skip(
                "no ordinary user here can run the project: it lies in a folder of root's, or there is no /usr/bin/python3 of 3.11 or later"
            )
        options = {"user": ORDINARY, "group": ORDINARY, "extra_groups": []}
    elif user == "an ordinary user":
        pytest.skip("this user is an ordinary one")
    made = subprocess.run(
        [python, "-P", str(DRIVER), str(ROOT)],
        input=json.dumps({"tier": tier, "programs": programs}),
        capture_output=True, text=True, timeout=300, check=False, **options,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    found: dict[str, Any] = json.loads(made.stdout)
    return found


def _is_recent(python: str) -> bool:
    if not Path(python).exists():
        return False
    code = "import sys; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([python, "-c", code], check=False).returncode == 0


def _is_open(folder: Path) -> bool:
    return all(place.stat().st_mode & 0o005 == 0o005 for place in (folder, *folder.parents))


def outcome(user: str, tier: str, number: int) -> dict[str, Any]:
    outcomes = drive(user, tier)["outcomes"]
    if "refused" in outcomes[0]:
        pytest.skip(f"not run: this machine has no tier '{tier}' for {user}: {outcomes[0]['refused']}")
    found: dict[str, Any] = outcomes[number]
    return found


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("tier", STRONGEST_FIRST)
@pytest.mark.parametrize("name", HOSTILE)
def test_no_program_gets_out(user: str, tier: str, name: str):
    found = outcome(user, tier, list(HOSTILE).index(name))
    assert "lost" not in found and "ESCAPED" not in found["stdout"], found
    assert found["end"] == ENDS.get(name, found["end"])
    assert found["wall_s"] < 4


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("tier", STRONGEST_FIRST)
@pytest.mark.parametrize("name", GOOD)
def test_what_programs_need_works(user: str, tier: str, name: str):
    found = outcome(user, tier, len(HOSTILE) + list(GOOD).index(name))
    printed = found["stdout"].strip()
    assert found["end"] == "ended", found
    wanted = GOOD[name][1]
    assert (sorted(printed.split()) == sorted(wanted.split())) if name == "threads" else printed == wanted


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("tier", STRONGEST_FIRST)
def test_afterwards_the_world_is_as_it_was(user: str, tier: str):
    assert outcome(user, tier, len(HOSTILE) + len(GOOD))["stdout"] == "still there\n"
    found = drive(user, tier)
    assert found["left"] == []
    assert found["world"] == {
        "secret": "secret",
        "victim": None,
        "listed": ["secret", "socket"],
        "datagrams": ["", ""],
    }


def test_the_strongest_tier_is_found(tier_here: Tier):
    assert tier_here in STRONGEST_FIRST


CLIENT = """
import sys
sys.path.insert(0, sys.argv[1])
from filters.sandbox.sandbox import Sandbox
from filters.sandbox.walls import Limits, Tier
sandbox = Sandbox(sys.argv[2])
print(sandbox.run("print('up')").end, flush=True)
sandbox.run("while True:\\n    pass", limits=Limits(cpu_s=60, wall_s=60))
"""


@pytest.mark.parametrize("tier", STRONGEST_FIRST)
def test_nothing_outlives_a_client_that_is_killed(tier: str):
    command = [sys.executable, "-c", CLIENT, str(ROOT), tier]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd="/") as client:
        assert client.stdout is not None
        if client.stdout.readline() != "ended\n":
            pytest.skip(f"not run: this machine has no tier '{tier}'")
        deadline = time.monotonic() + 10
        wanted = {"namespaces": 3, "landlock": 2}[tier]  # its processes and the program's
        while len(family := list_family(client.pid)) < wanted:
            assert time.monotonic() < deadline, "the program has not started"
            time.sleep(0.01)
        client.kill()
    deadline = time.monotonic() + 1
    while left := [one for one in family if is_running(one)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.01)


def list_family(pid: int) -> list[int]:
    """The processes that a process started, and theirs."""
    children = [Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    found = [int(child) for child in children[0]]
    return [*found, *(one for child in found for one in list_family(child))]


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def test_programs_at_once_take_turns_in_one_sandbox(tier_here: Tier):
    with Sandbox(tier_here) as sandbox, ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: sandbox.run(f"print({n} * 2)").stdout, range(40)))
    assert found == [f"{n * 2}\n".encode() for n in range(40)]


def test_a_lost_process_is_told_and_the_sandbox_is_not_used_again(tier_here: Tier):
    with Sandbox(tier_here) as sandbox:
        sandbox._process.kill()
        sandbox._process.wait()
        with pytest.raises(SandboxLostError):
            sandbox.run("print(1)", limits=Limits(wall_s=0))
        with pytest.raises(SandboxLostError):
            sandbox.run("print(1)", limits=Limits(wall_s=0))


def test_no_answer_is_taken_for_another_s(tier_here: Tier, monkeypatch: pytest.MonkeyPatch):
    with Sandbox(tier_here) as sandbox:
        assert sandbox.run("print(1)").stdout == b"1\n"
        receive = sandbox._receive

        def interrupt(seconds: float) -> dict[str, Any]:
            raise OverflowError("timeout is too large")

        monkeypatch.setattr(sandbox, "_receive", interrupt)
        with pytest.raises(OverflowError):
            sandbox.run("print(2)")
        monkeypatch.setattr(sandbox, "_receive", receive)
        with pytest.raises(SandboxLostError):
            sandbox.run("print(3)")
    with Sandbox(tier_here) as sandbox:  # an answer that comes late
        sandbox._asked = 7
        monkeypatch.setattr(sandbox, "_receive", lambda seconds: {"asked": 7})
        with pytest.raises(SandboxLostError, match="another question"):
            sandbox.run("print(1)")


def test_limits_of_any_size_are_borne(tier_here: Tier):
    with Sandbox(tier_here) as sandbox:
        for limits in (Limits(cpu_s=1e9, wall_s=1e300), Limits(wall_s=float("inf"), memory=1 << 40)):
            assert sandbox.run("print(1)", limits=limits).stdout == b"1\n"


def test_one_program_s_threads_are_not_held_against_another_s():
    """Root has no namespace of users: each sandbox has a user of its own there."""
    many = "import threading, time\nall = [threading.Thread(target=time.sleep, args=(3,), daemon=True) for _ in range(900)]\n[one.start() for one in all]\nprint('up', flush=True)\ntime.sleep(1.5)"
    try:
        with Sandbox("namespaces") as one, Sandbox("namespaces") as other, ThreadPoolExecutor(1) as pool:
            limits = Limits(cpu_s=5, wall_s=20, memory=64 << 30)
            busy = pool.submit(one.run, many, b"", limits)
            time.sleep(1.0)
            found = other.run(many.replace("1.5", "0"), limits=limits)
            assert (found.end, found.stdout) == ("ended", b"up\n"), found
            assert busy.result().stdout == b"up\n"
    except SandboxError as error:
        pytest.skip(f"not run: {error}")


@pytest.mark.parametrize("end", ["refuses", "has a way out"])
def test_a_machine_without_walls_is_refused_naming_what_is_missing(monkeypatch: pytest.MonkeyPatch, end: str):
    class Open:
        def __init__(self, tier: str) -> None:
            if end == "refuses":
                raise SandboxError(f"unshare: Operation not permitted ({tier})")

        def __enter__(self) -> "Open":
            return self

        def __exit__(self, *error: object) -> None: ...

    monkeypatch.setattr(self_test, "Sandbox", Open)
    monkeypatch.setattr(self_test, "find_ways_out", lambda sandbox: ["connect to a port"])
    said = "unshare: Operation not permitted" if end == "refuses" else "a program can connect to a port"
    with pytest.raises(SandboxError, match=rf"namespaces: .*{said}.*landlock: .*{said}"):
        find_tier.__wrapped__()


def test_a_program_that_gets_out_is_seen_by_the_self_test():
    class Bare:
        """No walls at all."""

        def run(self, source: str, stdin: bytes, limits: Limits) -> SimpleNamespace:
            made = subprocess.run(
                [sys.executable, "-c", source], input=stdin, capture_output=True, check=False
            )
            return SimpleNamespace(stdout=made.stdout, end="ended", error="")

    worked = self_test.find_ways_out(Bare())  # type: ignore[arg-type]
    assert {"read a file of the user's", "connect to a port", "start a process", "signal a process"} <= set(
        worked
    )


def test_the_caller_s_environment_and_limits_stay_its_own(monkeypatch: pytest.MonkeyPatch, tier_here: Tier):
    monkeypatch.setenv("R1CURATE_SECRET", "secret")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Sandbox(tier_here) as sandbox:
        shown = sandbox.run("import os\nprint(sorted(os.environ))").stdout
    assert b"SECRET" not in shown and b"PYTHONHASHSEED" in shown
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before


def test_hashes_order_and_zone_are_the_same_each_time(tier_here: Tier):
    program = "import random, time\nprint(hash('a'), list({'x', 'y', 'z'}), random.random(), time.tzname)"
    shown = []
    for _ in range(2):
        with Sandbox(tier_here) as sandbox:
            shown += [sandbox.run(program).stdout.rsplit(b" ", 3)[0] for _ in range(2)]
    assert len({one.split(b"]")[0] for one in shown}) == 1
