"""How often each prompt was answered right: one row a prompt, with the rule its sampling stopped by.

RUN/rates/NAME.parquet is written after every `generate`; RL picks its prompts by it, and a report shows how hard a
set was for its teacher.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from curate.folder import Run, checked_name, writing_aside
from curate.known import Known
from curate.stopping import StoppingRule, pass_rate
from curate.tables import chunks

SCHEMA = pa.schema(
    [
        ("prompt_id", pa.string()),
        ("samples", pa.int32()),
        ("accepted", pa.int32()),
        ("undecided", pa.int32()),
        ("enough", pa.bool_()),
        ("pass_rate", pa.float64()),
    ]
)
"""enough: it stopped at its K-th accepted sample. pass_rate: unbiased, null where undefined; see curate.stopping."""
ROWS = 50_000


def rates_path(run: Run, name: str) -> Path:
    """Where the rates of `samples(name)` stand."""
    return run.path / "rates" / f"{checked_name(name)}.parquet"


def write_rates(run: Run, name: str, rule: StoppingRule, known: Known) -> None:
    """Write the rates of all prompts, in the order of their ids, a part of them in memory at a time."""
    with writing_aside(rates_path(run, name)) as aside, pq.ParquetWriter(aside, SCHEMA) as writer:
        for chunk in chunks((_row(rule, *group) for group in known.groups()), ROWS):
            columns = [
                pa.array(column, field.type)
                for column, field in zip(zip(*chunk, strict=True), SCHEMA, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=SCHEMA))


def _row(
    rule: StoppingRule, prompt_id: str, verdicts: Mapping[int, bool | None]
) -> tuple[str, int, int, int, bool, float | None]:
    accepted = sum(ok is True for ok in verdicts.values())
    undecided = sum(ok is None for ok in verdicts.values())
    enough = rule.accept is not None and accepted >= rule.accept
    return prompt_id, len(verdicts), accepted, undecided, enough, pass_rate(rule, verdicts)
