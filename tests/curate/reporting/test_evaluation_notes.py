"""What the numbers leave out is said, and where they leave out nothing, nothing is."""

from typing import Any

from curate.reporting.evaluation_notes import list_notes

WHOLE: dict[str, Any] = {
    "name": "e", "prompts_asked": 4, "prompts_left_out": 0, "bounds": [0.5, 0.5], "before": "b",
    "samples": {"asked": 8, "whole": 8, "refused": 0, "stopped": 0, "failed": 0, "missing": 0},
    "cons@k": {"k": 2, "value": 0.5, "left_out": 0}, "checks_undecided": {"format": 0},
    "gain": {"value": 0.1, "counted": 4, "left_out": 0, "shared": 4, "only_before": 0, "only_after": 0, "differences": []},
}  # fmt: skip


def test_of_what_is_whole_and_decided_there_is_nothing_to_say():
    assert list_notes(WHOLE) == []
    assert list_notes({**WHOLE, "gain": None}) == []
    assert list_notes({**WHOLE, "cons@k": None, "pass@k": {"1": {"left_out": 0}}}) == []


def test_an_earlier_versions_metrics_say_what_they_know():
    earlier = {
        "name": "e",
        "bounds": [0.5, 0.75],
        "cons@k": {"k": 2, "value": 0.5},
        "before": None,
        "gain": None,
    }
    assert list_notes(earlier) == [
        "Whatever the undecided samples are, pass@1 over all prompts is between 50.0 and 75.0."
    ]
    assert list_notes({"name": "e"}) == []


def test_each_reservation_is_a_sentence():
    samples = {**WHOLE["samples"], "whole": 2, "refused": 2, "stopped": 1, "failed": 2, "missing": 1}
    gain = {
        **WHOLE["gain"],
        "counted": 2,
        "left_out": 1,
        "shared": 3,
        "only_before": 5,
        "differences": ["check a before, b now"],
    }
    found = {
        **WHOLE,
        "samples": samples,
        "prompts_left_out": 1,
        "pass@k": {"1": {"left_out": 1}, "2": {"left_out": 2}},
        "cons@k": {"k": 2, "left_out": 3},
        "checks_undecided": {"format": 2},
        "gain": gain,
    }
    assert list_notes(found) == [
        "2 of 8 samples were refused for good: they have no answer, and count as wrong.",
        "1 of 8 samples were stopped: they have no answer, and count as wrong.",
        "Unfinished: 3 of 8 samples failed or are missing, and count as undecided; run the same command again to make them.",
        "pass@1 leaves out 1 of 4 prompts, without a decided sample.",
        "pass@2 leaves out 2 of 4 prompts, with fewer than 2 decided samples.",
        "cons@2 leaves out 3 of 4 prompts, whose most frequent answer is undecided.",
        "format leaves out 2 samples that it could not decide about.",
        "The gain over b is over 2 prompts: of the 3 that both asked, 1 are undecided; 5 more were asked only by b, 0 only here.",
        "The gain over b is between two ways to measure: check a before, b now.",
    ]
