"""How often each prompt was answered right: one row a prompt, with the rule its sampling stopped by.

RUN/rates/NAME.parquet is written after every `generate`; RL picks its prompts by it, `mix` takes the first samples by
it, and a report shows how hard a set was for its teacher. `pass_rate` is the unbiased estimate; `accepted` of
`samples` is not, where a prompt stops at its K-th accepted sample.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow.parquet as pq

from curate.sampling.stopping import PromptProgress, StoppingRule, estimate_pass_rate
from curate.store.layout import Run
from curate.store.parquet import split_chunks
from curate.store.schema import PASS_RATES
from curate.store.storable import make_table
from curate.store.verdict_index import VerdictIndex
from curate.store.whole_files import write_aside

ROWS = 50_000


def write_pass_rates(run: Run, name: str, rule: StoppingRule, known: VerdictIndex) -> None:
    """Write the rates of all prompts, in the order of their ids, a part of them in memory at a time."""
    with write_aside(run.pass_rates(name)) as aside, pq.ParquetWriter(aside, PASS_RATES) as writer:
        for chunk in split_chunks((_row(rule, *group) for group in known.groups()), ROWS):
            columns = dict(zip(PASS_RATES.names, map(list, zip(*chunk, strict=True)), strict=True))
            writer.write_table(make_table(columns, PASS_RATES))


def _row(
    rule: StoppingRule, prompt_id: str, verdicts: Mapping[int, bool | None]
) -> tuple[str, int, int, int, bool, float | None, int | None]:
    accepted = sum(ok is True for ok in verdicts.values())
    undecided = sum(ok is None for ok in verdicts.values())
    stopped_at = PromptProgress(rule, verdicts).enough_at
    rate = estimate_pass_rate(rule, verdicts)
    return prompt_id, len(verdicts), accepted, undecided, stopped_at is not None, rate, stopped_at
