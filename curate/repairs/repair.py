"""Repairing references: doubtful ones are put to a judge, and those that it finds wrong are replaced beside the prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from curate.calibration.calibrate import find_calibration, key_calibration
from curate.calibration.calibration import Calibration
from curate.checking.judge_gate import calibrate_check
from curate.event_loop import run_async
from curate.progress import open_meter
from curate.repairs.ask_judge import ENGINE_FAILED, Opinion, ask_judge
from curate.repairs.judge_anew import judge_anew
from curate.repairs.suspects import SUSPICION, Suspect, find_suspects, key_evaluations
from curate.store.journal_lines import remove_journal
from curate.store.layout import EVALUATION, Run
from curate.store.parquet import write_part
from curate.store.repairs import Repairs, read_repairs
from curate.store.schema import REPAIRS
from curate.store.storage import STORAGE
from curate.store.verdicts import digest_parts, require_current
from filters.check import EngineCheck
from filters.errors import UserError
from filters.judges.language_model import PanelCheck
from filters.spec import CheckSpec

LACKS_REFERENCE: Final = "no_reference"
"""The rule that tells a check which compares with a reference."""


@dataclass(frozen=True, slots=True)
class RepairCounts:
    """How many references were doubtful, what a judge said of them, and how many samples are judged by repaired ones.

    why_not: why nothing was repaired, for a sentence; empty where the judge was asked.
    """

    asked: int = 0
    repaired: int = 0
    failed: int = 0
    why_not: str = ""

    def describe(self, name: str) -> str:
        """What came of it, in a sentence."""
        if self.why_not:
            return f"No reference of {name} was repaired: {self.why_not}."
        failed = f"; of {self.failed:,} the engine gave no answer, which the same command asks for again"
        return (
            f"References of {name}: all samples of {self.asked:,} prompts speak against theirs; the judge agreed with the "
            f"samples in both orders on {self.repaired:,}, which were repaired{failed if self.failed else ''}."
        )


def require_repairable(name: str | None, specs: Sequence[CheckSpec]) -> tuple[CheckSpec, list[CheckSpec]]:
    """The judge among the checks, and the rules that judge by references. Raises UserError where nothing can be repaired with them."""
    if name is not None and name.startswith(EVALUATION):
        raise UserError(
            f"'{name}' is an evaluation: its references are what a model is measured by, and are never repaired."
        )
    judges = [spec for spec in specs if _is_judge(spec)]
    if len(judges) != 1:
        raise UserError(
            f"--repair asks one judge which answer is right, and there are {len(judges)} among the checks: "
            "give one, as --check judge:engine.kind=server,engine.model=NAME,engine.endpoints=[URL]."
        )
    rules = [spec for spec in specs if _judges_by_reference(spec)]
    if not any(spec.build().role == "verifier" for spec in rules):
        raise UserError(
            "--repair judges anew by the repaired references: give the rule, too, as --check math_answer."
        )
    return judges[0], rules


def _is_judge(spec: CheckSpec) -> bool:
    check = spec.build()
    return isinstance(check, PanelCheck) and check.calibrated == "answers"


def _judges_by_reference(spec: CheckSpec) -> bool:
    check = spec.build()
    return (
        not isinstance(check, EngineCheck)
        and not check.resident
        and check.scope != "set"
        and LACKS_REFERENCE in check.rules
    )


def repair_references(
    run: Run, name: str, specs: Sequence[CheckSpec], workers: int | None = None
) -> RepairCounts:
    """Repair the references of the prompts that `samples(name)` answer, and judge anew by them; once more, only what has changed.

    specs: a judge and the rules, whose verdicts are there. Prompts, samples and all other verdicts stay as they are. A judge
    whose error rate is not known is calibrated first, where there is anything to ask it; one whose rate is not within its bounds
    is not asked. Raises UserError where verdicts are stale, and WorkUndone where the judge's engine keeps failing.
    """
    judge, rules = require_repairable(name, specs)
    what = f"the verdicts on '{name}' in '{run.path}'"
    with STORAGE.lock(run.lock("verdicts", name), what):
        require_current(run, name, [spec.label for spec in rules])
        found = _find_or_ask(run, name, judge, rules, workers)
        if isinstance(found, Calibration):
            return RepairCounts(why_not=f"'{judge.label}' is not reliable ({'; '.join(found.faults)})")
        judge_anew(run, name, rules, found, workers)
    failed = int(found.rows["ok"].null_count())
    return RepairCounts(found.rows.height, found.done.height, failed)


def _find_or_ask(
    run: Run, name: str, judge: CheckSpec, rules: Sequence[CheckSpec], workers: int | None
) -> Repairs | Calibration:
    """The repairs as they are where nothing that they rest on has changed, and all was said; else made anew.

    A judge that was not tried yet is so as soon as a reference is doubtful. Its calibration, where it may not decide.
    """
    check = judge.build()
    verifiers = [spec for spec in rules if spec.build().role == "verifier"]
    assert isinstance(check, PanelCheck)
    tried = find_calibration(run, name, judge)
    if tried is not None and not tried.reliable:
        return tried
    by = {
        "label": judge.label, "model": check.engine.model, "digest": check.digest, "calibration": key_calibration(check),
    }  # fmt: skip
    about = {
        "judge": by,
        "parts": digest_parts(run, name),
        "rules": [spec.build().digest for spec in (*verifiers, SUSPICION)],
        "evaluations": key_evaluations(run),
    }
    before = read_repairs(run, name)
    if tried and before and before.about == about and not before.rows["ok"].null_count():
        return before
    suspects = find_suspects(run, name, verifiers, workers)
    if tried is None and suspects:
        tried = calibrate_check(run, name, judge)
        if not tried.reliable:
            return tried
    return _ask(run, name, check, suspects, about, before, tried.engine if tried else "")


def _ask(
    run: Run,
    name: str,
    check: PanelCheck,
    suspects: Sequence[Suspect],
    about: Mapping[str, Any],
    before: Repairs | None,
    tried: str,
) -> Repairs:
    """The judge's opinions as the file of repairs. tried: the identity of the engine whose error rates are known."""
    with open_meter(f"references of {name}", len(suspects)) as meter:
        asking = partial(ask_judge, run, name, check, suspects, _list_known(before), meter.advance, tried)
        opinions = run_async(asking())
    rows = [_make_row(*pair) for pair in zip(suspects, opinions, strict=True)]
    write_part(run.repairs(name), rows, REPAIRS, about)
    if not any(ENGINE_FAILED in opinion.choices for opinion in opinions):
        remove_journal(run.repair_journal(name))
    made = read_repairs(run, name)
    assert made is not None, "it was written"
    return made


def _list_known(before: Repairs | None) -> dict[str, Opinion]:
    """What was said in earlier tries, by what was asked."""
    rows = [] if before is None else before.rows.select("choices", "reasons", "key").rows()
    return {
        key: Opinion(choices, reasons, key) for choices, reasons, key in rows if ENGINE_FAILED not in choices
    }


def _make_row(suspect: Suspect, opinion: Opinion) -> dict[str, Any]:
    return {
        "prompt_id": suspect.prompt.id,
        "ok": opinion.agrees,
        "reference": suspect.prompt.answer,
        "answer": suspect.answer,
        "samples": suspect.samples,
        "votes": suspect.votes,
        "choices": list(opinion.choices),
        "reasons": list(opinion.reasons),
        "key": opinion.key,
    }
