"""The metrics of a rollout are those of what was decided."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from curate.store.layout import ROLLOUTS
from distill.grpo.rewards import SampleReward
from distill.grpo.rollouts import Scorer
from filters.spec import CheckSpec
from filters.types import Prompt, Verdict


def score(folder: Path, *found: bool | None) -> dict[str, float]:
    """What is logged of samples about which the first check said this."""
    options = SimpleNamespace(
        group_size=1, reward=[CheckSpec(check="secrets", label="m")], rollout_steps=1, steps=1
    )
    plan: Any = SimpleNamespace(aside=folder, reasoning=[Prompt.make("?")], general=[], options=options)
    tokenizer = SimpleNamespace(eos_token_id=1, pad_token_id=0, decode=lambda ids, **_: "text")
    chat: Any = SimpleNamespace(
        special=False, render=lambda messages: SimpleNamespace(opened=""), clean=lambda text: text
    )
    earned = [SampleReward(None if ok is None else float(ok), {"m": ok}, {"m": Verdict(ok)}) for ok in found]
    rewards: Any = SimpleNamespace(compute=lambda samples, general: earned, correctness_labels=["m"])
    logged: dict[str, float] = {}
    many = [None] * len(found)
    Scorer(plan, tokenizer, chat, 1, rewards)(
        many,
        many,
        [[5, 1]] * len(found),
        [0] * len(found),
        SimpleNamespace(global_step=0),
        logged.__setitem__,
    )
    return logged


def test_what_is_undecided_is_not_incorrect(tmp_path: Path):
    logged = score(tmp_path, True, None, False, None)
    assert (logged["correct"], logged["undecided"], logged["reward m"]) == (0.5, 0.5, pytest.approx(0.5))


def test_where_nothing_is_decided_nothing_is_said_of_correctness(tmp_path: Path):
    assert score(tmp_path, None, None) == {"undecided": 1.0}


def test_texts_that_a_reward_keeps_from_being_repeated_are_not_in_the_file(tmp_path: Path):
    score(tmp_path, False)
    (row,) = [json.loads(line) for line in (tmp_path / ROLLOUTS).read_text().splitlines()]
    assert row["prompt"] == row["response"] == "the text is withheld: 'm' says no"


def test_texts_that_it_accepts_are(tmp_path: Path):
    score(tmp_path, True)
    (row,) = [json.loads(line) for line in (tmp_path / ROLLOUTS).read_text().splitlines()]
    assert (row["prompt"], row["response"]) == ("?", "text")
