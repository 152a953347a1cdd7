"""The watchdog stops what goes on in its fault, and leaves a fault that passes to the filter."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

import pytest

from curate.checking.executors.local import LocalExecutor
from curate.checking.worker_messages import Verdicts
from curate.sampling.watchdog import FIRST, WatchdogOptions, Watcher
from filters.spec import make_spec
from filters.think import OPEN
from filters.types import Prompt, Sample, Verdict

LOOK = WatchdogOptions(check=(make_spec("repetition"), make_spec("language")))
PIECE = "x" * (FIRST // 4)


class Told(LocalExecutor):
    """Rejects, by the labels named, what holds their mark; remembers what it was shown."""

    def __init__(self, **marks: str) -> None:
        self.marks = marks
        self.shown: list[str] = []

    def submit(self, batch: Sequence[Sample], labels: Sequence[str] | None = None) -> Future[Verdicts]:
        (sample,) = batch
        self.shown.append(sample.response)
        future: Future[Verdicts] = Future()
        future.set_result(
            {
                label: [Verdict(False, "said") if mark in sample.response else Verdict(True)]
                for label, mark in self.marks.items()
            }
        )
        return future


def watched(pool: Told, *pieces: str) -> str | None:
    watcher = Watcher(LOOK, pool, "key", Prompt.make("Why?", "1"))
    for number, piece in enumerate(pieces, 1):
        if reason := watcher(piece, number * 32):
            return reason
    return None


def test_a_fault_that_goes_on_stops_the_chain() -> None:
    assert watched(Told(repetition="!"), *[PIECE] * 4, *["!" * len(PIECE)] * 12) == "repetition: said"


def test_a_fault_that_passes_does_not() -> None:
    pool = Told(repetition="!")
    assert watched(pool, "!", *[PIECE] * 40) is None
    rejected = [text for text in pool.shown if "!" in text]
    assert len(rejected) == 1, "what comes after a rejection is looked at by itself"
    assert all(text.startswith(OPEN) for text in pool.shown[1:])


def test_two_rules_that_reject_once_each_are_no_fault_that_goes_on() -> None:
    pool = Told(repetition="!", language="?")
    assert watched(pool, "!", *[PIECE] * 8, "?", *[PIECE] * 30) is None
    assert watched(pool, "!", *[PIECE] * 8, "!", *[PIECE] * 30) == "repetition: said"


@pytest.mark.parametrize("closed", [False, True])
def test_what_follows_a_suspicion_is_read_in_its_place(closed: bool) -> None:
    pool = Told(repetition="!")
    watched(pool, "!</thi", "nk>" if closed else "ng", *[PIECE] * 20)
    assert pool.shown[1].startswith(OPEN) is not closed


def test_a_restart_forgets_the_suspicion() -> None:
    pool = Told(repetition="!")
    watcher = Watcher(LOOK, pool, "key", Prompt.make("Why?", "1"))
    for _ in range(2):
        watcher.restart()
        assert [watcher(piece, 1) for piece in ["!", *[PIECE] * 8]] == [None] * 9
    assert watcher.text == "!" + PIECE * 8
