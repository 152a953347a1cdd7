"""What a calibration found is read as it was written."""

from __future__ import annotations

from pathlib import Path

from curate.calibration.calibration import (
    FALSE_ACCEPT,
    FALSE_REJECT,
    Calibration,
    JudgeRate,
    load_calibration,
    read_calibration,
    write_calibration,
)
from curate.store.layout import create_run


def _make(errors: int, decided: int) -> Calibration:
    rates = {
        FALSE_ACCEPT: JudgeRate("wrong answer accepted", errors, decided, 2, ("3 for 4",)),
        FALSE_REJECT: JudgeRate("right answer rejected", 0, 0),
    }
    return Calibration(
        "judge", "abc", {"rule": decided}, rates, {"max_false_accepts": 0.05}, ("too many",), {"requests": 3}
    )


def test_a_calibration_is_read_as_it_was_written(tmp_path: Path) -> None:
    run, made = create_run(tmp_path / "run"), _make(3, 200)
    assert read_calibration(run, "teacher", "judge") is None
    write_calibration(run, "teacher", "judge", made)
    assert read_calibration(run, "teacher", "judge") == made
    assert not made.reliable
    assert load_calibration({"check": "judge"}) is None


def test_nothing_decided_may_be_any_rate() -> None:
    rate = JudgeRate("wrong answer accepted", 0, 0, 5)
    assert rate.value is None
    assert rate.interval == (0.0, 1.0)
