"""The trained models of a run: what each was trained on and how, and its metrics by step as named curves.

A fine-tuned model has one curve, its loss; one that matched a teacher has those of its responses, too. A model trained on rewards has many, and what went wrong on the way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from curate.store.layout import Run
from curate.store.model_info import read_model_info

Points = Sequence[tuple[float, float]]
"""Pairs of a step and a value, which is nan where a step has none."""

TITLES: Final = {
    "tokens": "response length, tokens",
    "entropy": "entropy",
    "kl": "KL from the reference model",
    "groups without signal": "share of groups without signal",
    "truncated": "share of responses cut off",
    "undecided": "share undecided",
    "gradient norm": "gradient norm",
}
"""What the curves of a training on rewards are called, in the order they are shown; the rewards stand before them."""
IF_ANY: Final = ("truncated", "undecided")
"""Curves that are only worth showing where they leave zero."""
TEACHER_CURVES: Final = {
    "loss": "divergence from the teacher",
    "entropy": "entropy",
    "tokens": "response length, tokens",
    "truncated": "share of responses cut off",
}
"""The curves of a model that matched a teacher; those of responses are there where it sampled them itself."""


@dataclass(frozen=True, slots=True)
class Model:
    """What distill or grpo made: `about` is its r1curate.json, `curves` hold pairs of step and value by title.

    kind: sft learned a set's completions; logits and on_policy matched a teacher's distribution, on these or on the
    model's own responses; grpo was trained on rewards.
    commit: the Hub commit of the base model, None where that is a folder. set: what it was fine-tuned on, None
    of a model trained on rewards. The first curve is the one that training is to move.
    """

    name: str
    kind: Literal["sft", "logits", "on_policy", "grpo"]
    about: Mapping[str, Any]
    base: str
    commit: str | None
    set: str | None
    curves: Mapping[str, Points]

    @property
    def troubles(self) -> Sequence[str]:
        """What went wrong while it was trained, one sentence each."""
        return tuple(self.about.get("troubles") or ())

    @property
    def change(self) -> tuple[str, float, float] | None:
        """The first curve's title, and its mean over the first and over the last tenth, nan where all of that is undecided.

        None where nothing was measured.
        """
        for title, points in self.curves.items():
            some = max(1, len(points) // 10)
            return title, _mean(points[:some]), _mean(points[-some:])
        return None


def read_models(run: Run) -> list[Model]:
    """The trained models of a run, by name."""
    found = ((name, read_model_info(run.model_info(name))) for name in run.model_names())
    return [_model(name, about) for name, about in found if about is not None]


def _model(name: str, about: Mapping[str, Any]) -> Model:
    # Models of before there were rewards say nothing of their kind.
    kind = about.get("kind", "sft")
    if kind == "grpo":
        return Model(name, "grpo", about, about["base"], about["base_commit"], None, _curves(about))
    titles = {"loss": "loss"} if kind == "sft" else TEACHER_CURVES
    found = {title: _points(about["loss"], key) for key, title in titles.items()}
    curves = {title: points for title, points in found.items() if points}
    return Model(name, kind, about, about["base"], about["base_commit"], about["set"], curves)


def _curves(about: Mapping[str, Any]) -> dict[str, Points]:
    rows, labels = about["curve"], about["rewards"]
    # One reward alone is the whole reward.
    parts = {f"reward {label}": f"reward of {label}" for label in labels} if len(labels) > 1 else {}
    found = {title: _points(rows, name) for name, title in {"reward": "reward", **parts, **TITLES}.items()}
    rare = {TITLES[name] for name in IF_ANY}
    return {
        title: points
        for title, points in found.items()
        if points and (title not in rare or any(value > 0 for _, value in points))
    }


def _points(rows: Sequence[Mapping[str, Any]], name: str) -> Points:
    """One value a step, nan where the step has none; empty where no step has one."""
    values = [math.nan if row.get(name) is None else float(row[name]) for row in rows]
    points = [(float(row["step"]), value) for row, value in zip(rows, values, strict=True)]
    return [] if all(map(math.isnan, values)) else points


def _mean(points: Points) -> float:
    values = [value for _, value in points if math.isfinite(value)]
    return sum(values) / len(values) if values else math.nan
