"""Labels that cost nothing: answers of a run that a rule has decided, drawn as cases for a judge.

Cases of one prompt are not independent, so each prompt gives one right and one wrong answer before any gives a second.
The draw goes by content keys, which are random digests: it is the same whatever the order of files and parts is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

import polars as pl

from curate.calibration.cases import LabelledCase
from curate.store.hidden_texts import find_hidden_ids, find_hidden_prompts
from curate.store.joined import holds_verdicts, join_part, verdict_column
from curate.store.layout import Run, list_parts
from curate.store.parquet import read_part_info, scan_files, scan_parts, split_chunks
from curate.store.prompts_by_id import PROMPT_KEY, find_prompts, read_prompt_key
from curate.store.schema import LATER_COLUMNS, sample_from_row
from curate.store.verdicts import read_checks, read_role
from filters.check import Check, EngineCheck
from filters.judges.language_model import Look, PanelCheck
from filters.registry import find_check_class, is_built_in
from filters.types import Prompt, Sample

DRAW_SIZE: Final = 200
"""Right answers, and as many wrong ones. With these a judge that errs once in a hundred cases is believed to err at most one
time in twenty in 86 of 100 draws; with 100 of them in 37."""
ENOUGH: Final = 100
"""With fewer right, or fewer wrong ones, the bundled answers are asked about, too."""
LOOKED_AT: Final = 2_000
"""Right answers, and as many wrong ones, that are read at most: most right ones are the reference itself, about which no
judge is asked."""
READ: Final = 250
"""Responses that are read at once."""
PROMPTS: Final = 200
"""Prompts that canaries are made from at most."""


def draw_rule_cases(run: Run, name: str, check: Check, after: str | None) -> list[LabelledCase]:
    """Up to `DRAW_SIZE` right and as many wrong answers of `samples(name)` by a rule, of distinct texts that the check would ask about.

    after: the label of the rule that the check comes after; else the first rule that compares answers with references
    decides. None where there is no such rule, and no text that a check hides.
    """
    label = _choose_rule(run, name, after)
    if label is None:
        return []
    decided = _list_decided(run, name, label)
    if decided.is_empty():
        return []
    decided = decided.filter(~pl.col("sample_id").is_in(list(find_hidden_ids(run, name))))
    return [case for right in (True, False) for case in _draw(run, name, check, decided, right)]


def draw_prompts(run: Run, name: str) -> list[Prompt]:
    """Prompts with a reference whose texts may be shown, in the order of their ids."""
    hidden = list(find_hidden_prompts(run, name))
    asked = scan_parts(run.prompts(name), later=("variant",)).filter(
        pl.col("answer").is_not_null() & ~pl.col("prompt_id").is_in(hidden)
    )
    ids = asked.select(PROMPT_KEY).unique("prompt_id", keep="first", maintain_order=True).sort("prompt_id")
    found = find_prompts(run.prompts(name), ids.head(PROMPTS))
    return sorted(found.values(), key=lambda prompt: prompt.id)


def _choose_rule(run: Run, name: str, after: str | None) -> str | None:
    """The label of the rule whose verdicts are the labels."""
    rules = [
        entry["label"] for entry in read_checks(run, name) if _compares(entry["check"], read_role(entry))
    ]
    return after if after in rules else next(iter(rules), None)


def _compares(check: str, role: str) -> bool:
    """Whether a check is a rule of ours that compares answers with references; code of others is not run to find out."""
    if role != "verifier" or not is_built_in(check):
        return False
    cls = find_check_class(check)
    return cls.needs_reference and not issubclass(cls, EngineCheck)


def _list_decided(run: Run, name: str, label: str) -> pl.DataFrame:
    """Ids of samples and prompts, and what the rule says where it decides; of the parts that it has judged as it was last asked for."""
    digests = {entry["label"]: entry["digest"] for entry in read_checks(run, name)}
    column = verdict_column(label)
    frames = [
        join_part(run, name, part, [label], ("prompt_id",)).drop_nulls(column).rename({column: "ok"})
        for part in list_parts(run.samples(name))
        if holds_verdicts(sidecar := run.sidecar(name, label, part))
        and (read_part_info(sidecar) or {}).get("digest") == digests[label]
    ]
    return pl.concat(frames) if frames else pl.DataFrame()


def _draw(run: Run, name: str, check: Check, decided: pl.DataFrame, right: bool) -> list[LabelledCase]:
    turn = pl.col("sample_id").rank("ordinal").over("prompt_id").alias("turn")
    of_kind = decided.filter(pl.col("ok") == right).with_columns(turn).sort("turn", "prompt_id")
    cases: dict[object, LabelledCase] = {}
    for ids in split_chunks(of_kind["sample_id"].head(LOOKED_AT), READ):
        for sample in _read_samples(run, name, ids):
            key = _find_question(check, sample)
            if key is not None:
                cases.setdefault(key, LabelledCase(sample, right, source="rule"))
        if len(cases) >= DRAW_SIZE:
            break
    return list(cases.values())[:DRAW_SIZE]


def _read_samples(run: Run, name: str, ids: Sequence[str]) -> Iterator[Sample]:
    """Samples by their ids, in the order of these."""
    rows = _read_rows(run, name, ids)
    by_id = find_prompts(run.prompts(name), rows.lazy())
    found = {row["sample_id"]: row for row in rows.iter_rows(named=True)}
    yield from (sample_from_row(found[key], by_id[read_prompt_key(found[key])]) for key in ids)


def _read_rows(run: Run, name: str, ids: Collection[str]) -> pl.DataFrame:
    rows = scan_files(list_parts(run.samples(name)), LATER_COLUMNS)
    wanted = rows.filter(pl.col("sample_id").is_in(list(ids)))
    columns = ("sample_id", *PROMPT_KEY, "response", "index", "tokens", "finish")
    return wanted.select(columns).unique("sample_id").collect()


def _find_question(check: Check, sample: Sample) -> object | None:
    """What makes two samples one question to the check; None where it decides without asking its model."""
    if isinstance(check, PanelCheck):
        look = check.find_case(sample)
        return look.case.key if isinstance(look, Look) else None
    return sample.prompt.id, sample.response
