"""What the models that checks ask will cost: a judge reads every answer that no rule decides, and that is paid for, too.

What a run asks follows from a pilot of it: how many samples the check before leaves of each prompt, and what one of them took.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import polars as pl
from rich.table import Table

from curate.calibration.calibrate import key_calibration, needs_calibration
from curate.calibration.calibration import read_calibration
from curate.sampling.cost_estimate import Estimate, estimate_total
from curate.store.answer_journal import read_usage
from curate.store.joined import holds_verdicts, join_part, verdict_column
from curate.store.layout import Run, list_parts
from curate.store.parquet import read_part_info, scan_files
from curate.store.rules_and_judges import list_rules
from filters.check import Check, EngineCheck
from filters.spec import CheckSpec, place_judges

COLUMNS: Final = {
    "requests": "requests",
    "read": "tokens read, million",
    "written": "tokens written, million",
}
"""What a check's model is asked for, and its title."""


class JudgePilot(NamedTuple):
    """What a pilot says of one check that asks a model.

    left: by prompt, how many samples the check before left to it. each: what one of these took, as far as it is known, by the
    names of `COLUMNS`. doubts: what is not known, in words.
    """

    label: str
    left: Mapping[str, int]
    each: Mapping[str, float]
    doubts: tuple[str, ...]

    def estimate(
        self, finished: Sequence[str], prompts: int, most: int
    ) -> tuple[Estimate, dict[str, Estimate]]:
        """How many samples are left to it of all prompts, and what is asked for them. finished: the pilot's prompts. most: samples of one."""
        left = estimate_total([self.left.get(one, 0) for one in finished], prompts, most)
        asked = {of: Estimate(*(rate * end for end in left)) for of, rate in self.each.items()}
        return left, asked


def read_judge_pilots(
    run: Run, name: str, specs: Sequence[CheckSpec], entries: Sequence[Mapping[str, Any]]
) -> Iterator[JudgePilot]:
    """What `samples(name)` say of each check among these that asks a model. entries: the record of the checks that are asked for by then."""
    parts = list_parts(run.samples(name))
    digests = {entry["label"]: entry["digest"] for entry in entries}
    for spec in place_judges(specs, list_rules(entries)):
        check = spec.build()
        if not parts or not isinstance(check, EngineCheck):
            continue
        doubts = []
        before = spec.after
        if before and not _is_judged(run, name, before, digests.get(before)):
            doubts = [
                f"what '{before}' leaves to it is not known, as that has not judged the pilot: at most all"
            ]
            before = None
        left = _count_left(run, name, before)
        each, doubt = _measure(run, name, spec, check, sum(left.values()))
        yield JudgePilot(spec.label, left, each, (*doubts, *([doubt] if doubt else [])))


def _count_left(run: Run, name: str, before: str | None) -> Counter[str]:
    found: Counter[str] = Counter()
    for part in list_parts(run.samples(name)):
        if before is None:
            rows = scan_files([part]).select("prompt_id").collect()
        else:
            rows = join_part(run, name, part, [before], ("prompt_id",)).filter(
                pl.col(verdict_column(before)).is_null()
            )
        found.update(rows["prompt_id"].to_list())
    return found


def _measure(run: Run, name: str, spec: CheckSpec, check: Check, left: int) -> tuple[dict[str, float], str]:
    """What the check was asked for a sample that was left to it, and what is not known of that."""
    if _is_closed(run, name, spec, check):
        return dict.fromkeys(COLUMNS, 0.0), "it may not decide (judge_unreliable), so that nothing is asked"
    usage = read_usage(run, name, spec.label) if _is_judged(run, name, spec.label, check.digest) else None
    if not left or usage is None:
        why = "it has not judged the pilot" if left else "nothing of the pilot is left to it"
        return {}, f"{why}, so that its requests and tokens are not known"
    each = {"requests": usage.requests / left}
    if usage.uncounted:
        return each, "nobody counted the tokens of all its requests"
    return {**each, "read": usage.prompt_tokens / left, "written": usage.completion_tokens / left}, ""


def _is_closed(run: Run, name: str, spec: CheckSpec, check: Check) -> bool:
    found = read_calibration(run, name, spec.label) if needs_calibration(check) else None
    return found is not None and not found.reliable and found.digest == key_calibration(check)


def _is_judged(run: Run, name: str, label: str, digest: str | None) -> bool:
    """Whether this very check has judged all samples there are."""
    files = [run.sidecar(name, label, part) for part in list_parts(run.samples(name))]
    return all(
        holds_verdicts(file) and (read_part_info(file) or {}).get("digest") == digest for file in files
    )


def judge_cost_table(
    pilots: Sequence[JudgePilot], finished: Sequence[str], prompts: int, most: int, price: float | None
) -> Table | None:
    """What the judges of a whole run will be asked, with 95% intervals; None without a judge. price: of a million sampled tokens."""
    if not pilots or not finished:
        return None
    titles = [
        "check",
        "samples left to it",
        *COLUMNS.values(),
        *(["price of those written"] if price else []),
    ]
    table = Table(*titles, title="judges, estimated, with 95% intervals")
    scales = [("requests", 1.0, 0), ("read", 1e6, 2), ("written", 1e6, 2)]
    scales += [("written", 1e6 / price, 2)] if price else []
    for one in pilots:
        left, asked = one.estimate(finished, prompts, most)
        cells = [
            asked[of].format(scale, digits) if of in asked else "not known" for of, scale, digits in scales
        ]
        table.add_row(one.label, left.format(), *cells)
    notes = ["what a sample left to it takes is as in the pilot; calibrations are made once, and not counted"]
    if price:
        notes.append(
            "the price is that of sampled tokens: of tokens read, and of another model, none is known"
        )
    notes += [f"{one.label}: {doubt}" for one in pilots for doubt in one.doubts]
    table.caption = "; ".join(notes)
    return table
