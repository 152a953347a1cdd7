"""Verdicts on programs are the same on a busy machine: time-outs are told by processor time, and tried twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from filters.check import Check
from filters.registry import make_check
from filters.types import Prompt, Sample
from tests.walls import require_walls

PROGRAMS = {
    "right": "print(int(input()) * 2)",
    "wrong": "print(int(input()) * 3)",
    "half its time": "import time\nwhile time.process_time() < 0.25:\n    pass\nprint(int(input()) * 2)",
    "a loop": "while True:\n    pass",
    "a sleep": "import time\ntime.sleep(0.2)\nprint(int(input()) * 2)",
    "a crash": "print(1 // 0)",
    "memory": "x = bytearray(1 << 31)",
    "threads": "import threading\nall = [threading.Thread(target=sum, args=(range(1000),)) for _ in range(8)]\n[one.start() for one in all]\n[one.join() for one in all]\nprint(int(input()) * 2)",
    "a function": "def f(x):\n    return x * 2",
    "a function that is wrong": "def f(x):\n    return x + 2",
}  # fmt: skip
TIMES = 200
"""Each program, under load."""


@contextmanager
def busy(number: int) -> Iterator[None]:
    processes = [subprocess.Popen([sys.executable, "-c", "while True:\n    pass"]) for _ in range(number)]
    try:
        yield
    finally:
        for one in processes:
            one.kill()
            one.wait()


def judge(check: Check, name: str) -> tuple[bool | None, str]:
    tests = {"inputs": ["3\n"], "outputs": ["6\n"]}
    columns = {"test_list": ["assert f(3) == 6"]} if "function" in name else {"tests": tests}
    asked = Prompt.make("Double it.", extra={**columns, "time_limit": 0.5})
    verdict = check.check([Sample("1", asked, f"```python\n{PROGRAMS[name]}\n```")])[0]
    return verdict.ok, verdict.rule


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_two_thousand_verdicts_are_the_same_under_load():
    require_walls()
    check = make_check("code_tests")
    idle = {name: judge(check, name) for name in PROGRAMS}
    assert [name for name, (ok, _) in idle.items() if ok] == ["right", "half its time", "a sleep", "threads", "a function"]  # fmt: skip
    with busy(4):
        flips = [
            (name, found)
            for _ in range(TIMES)
            for name in PROGRAMS
            if (found := judge(check, name)) != idle[name]
        ]
    assert not flips
