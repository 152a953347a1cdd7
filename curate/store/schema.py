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
        ("row_source", pa.string()),
        ("chain", pa.string()),
    ]
)
"""row_source: where its owner has it from. chain: as `filters.types.Prompt` has it. variant: of imported prompts, which rows of the same messages and answer, but other columns, this one stands for;
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
        ("row_id", pa.string()),
        ("row_source", pa.string()),
        ("metadata", pa.large_string()),
        ("reference_before", pa.large_string()),
    ]
)
"""The columns of a set: TRL's conversational prompt and completion, and where each row came from. source: the ingredient; row_id,
row_source and metadata (a JSON object): what the row's owner calls it, has it from and says of it. reference_before: the reference
that `answer` takes the place of, where it was repaired; else null."""
SET_WITH_REPEATS: Final = SET.append(pa.field("repeat", pa.int32()))
"""The columns of a set that was asked to hold rows several times: of each the how many-th it is of its id, from 0."""
REPAIRS: Final = pa.schema(
    [
        ("prompt_id", pa.string()),
        ("ok", pa.bool_()),
        ("reference", pa.large_string()),
        ("answer", pa.large_string()),
        ("samples", pa.int32()),
        ("votes", pa.int32()),
        ("choices", pa.list_(pa.string())),
        ("reasons", pa.list_(pa.large_string())),
        ("key", pa.string()),
    ]
)
"""One row for each reference that all samples of its prompt speak against. ok: whether the judge agreed with them in both orders; null
where it could not be asked. reference, answer: the prompt's own, as it stands, and the samples'. samples: of the prompt. votes: those that gave
the answer; the others were cut off before one. choices, reasons: the judge's, by order. key: of what was asked of whom."""
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
LATER_COLUMNS: Final = ("variant", "content", "row_source", "chain")
"""The columns that files of earlier versions lack; read as null there."""


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
        "row_source": [prompt.source for prompt in prompts],
        "chain": [prompt.chain for prompt in prompts],
    }
    return make_table(columns, PROMPTS)


def _extra_text(prompt: Prompt) -> str | None:
    if not prompt.extra:
        return None
    text = json.dumps(prompt.extra, ensure_ascii=False, default=str)
    try:
        text.encode()
    except UnicodeEncodeError:  # an escape can name what a table cannot hold
        return json.dumps(prompt.extra, default=str)
    return text


def name_variant(prompt: Prompt) -> str:
    """What tells rows of the same messages and answer apart by their other columns."""
    parts = (prompt.source_id, prompt.domain, prompt.language or "", _extra_text(prompt) or "", prompt.source)
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=8).hexdigest()


def prompt_from_row(row: dict[str, Any]) -> Prompt:
    """A row of PROMPTS as a prompt."""
    turns = tuple(Message(role=m["role"], content=m["content"]) for m in row["messages"])
    extra = json.loads(row["extra"]) if row["extra"] else {}
    return Prompt(
        row["prompt_id"], turns, row["answer"], row["source_id"], row["domain"], row["language"], extra,
        row.get("row_source") or "", row.get("chain") or "",
    )  # fmt: skip


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
