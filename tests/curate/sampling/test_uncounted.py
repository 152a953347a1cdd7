"""Samples of an engine that counts no tokens and takes no seed: whole, and nothing is said of them that nobody knows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from curate.engines.scripted import ScriptedEngine
from curate.store.layout import Run
from filters.engine import Completion, Request
from tests.curate.sampling.test_sampler import echo, rows, sample


class Silent(ScriptedEngine):
    async def complete(self, request: Request) -> Completion:
        made = await super().complete(request)
        return replace(made, prompt_tokens=None, tokens=None, seeded=False)


def test_what_nobody_counted_is_null(tmp_path: Path) -> None:
    counts = sample(Run(tmp_path), Silent(echo))
    made = rows(Run(tmp_path))
    assert (counts.whole, counts.tokens, len(made)) == (40, 0, 40)
    assert {(row["status"], row["tokens"], row["prompt_tokens"], row["seed"]) for row in made} == {
        ("whole", None, None, None)
    }
