"""The columns of a run's Parquet files, and the way between rows and the vocabulary's objects."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

from curate.store.storable import make_table
from filters.types import Message, Prompt, Sample, Status, Verdict, make_storable

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
        ("variant", pa.string()),
    ]
)
"""variant: of imported prompts, which rows of the same messages and answer, but other columns, this one stands for;
empty for those that were sampled, of which there is one each."""

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
        ("variant", pa.string()),
        ("content", pa.string()),
    ]
)
"""variant: which of its prompt's rows it answers. content: `filters.types.Sample.content`, by which verdicts belong
to it and not to another text of the same id."""


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
"""enough: it stopped at its K-th accepted sample. pass_rate: unbiased, null where undefined or
unfinished; see curate.sampling.stopping. stopped_at: the index of the K-th accepted sample, null where there are not
so many, or no K."""
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
        ("content", pa.string()),
    ]
)
"""content: that of the sample that was judged."""
LATER_COLUMNS: Final = ("variant", "content")
"""The columns that files of format 1 lack; read as null there."""


def prompt_table(prompts: Sequence[Prompt], variants: Sequence[str] | None = None) -> pa.Table:
    """Prompts as rows of PROMPTS, each with its variant where they were imported."""
    columns = {
        "prompt_id": [prompt.id for prompt in prompts],
        "source_id": [prompt.source_id for prompt in prompts],
        "messages": [prompt.messages for prompt in prompts],
        "answer": [prompt.answer for prompt in prompts],
        "domain": [prompt.domain for prompt in prompts],
        "language": [prompt.language for prompt in prompts],
        "extra": [_extra_text(prompt) for prompt in prompts],
        "variant": variants or [""] * len(prompts),
    }
    return make_table(columns, PROMPTS)


def _extra_text(prompt: Prompt) -> str | None:
    return json.dumps(prompt.extra, ensure_ascii=True, default=str) if prompt.extra else None


def name_variant(prompt: Prompt) -> str:
    """What tells rows of the same messages and answer apart by their other columns."""
    parts = (prompt.source_id, prompt.domain, prompt.language or "", _extra_text(prompt) or "")
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=8).hexdigest()


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
    variant: str = "",
) -> dict[str, Any]:
    """A sample, and what producing it took, as a row of SAMPLES.

    The response is as the table will hold it from here on, so that whatever is told of this row is told of what is read.
    """
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
        "variant": variant,
        "content": sample.content,
    }


def sample_table(samples: Sequence[Sample], contents: Sequence[str], variants: Sequence[str]) -> pa.Table:
    """Whole samples of which nobody knows what producing them took, as rows of SAMPLES."""
    unknown = [None] * len(samples)
    columns = {
        "sample_id": [sample.id for sample in samples],
        "prompt_id": [sample.prompt.id for sample in samples],
        "index": [sample.index for sample in samples],
        "response": [sample.response for sample in samples],
        "status": ["whole"] * len(samples),
        "finish": [sample.finish for sample in samples],
        "prompt_tokens": unknown,
        "tokens": [sample.tokens for sample in samples],
        "seed": unknown,
        "error": unknown,
        "variant": variants,
        "content": contents,
    }
    return make_table(columns, SAMPLES)


def sample_from_row(row: dict[str, Any], prompt: Prompt) -> Sample:
    """A row of SAMPLES as a sample."""
    return Sample(row["sample_id"], prompt, row["response"], row["index"], row["tokens"], row["finish"])


def verdict_row(sample_id: str, content: str | None, verdict: Verdict) -> dict[str, Any]:
    """A verdict on a sample as a row of VERDICTS."""
    start, end = verdict.span or (None, None)
    return {
        "sample_id": sample_id,
        "ok": verdict.ok,
        "reason": verdict.reason,
        "score": verdict.score,
        "span_start": start,
        "span_end": end,
        "content": content,
    }


def verdict_table(
    ids: Sequence[str] | pa.StringArray, contents: Sequence[str] | pa.StringArray, verdicts: Sequence[Verdict]
) -> pa.Table:
    """The verdicts on some samples as rows of VERDICTS."""
    spans = [verdict.span or (None, None) for verdict in verdicts]
    columns = {
        "sample_id": ids,
        "ok": [verdict.ok for verdict in verdicts],
        "reason": [verdict.reason for verdict in verdicts],
        "score": [verdict.score for verdict in verdicts],
        "span_start": [span[0] for span in spans],
        "span_end": [span[1] for span in spans],
        "content": contents,
    }
    return make_table(columns, VERDICTS)


def verdict_from_row(row: dict[str, Any]) -> Verdict:
    """A row of VERDICTS as a verdict."""
    span = None if row["span_start"] is None else (row["span_start"], row["span_end"])
    return Verdict(row["ok"], row["reason"], row["score"], span)
