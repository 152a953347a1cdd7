"""The columns of a run's Parquet files, and the way between rows and the vocabulary's objects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, Final

import polars as pl
import pyarrow as pa

from filters.types import Message, Prompt, Sample, Status, Verdict

MESSAGES: Final = pa.list_(pa.struct([("role", pa.string()), ("content", pa.large_string())]))


PROMPTS: Final = pa.schema(
    [
        ("prompt_id", pa.string()),
        ("source_id", pa.string()),
        ("messages", MESSAGES),
        ("answer", pa.large_string()),
        ("domain", pa.string()),
        ("language", pa.string()),
        ("extra", pa.large_string()),
    ]
)


SAMPLES: Final = pa.schema(
    [
        ("sample_id", pa.string()),
        ("prompt_id", pa.string()),
        ("index", pa.int32()),
        ("response", pa.large_string()),
        ("status", pa.string()),
        ("finish", pa.string()),
        ("prompt_tokens", pa.int32()),
        ("tokens", pa.int32()),
        ("seed", pa.int64()),
        ("error", pa.string()),
    ]
)


PASS_RATES: Final = pa.schema(
    [
        ("prompt_id", pa.string()),
        ("samples", pa.int32()),
        ("accepted", pa.int32()),
        ("undecided", pa.int32()),
        ("enough", pa.bool_()),
        ("pass_rate", pa.float64()),
        ("stopped_at", pa.int32()),
    ]
)
"""enough: it stopped at its K-th accepted sample. pass_rate: unbiased, null where undefined; see
curate.sampling.stopping. stopped_at: the index of the K-th accepted sample, null where there are not so many, or no K."""
SET: Final = pa.schema(
    [
        ("prompt", MESSAGES),
        ("completion", MESSAGES),
        ("id", pa.string()),
        ("prompt_id", pa.string()),
        ("source", pa.string()),
        ("domain", pa.string()),
        ("language", pa.string()),
        ("answer", pa.large_string()),
        ("tokens", pa.int32()),
    ]
)
"""The columns of a set: TRL's conversational prompt and completion, and where each row came from."""
VERDICTS: Final = pa.schema(
    [
        ("sample_id", pa.string()),
        ("ok", pa.bool_()),
        ("reason", pa.string()),
        ("score", pa.float64()),
        ("span_start", pa.int64()),
        ("span_end", pa.int64()),
    ]
)


def make_storable(text: str) -> str:
    """Text as UTF-8 can hold it: a lone surrogate becomes U+FFFD."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def prompt_table(prompts: Sequence[Prompt]) -> pa.Table:
    """Prompts as rows of PROMPTS."""
    answers = (None if prompt.answer is None else make_storable(prompt.answer) for prompt in prompts)
    columns = {
        "prompt_id": _texts(prompt.id for prompt in prompts),
        "source_id": _texts(make_storable(prompt.source_id) for prompt in prompts),
        "messages": _message_lists([prompt.messages for prompt in prompts]),
        "answer": _texts(answers),
        "domain": _texts(make_storable(prompt.domain) for prompt in prompts),
        "language": _texts(prompt.language for prompt in prompts),
        "extra": _texts(_extra_text(prompt) for prompt in prompts),
    }
    return pa.table(columns, PROMPTS)


def _texts(values: Iterable[str | None]) -> pa.Array:
    """A column of texts. By polars, because pyarrow imports pandas to look at a list, which takes a quarter of a second."""
    return pl.Series(values, dtype=pl.String).to_arrow()


def _numbers(values: Iterable[int | None]) -> pa.Array:
    return pl.Series(values, dtype=pl.Int32).to_arrow()


def _message_lists(messages: Sequence[Sequence[Message]]) -> pa.Array:
    turns = [turn for listed in messages for turn in listed]
    roles = _texts(turn["role"] for turn in turns)
    contents = _texts(make_storable(turn["content"]) for turn in turns)
    starts = _numbers(accumulate(map(len, messages), initial=0))
    flat = pa.StructArray.from_arrays([roles, contents], ["role", "content"])
    return pa.ListArray.from_arrays(starts, flat).cast(MESSAGES)


def _extra_text(prompt: Prompt) -> str | None:
    return json.dumps(prompt.extra, ensure_ascii=True, default=str) if prompt.extra else None


def prompt_from_row(row: dict[str, Any]) -> Prompt:
    """A row of PROMPTS as a prompt."""
    turns = tuple(Message(role=m["role"], content=m["content"]) for m in row["messages"])
    extra = json.loads(row["extra"]) if row["extra"] else {}
    return Prompt(
        row["prompt_id"], turns, row["answer"], row["source_id"], row["domain"], row["language"], extra
    )


def sample_row(
    sample: Sample,
    status: Status = "whole",
    prompt_tokens: int | None = None,
    seed: int | None = None,
    error: str | None = None,
) -> dict[str, Any]:
    """A sample, and what producing it took, as a row of SAMPLES."""
    return {
        "sample_id": sample.id,
        "prompt_id": sample.prompt.id,
        "index": sample.index,
        "response": make_storable(sample.response),
        "status": status,
        "finish": sample.finish,
        "prompt_tokens": prompt_tokens,
        "tokens": sample.tokens,
        "seed": seed,
        "error": error,
    }


def sample_table(samples: Sequence[Sample]) -> pa.Table:
    """Whole samples of which nobody knows what producing them took, as rows of SAMPLES."""
    unknown = pa.nulls(len(samples))
    columns = {
        "sample_id": _texts(sample.id for sample in samples),
        "prompt_id": _texts(sample.prompt.id for sample in samples),
        "index": _numbers(sample.index for sample in samples),
        "response": _texts(make_storable(sample.response) for sample in samples),
        "status": _texts("whole" for _ in samples),
        "finish": _texts(sample.finish for sample in samples),
        "prompt_tokens": unknown,
        "tokens": _numbers(sample.tokens for sample in samples),
        "seed": unknown,
        "error": unknown,
    }
    return pa.table(columns, SAMPLES)


def sample_from_row(row: dict[str, Any], prompt: Prompt) -> Sample:
    """A row of SAMPLES as a sample."""
    return Sample(row["sample_id"], prompt, row["response"], row["index"], row["tokens"], row["finish"])


def verdict_row(sample_id: str, verdict: Verdict) -> dict[str, Any]:
    """A verdict as a row of VERDICTS."""
    start, end = verdict.span or (None, None)
    return {
        "sample_id": sample_id,
        "ok": verdict.ok,
        "reason": make_storable(verdict.reason),
        "score": verdict.score,
        "span_start": start,
        "span_end": end,
    }


def verdict_table(ids: Sequence[str] | pa.StringArray, verdicts: Sequence[Verdict]) -> pa.Table:
    """The verdicts on some samples as rows of VERDICTS."""
    spans = [verdict.span or (None, None) for verdict in verdicts]
    columns = {
        "sample_id": ids,
        "ok": [verdict.ok for verdict in verdicts],
        "reason": [make_storable(verdict.reason) for verdict in verdicts],
        "score": [verdict.score for verdict in verdicts],
        "span_start": [span[0] for span in spans],
        "span_end": [span[1] for span in spans],
    }
    return pa.table(columns, VERDICTS)


def verdict_from_row(row: dict[str, Any]) -> Verdict:
    """A row of VERDICTS as a verdict."""
    span = None if row["span_start"] is None else (row["span_start"], row["span_end"])
    return Verdict(row["ok"], row["reason"], row["score"], span)
