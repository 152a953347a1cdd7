"""With which model and settings samples were generated, so that those of another are never mixed with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import pyarrow.compute as pc
import pyarrow.parquet as pq

from curate.sampling.prompting import AskOptions
from curate.sampling.stopping import StoppingRule
from curate.store.journal_lines import read_journal, remove_journal
from curate.store.layout import PARTIAL, Run, list_parts
from curate.store.storage import STORAGE
from curate.store.whole_files import read_json, remove_file, write_json
from filters.engine import EngineOptions, SamplingOptions
from filters.errors import UserError
from filters.spec import CheckSpec

TOLD: Final = ("model", "revision", "stopping", "in_force")
"""What is told, but may change between calls: names where the weights are the same, how many samples are made, and
the settings that an engine had in force."""


def describe_generation(
    identity: str, engine: EngineOptions, sampling: SamplingOptions, ask: AskOptions
) -> dict[str, Any]:
    """The settings that all samples of one name share."""
    return {
        "model": engine.model,
        "revision": engine.revision,
        "identity": identity,
        **sampling.model_dump(mode="json"),
        **({} if ask.bare else {"ask": ask.model_dump(mode="json")}),
        **({} if ask.kind == "reasoning" else {"kind": ask.kind}),
    }


def describe_stopping(rule: StoppingRule, rules: Sequence[CheckSpec]) -> dict[str, Any]:
    """When a prompt was sampled enough, and by which checks' acceptance: what a choice of the first samples needs."""
    asked = rule.model_dump(mode="json", include={"samples", "accept", "escalate"})
    return {**asked, "checks": [spec.label for spec in rules]}


def require_same_generation(run: Run, name: str, now: Mapping[str, Any]) -> None:
    """Raise UserError, naming what changed, where there are samples with other settings, or of a file."""
    before = read_json(run.generation(name))
    if run.import_info(name).exists():
        raise UserError(f"Samples '{name}' in '{run.path}' came from a file; give these another --name.")
    if (before is None or _compared(before) != _compared(now)) and _has_answers(run, name):
        raise UserError(_explain_difference(run, name, before, now))


def require_kept_generation(run: Run, name: str, now: Mapping[str, Any]) -> None:
    """Raise UserError, naming what changed, where these settings are not those that a job of an array was written for."""
    before = read_json(run.generation(name))
    if not isinstance(before, dict) or _compared(before) != _compared(now):
        changes = list_changes(_compared(before), _compared(now))
        raise UserError(
            f"What samples '{name}' in '{run.path}' are made with is not what it was when this job was written ({changes}; "
            "identity is the model's files, its template and the examples): restore it, or give the command with --on "
            "slurm:N again, and submit what that writes."
        )


def forget_failures(run: Run, name: str, now: Mapping[str, Any]) -> None:
    """Take away what came of other settings, with which nothing but failures came; and the prompts, which say how they were asked."""
    before = read_json(run.generation(name))
    if isinstance(before, dict) and _compared(before) == _compared(now):
        return
    for part in list_parts(run.samples(name), PARTIAL):
        remove_file(part)
    for segment in ("", *run.list_segments(name)):
        remove_journal(run.journal(name, segment))
    for part in list_parts(run.prompts(name)):
        remove_file(part)


def write_generation(run: Run, name: str, now: Mapping[str, Any]) -> None:
    """Keep the settings; what is told beside them stays where they are the same."""
    path = run.generation(name)
    before = read_json(path)
    if isinstance(before, dict) and _compared(before) == _compared(now):
        now = {**before, **now}
    if now != before:
        write_json(path, now)


def note_in_force(run: Run, name: str, in_force: Mapping[str, object]) -> None:
    """Keep the settings that the engine had in force; several samplers may at once."""
    with STORAGE.lock(run.lock("generation", name), f"the settings of '{name}' in '{run.path}'", wait=True):
        about = read_json(run.generation(name))
        if in_force and about.get("in_force") != in_force:
            write_json(run.generation(name), {**about, "in_force": dict(in_force)})


def list_changes(before: Mapping[str, Any], now: Mapping[str, Any], but: Collection[str] = ()) -> str:
    """What differs between two settings, each with what it was and is; empty where nothing does. but: what may."""
    keys = [key for key in {**before, **now} if key not in but and before.get(key) != now.get(key)]
    return "; ".join(f"{key} {before.get(key)!r} -> {now.get(key)!r}" for key in keys)


def _compared(settings: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(settings, dict):
        return {}
    return {key: value for key, value in settings.items() if key not in TOLD}


def _has_answers(run: Run, name: str) -> bool:
    """Whether anything was paid for: a sample that is more than a failure."""
    if list_parts(run.samples(name)):
        return True
    for part in list_parts(run.samples(name), PARTIAL):
        if pc.any(pc.not_equal(pq.read_table(part, columns=["status"])["status"], "failed")).as_py():
            return True
    journals = [run.journal(name, segment) for segment in ("", *run.list_segments(name))]
    return any(row.get("status", "failed") != "failed" for path in journals for row in read_journal(path))


def _explain_difference(run: Run, name: str, before: Any, now: Mapping[str, Any]) -> str:
    if not (isinstance(before, dict) and "identity" in before):
        return (
            f"'{run.generation(name)}' does not say with which model the samples there were generated: it was lost, or "
            "changed by hand. Restore it, or give these another --name."
        )
    return (
        f"Samples '{name}' in '{run.path}' were generated with different settings ({list_changes(before, now, TOLD)}); "
        "give these another --name, or another --run."
    )
