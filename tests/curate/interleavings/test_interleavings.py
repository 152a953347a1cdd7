"""Nothing is lost, doubled, stale or mixed up, whatever commands run on a run, in any order, killed or two at once.

The suite takes a few sequences. A thousand of eight steps and more take about an hour:

    pytest -m slow -n 0 tests/curate/interleavings
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.curate.interleavings.stepper import BROKEN, KILLED
from tests.curate.interleavings.world import build_world

SHORT = settings(
    deadline=None,
    max_examples=6,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    phases=[Phase.explicit, Phase.generate],
)
LONG = settings(SHORT, max_examples=1000)


@cache
def start_stepper() -> subprocess.Popen[str]:
    """The process whose children run the steps; it ends with this one."""
    command, pipe = [sys.executable, "-m", "tests.curate.interleavings.stepper"], subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)


def send(folder: str, *steps: dict[str, Any]) -> tuple[list[int], list[Any]]:
    """Run steps at once; their exit codes, and what they told."""
    stepper = start_stepper()
    assert stepper.stdin is not None and stepper.stdout is not None
    stepper.stdin.write(json.dumps([folder, steps]) + "\n")
    stepper.stdin.flush()
    codes, told = json.loads(stepper.stdout.readline())
    for code, said in zip(codes, told, strict=True):
        assert code in (0, 1, 2, KILLED), f"{steps}: {code}: {said}"
        assert code != BROKEN, said
        assert code not in (1, 2) or said is None or str(said).endswith((".", ")")), said
    return codes, told


CHECKS = st.lists(
    st.sampled_from(["math_answer", "format", "overlong:max_tokens=9", "overlong:max_tokens=40", "own", "judge"]),
    min_size=1, max_size=3, unique_by=lambda check: check.partition(":")[0],
)  # fmt: skip
COMMANDS = st.one_of(
    st.fixed_dictionaries({
        "do": st.just("generate"), "model": st.sampled_from(["a", "a", "a", "b"]),
        "options": st.fixed_dictionaries({
            "samples": st.integers(1, 6), "accept": st.sampled_from([None, None, 1, 2]),
            "check": st.sampled_from([["math_answer"], ["math_answer", "format"]]), "retry_refused": st.booleans(),
        }),
    }),
    st.fixed_dictionaries({"do": st.just("verify"), "checks": CHECKS}),
    st.fixed_dictionaries({"do": st.just("filter"), "checks": CHECKS}),
    st.fixed_dictionaries({
        "do": st.just("mix"), "name": st.sampled_from(["x", "y"]), "seed": st.integers(0, 2),
        "sources": st.sampled_from([
            ["teacher"], ["teacher:per_prompt=1,choose=first", "general"], ["teacher:checks=math_answer"], ["general:rows=2"],
        ]),
    }),
    st.fixed_dictionaries({"do": st.just("evaluate"), "samples": st.integers(1, 4)}),
)  # fmt: skip
CHANGES = st.one_of(
    st.fixed_dictionaries({"do": st.just("change check"), "number": st.integers(2, 4)}),
    st.fixed_dictionaries({
        "do": st.just("delete"), "what": st.sampled_from(["samples", "partial", "verdicts"]), "number": st.integers(0, 9),
    }),
)  # fmt: skip
STEPS = st.one_of(
    COMMANDS.map(lambda one: [one]),
    COMMANDS.map(lambda one: [one]),
    CHANGES.map(lambda one: [one]),
    st.builds(lambda one, at: [{**one, "die_at": at}], COMMANDS, st.integers(0, 40)),
    st.tuples(COMMANDS, COMMANDS).map(list),
    COMMANDS.map(lambda one: [one, one]),
)
FIRST = {"do": "generate", "model": "a", "options": {"samples": 2, "check": ["math_answer"]}}


def play(sequence: list[list[dict[str, Any]]]) -> None:
    """Run the steps, and look at the run after each."""
    with TemporaryDirectory() as folder:
        build_world(Path(folder))
        there: dict[str, set[str]] = {}
        whole = True  # nothing was deleted by hand
        for steps in [[FIRST], *sequence]:
            codes, _ = send(folder, *steps)
            alone = len(steps) == 1 and codes[0] != KILLED
            seen = {"do": "observe", "after": steps[0] if alone else {"do": "others"}, "code": codes[0]}
            (code,), (told,) = send(folder, seen)
            assert code == 0, f"after {steps} with {codes}: {told}"
            whole = whole and steps[0]["do"] != "delete"
            faults = told.pop("faults", [])
            if whole:
                assert [what for what in faults if "rows of the set" not in what] == [], faults
            there = compare(there, told, steps)


def compare(
    there: dict[str, set[str]], told: dict[str, Any], steps: list[dict[str, Any]]
) -> dict[str, set[str]]:
    """Nothing that was there is lost, unless it was deleted."""
    now = {name: set(ids) for name, ids in told.items()}
    if steps[0]["do"] != "delete":
        for name, ids in there.items():
            assert ids <= now.get(name, set()), (
                f"{len(ids - now.get(name, set()))} samples of {name} are lost"
            )
    return now


@given(st.lists(STEPS, min_size=3, max_size=6))
@SHORT
def test_nothing_is_lost_doubled_stale_or_mixed_up(sequence: list[list[dict[str, Any]]]):
    play(sequence)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@given(st.lists(STEPS, min_size=8, max_size=12))
@LONG
def test_nothing_is_lost_doubled_stale_or_mixed_up_in_a_thousand_sequences(
    sequence: list[list[dict[str, Any]]],
):
    play(sequence)
