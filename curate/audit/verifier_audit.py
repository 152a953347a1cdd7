"""How often a verifier errs, measured on the very references and samples it judged.

Three questions: does it accept each reference given as an answer; does it reject near misses of it; and does
a second rule agree on a sample of its verdicts? Beside them stands how many references are of which kind to it: a
verifier cannot err on what it does not decide. A verifier of programs is asked the first two of the solutions in
its rows (`program_audit`). The rates, with 95% intervals, go to RUN/verdicts/NAME/audit.json.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

import polars as pl
from rich.table import Table

from curate.audit.program_audit import measure_on_solutions
from curate.audit.rates import ErrorRates, Rate
from curate.calibration.calibration import CALIBRATION, Calibration
from curate.checking.executors.base import Executor
from curate.checking.executors.local import LocalExecutor
from curate.checking.reference_kinds import MEANINGS, ReferenceCounts
from curate.checking.references import compares_reference, count_references, runs_tests
from curate.intervals import format_percent, wilson_interval
from curate.store.hidden_texts import find_hidden_ids, find_hidden_prompts
from curate.store.joined import join_samples, verdict_column
from curate.store.layout import Run
from curate.store.parquet import scan_parts, split_chunks
from curate.store.prompts_by_id import PROMPT_KEY, find_prompts, read_prompt_key, read_prompts
from curate.store.whole_files import write_json
from filters.answers.extract.final_answer import extract_answer
from filters.answers.math_verify import ask_math_verify, is_installed
from filters.answers.near_misses import make_near_misses
from filters.answers.verdicts import extract_reference, quote_answer
from filters.checks.math_answer import is_formula
from filters.spec import CheckSpec
from filters.types import Prompt, Sample

PROMPTS = 1_000
"""References that are tried: enough for an interval of a few tenths of a percent around zero."""
SAMPLES = 500
"""Accepted samples, and as many rejected ones, that the second rule looks at."""
SHORT_ANSWERS: Final = ("math_answer", "number", "choice", "text")
"""The checks whose answers are found as `extract_answer` finds them, so that a second rule sees the same answer."""


class VerifierAudit(NamedTuple):
    """What an audit found: error rates, and by the label of each check that compares, how many references are of which kind."""

    rates: ErrorRates
    references: Mapping[str, ReferenceCounts]


def audit_verifiers(
    run: Run,
    name: str,
    specs: Sequence[CheckSpec],
    workers: int | None = None,
    judges: Mapping[str, Calibration] | None = None,
) -> VerifierAudit:
    """Audit the checks that compare with a reference or run tests, and store what was found beside their verdicts.

    judges: what was found of those that ask a model, by label, to be stored with it.
    """
    compare = [spec for spec in specs if compares_reference(spec)]
    test = [spec for spec in specs if runs_tests(spec)]
    audited = [*compare, *test]
    with LocalExecutor(audited, workers) as executor:
        hidden = find_hidden_prompts(run, name)
        found = _measure_on_references(_draw_prompts(run, name, hidden), compare, executor) if compare else {}
        references = count_references(read_prompts(run.prompts(name)), compare, executor, hidden)
        found |= {spec.label: measure_on_solutions(run, name, spec, executor) for spec in test}
    for spec in compare:
        if spec.check in SHORT_ANSWERS:
            found[spec.label] |= _compare_with_second_rule(run, name, spec)
    info = {
        spec.label: {
            "check": spec.check,
            "digest": spec.build().digest,
            "second_rule": choose_second_rule(spec) if spec.check in SHORT_ANSWERS else None,
            **{kind: rate.as_json() for kind, rate in found[spec.label].items()},
            **({"references": references[spec.label].as_json()} if spec.label in references else {}),
        }
        for spec in audited
    }
    for spec in specs:
        if judges and spec.label in judges:
            about = {"check": spec.check, "digest": spec.build().digest, "second_rule": None}
            info[spec.label] = {**about, CALIBRATION: judges[spec.label].as_json()}
    write_json(run.verifier_audit(name), info)
    return VerifierAudit(found, references)


def choose_second_rule(spec: CheckSpec) -> Literal["math_verify", "exact_text"]:
    """The rule that verdicts are compared with: Math-Verify knows nothing of tolerances, letters or aliases."""
    return "math_verify" if spec.check == "math_answer" and is_installed() else "exact_text"


def _draw_prompts(run: Run, name: str, hidden: Collection[str]) -> list[Prompt]:
    """Prompts with a reference that may be quoted, chosen by their ids, which are random digests."""
    shown = pl.col("answer").is_not_null() & ~pl.col("prompt_id").is_in(list(hidden))
    asked = scan_parts(run.prompts(name), later=("variant",)).filter(shown)
    ids = asked.select(PROMPT_KEY).unique("prompt_id", keep="first", maintain_order=True)
    return list(find_prompts(run.prompts(name), ids.sort("prompt_id").head(PROMPTS)).values())


def _measure_on_references(
    prompts: Sequence[Prompt], specs: Sequence[CheckSpec], executor: Executor
) -> dict[str, dict[str, Rate]]:
    """Whether references accept themselves and reject their near misses."""
    labels = [spec.label for spec in specs]
    meanings = {
        "false_reject": "own reference rejected",
        "false_accept": "near miss of the reference accepted",
    }
    found = {label: {kind: Rate(said) for kind, said in meanings.items()} for label in labels}
    for batch, verdicts in executor.judge_in_order(split_chunks(_restate_references(prompts), 128), labels):
        for label, given in verdicts.items():
            for sample, verdict in zip(batch, given, strict=True):
                own = sample.index == 0
                kind = "false_reject" if own else "false_accept"
                example = f"{quote_answer(sample.response)} for {quote_answer(extract_reference(sample))}"
                found[label][kind].add(verdict.ok is (not own), verdict.ok is None, example)
    return found


def _restate_references(prompts: Sequence[Prompt]) -> Iterator[Sample]:
    """Samples that answer with the reference (index 0) or a near miss of it."""
    references = [extract_reference(Sample("", prompt, "")) for prompt in prompts]
    for at, (prompt, reference) in enumerate(zip(prompts, references, strict=True)):
        if not reference:
            continue
        others = tuple(references[at + 1 : at + 20] + references[:20])
        for index, answer in enumerate([reference, *make_near_misses(reference, others)]):
            yield Sample(f"{prompt.id}-{index}", prompt, f"\\boxed{{{answer}}}", index)


def _compare_with_second_rule(run: Run, name: str, spec: CheckSpec) -> dict[str, Rate]:
    """Where the second rule contradicts verdicts; a mere difference of text contradicts no acceptance."""
    rule = choose_second_rule(spec)
    other = rule.replace("_", " ")
    found = {
        "second_rule_refuses": Rate(f"accepted, and {other} refuses"),
        "second_rule_accepts": Rate(f"rejected, and {other} accepts"),
    }
    for sample, ok in _draw_decided(run, name, spec):
        reference, answer = extract_reference(sample), extract_answer(sample.parts).text
        formulas = rule == "math_verify" and is_formula(reference) and is_formula(answer)
        equal = _normalize_text(reference) == _normalize_text(answer)
        if formulas and not equal:
            equal = ask_math_verify(reference, answer)
        if ok and not formulas:
            continue
        example = f"{quote_answer(answer)} for {quote_answer(reference)}"
        kind = "second_rule_refuses" if ok else "second_rule_accepts"
        found[kind].add(equal is not ok, False, example)
    return found


def _draw_decided(run: Run, name: str, spec: CheckSpec) -> Iterator[tuple[Sample, bool]]:
    """Some accepted and some rejected samples, chosen by a hash of their ids."""
    column = verdict_column(spec.label)
    ids = join_samples(run, name, [spec.label], ())
    ids = ids.filter(~pl.col("sample_id").is_in(list(find_hidden_ids(run, name))))
    order = pl.col("sample_id").hash(7)
    chosen = pl.concat(ids.filter(pl.col(column) == ok).sort(order).head(SAMPLES) for ok in (True, False))
    wanted = pl.col("sample_id").is_in(chosen["sample_id"].implode())
    rows = join_samples(run, name, [spec.label], (*PROMPT_KEY, "response"), where=wanted)
    by_id = find_prompts(run.prompts(name), rows.lazy())
    for row in rows.iter_rows(named=True):
        yield Sample(row["sample_id"], by_id[read_prompt_key(row)], row["response"]), row[column]


def _normalize_text(text: str) -> str:
    return " ".join(text.split()).casefold()


def reference_table(name: str, found: Mapping[str, ReferenceCounts]) -> Table:
    """How many references are of which kind to each check, as a table for the terminal."""
    table = Table("check", "reference", "of", "number", "share", "such as", title=f"{name}: references")
    for label, counts in found.items():
        table.add_section()
        for kind, meaning in MEANINGS.items():
            number, total = counts.kinds[kind], counts.total
            share = f"{format_percent(number / total, 2)}%" if total else "none tried"
            unread = counts.name_unread() if kind == "unread" else ""
            told = "" if kind == "value" else "; ".join(filter(None, [unread, counts.name_rows(kind)]))
            table.add_row(label, meaning, f"{total:,}", f"{number:,}", share, told)
    return table


def audit_table(name: str, found: ErrorRates) -> Table:
    """The rates as a table for the terminal."""
    table = Table("check", "error", "tried", "errors", "undecided", "rate, 95%", title=f"{name}: audit")
    for label, rates in found.items():
        table.add_section()
        for rate in rates.values():
            table.add_row(label, rate.meaning, *_rate_cells(rate))
    return table


def _rate_cells(rate: Rate) -> Iterable[str]:
    low, high = wilson_interval(rate.errors, rate.tried)
    share = (
        "{}% ({}% to {}%)".format(
            *(format_percent(number, 2) for number in (rate.errors / rate.tried, low, high))
        )
        if rate.tried
        else "none tried"
    )
    return f"{rate.tried:,}", f"{rate.errors:,}", f"{rate.undecided:,}", share
