"""What became of every sample that an evaluation asked for: made and judged, refused, failed, or never made.

Read back from the run, so that an evaluation that was interrupted and taken up again counts like any other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

import polars as pl

from curate.store.joined import EITHER, join_part, join_samples, verdict_column
from curate.store.layout import PARTIAL, Run, list_parts
from curate.store.parquet import scan_files
from curate.store.verdicts import list_deciding_labels
from filters.answers.compare.equality import group_answers
from filters.answers.extract.final_answer import extract_answer
from filters.spec import CheckSpec
from filters.think import split_response
from filters.types import Prompt

Fate = Literal["whole", "refused", "stopped", "failed", "missing"]
"""whole: there, and judged. refused: it will never be answered. stopped: ended by the watchdog, and not made again.
failed: not answered, and may be another time. missing: not made yet."""
FATES: Final[tuple[Fate, ...]] = ("whole", "refused", "stopped", "failed", "missing")
OPEN_FATES: Final[tuple[Fate, ...]] = ("failed", "missing")
"""What the same command makes when it is run again."""


class Outcome(NamedTuple):
    """One sample that an evaluation asked for.

    ok: whether it is correct, None where that is undecided. A sample that is refused or stopped will never have an
    answer, which is wrong; one that failed or is missing may have one, and is undecided.
    class_: equal for equal answers to a prompt, None where there is no answer, or what decides compares none. values: for each check but the
    first, the score if it grades, else 1 where it passed and 0 where it did not; None where it could not decide.
    """

    prompt_id: str
    domain: str
    fate: Fate
    ok: bool | None
    class_: int | None = None
    tokens: int | None = None
    truncated: bool = False
    values: Mapping[str, float | None] = {}


def list_outcomes(
    run: Run, name: str, specs: Sequence[CheckSpec], prompts: Sequence[Prompt], samples: int
) -> list[Outcome]:
    """`samples` outcomes of each prompt, by index; `samples(name)` may hold more, and other prompts'."""
    by_id = {prompt.id: prompt for prompt in prompts}
    wanted = pl.col("prompt_id").is_in(list(by_id)) & (pl.col("index") < samples)
    whole, ended = _read_whole(run, name, specs, wanted), _read_ended(run, name, wanted)
    return [
        outcome
        for prompt in by_id.values()
        for outcome in _list_of_prompt(prompt, whole[prompt.id], ended, samples)
    ]


def _list_of_prompt(
    prompt: Prompt, whole: Mapping[int, dict[str, Any]], ended: Mapping[tuple[str, int], Fate], samples: int
) -> Iterator[Outcome]:
    # Whatever part a sample stands in: the classes of two parts could not be told apart.
    numbers = iter(
        group_answers([whole[index]["answer"] for index in sorted(whole) if whole[index]["answer"]])
    )
    for index in range(samples):
        if index not in whole:
            fate = ended.get((prompt.id, index), "missing")
            yield Outcome(prompt.id, prompt.domain, fate, None if fate in OPEN_FATES else False)
            continue
        row = whole[index]
        class_ = next(numbers) if row["answer"] else None
        cut = row["finish"] == "length"
        yield Outcome(prompt.id, prompt.domain, "whole", row["ok"], class_, row["tokens"], cut, row["values"])


def _read_whole(
    run: Run, name: str, specs: Sequence[CheckSpec], wanted: pl.Expr
) -> Mapping[str, dict[int, dict[str, Any]]]:
    """By prompt and index; of each response its final answer alone is kept, where answers are compared."""
    first, *others = specs
    compares = first.build().compares_answers
    labels = [spec.label for spec in specs]
    chains = [either.split(EITHER) for either in list_deciding_labels(run, name)]
    chain = next((chain for chain in chains if first.label in chain), [first.label])
    decide = [verdict_column(label) for label in chain if label in labels]
    graded = {
        spec.label: verdict_column(spec.label, "score" if spec.build().graded else "ok") for spec in others
    }
    columns = ("prompt_id", "index", "response", "tokens", "finish")
    found: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    parts = list_parts(run.samples(name))
    if parts:
        join_samples(run, name, (), (), where=wanted)  # refuses a sample that stands in two parts
    for part in parts:
        rows = join_part(run, name, part, labels, columns, ("ok", "score"), wanted)
        for row in rows.iter_rows(named=True):
            said = split_response(row["response"], row["finish"])
            found[row["prompt_id"]][row["index"]] = {
                "answer": extract_answer(said).text if compares else None,
                "ok": next((row[one] for one in decide if row[one] is not None), None),
                "tokens": row["tokens"],
                "finish": row["finish"],
                "values": {label: _to_number(row[column]) for label, column in graded.items()},
            }
    return found


def _read_ended(run: Run, name: str, wanted: pl.Expr) -> dict[tuple[str, int], Fate]:
    """How samples that are not whole ended, by prompt and index; of one that was tried again, the last time."""
    columns = ("prompt_id", "index", "status", "finish")
    return {
        (prompt_id, index): _decide_fate(status, finish)
        for part in list_parts(run.samples(name), PARTIAL)
        for prompt_id, index, status, finish in scan_files([part])
        .filter(wanted)
        .select(columns)
        .collect()
        .iter_rows()
    }


def _decide_fate(status: str, finish: str) -> Fate:
    if status == "failed":
        return "refused" if finish == "refused" else "failed"
    return "stopped" if status == "stopped" else "missing"


def _to_number(value: float | None) -> float | None:
    return None if value is None else float(value)
