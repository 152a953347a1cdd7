"""Verdicts beside the samples: which checks were asked for, and what a sidecar says of the check that made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from curate.store.joined import EITHER, holds_verdicts
from curate.store.layout import PART, Run, list_parts
from curate.store.parquet import count_rows, read_part_info
from curate.store.repairs import REPAIR_SUFFIX, find_repair_fault
from curate.store.rules_and_judges import find_part, find_rule
from curate.store.storage import STORAGE
from curate.store.whole_files import read_json, write_json
from filters.check import Role
from filters.digest import digest, digest_file
from filters.errors import UserError
from filters.registry import find_check_class, is_built_in, make_check
from filters.spec import CheckSpec, is_judge_of_answers, is_rule_of_answers

Command = Literal["generate", "verify", "filter"]
GIVEN: Final = "given"
"""The check that is named where verdicts are a file's own."""
NOT_GIVEN: Final = "not_given"
"""The reason of a verdict that is none: the row does not say."""
NO_CALIBRATION: Final = "none"
"""Stands in a sidecar in the place of a calibration's key where there was no calibration."""
COMMANDS: Final[tuple[Command, ...]] = ("generate", "verify", "filter")
"""The commands that run checks on samples, in the order of the work."""


def describe_check(spec: CheckSpec) -> dict[str, Any]:
    """What a sidecar's metadata says of the check that made it."""
    check = spec.build()
    about = {
        "check": spec.check,
        "label": spec.label,
        "digest": check.digest,
        "version": check.version,
        "options": spec.options,
    }
    code = check.own_code
    return about if code is None else {**about, "code": {"file": code.file, "digest": code.digest}}


def describe_sidecar(run: Run, name: str, spec: CheckSpec, part: Path) -> dict[str, Any]:
    """All that the metadata of a fresh sidecar says: the check, and the other verdicts and samples it depends on.

    Raises UserError where the check comes after one that has no verdicts yet.
    """
    info = describe_check(spec)
    if spec.after:
        before = run.sidecar(name, spec.after, part)
        if not holds_verdicts(before):
            raise UserError(
                f"'{spec.label}' comes after '{spec.after}', which has no verdicts on '{name}' yet."
            )
        info["after"] = {"label": spec.after, "digest": read_part_info(before)["digest"]}
    if spec.build().scope == "prompt":
        # With more samples a prompt's verdicts may be others.
        info["parts"] = digest_parts(run, name)
    if spec.build().calibrated:
        info["calibration"] = _key_gate(run, name, spec.label)
    return info


def _key_gate(run: Run, name: str, label: str) -> str:
    """What a calibration says of whether its check may decide, as a content key; verdicts from before it are stale."""
    about = read_json(run.calibration(name, label))
    return NO_CALIBRATION if about is None else digest(about.get("digest"), about.get("faults"))


def digest_parts(run: Run, name: str) -> str:
    """The content key of the list of parts: parts never change, but their number grows."""
    return digest([(part.name, count_rows(part)) for part in list_parts(run.samples(name))])


def record_checks(run: Run, name: str, specs: Sequence[CheckSpec], command: Command) -> None:
    """Keep which checks a command asked for, in order: those of the last `generate`, `verify` and `filter` decide."""
    about = read_record(run, name)
    now = add_request(about, specs, command)
    if now != about:
        write_json(run.checks(name), now)


def add_request(about: Mapping[str, Any], specs: Sequence[CheckSpec], command: Command) -> dict[str, Any]:
    """The record of checks once a command has asked for these."""
    known = {entry["label"]: entry for entry in about["checks"]}
    known |= {spec.label: _describe_asked(spec) for spec in specs}
    asked = {**about["asked"], command: [spec.label for spec in specs]}
    return {"checks": list(known.values()), "asked": asked}


def describe_given(label: str) -> dict[str, Any]:
    """What a sidecar says of verdicts that a file's rows brought along."""
    return {"check": GIVEN, "label": label, "digest": GIVEN, "version": 1, "options": {}}


def record_unasked(run: Run, name: str, entries: Sequence[Mapping[str, Any]]) -> None:
    """Keep checks that no command asked for by name, in place of those with their labels: they decide where they are named."""
    about = read_record(run, name)
    now = add_unasked(about, entries)
    if now != about:
        write_json(run.checks(name), now)


def add_unasked(about: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The record of checks with some that no command asked for by name."""
    known = {entry["label"]: entry for entry in (*about["checks"], *entries)}
    return {"checks": list(known.values()), "asked": about["asked"]}


def _describe_asked(spec: CheckSpec) -> dict[str, Any]:
    check = spec.build()
    after = {"after": spec.after} if spec.after else {}
    hides = {"hides_text": True} if check.hides_text else {}
    part = "judge" if is_judge_of_answers(check) else "rule" if is_rule_of_answers(check) else ""
    answers = {"answers": part} if part else {}
    return {**describe_check(spec), "role": check.role, **answers, **hides, **after}


def read_record(run: Run, name: str) -> dict[str, Any]:
    """What is kept of the checks on `samples(name)`: `checks`, each as it was last asked for, and `asked`, labels by command."""
    found = read_json(run.checks(name)) or []
    if isinstance(found, list):  # format 1 did not tell the commands apart
        return {"checks": found, "asked": {"earlier": [entry["label"] for entry in found]} if found else {}}
    if not (isinstance(found, dict) and {"checks", "asked"} <= found.keys()):
        raise UserError(f"'{run.checks(name)}' was changed by hand: run verify and filter again without it.")
    about: dict[str, Any] = found
    return about


def read_checks(run: Run, name: str) -> list[dict[str, Any]]:
    """The checks asked for so far, in order, each as `describe_check` gives it, with its role."""
    found: list[dict[str, Any]] = read_record(run, name)["checks"]
    return found


def read_role(entry: Mapping[str, Any]) -> Role:
    """A check's role as it was recorded; runs made before roles were recorded name only our own checks."""
    role: Role | None = entry.get("role")
    if role is None:
        role = find_check_class(entry["check"]).role if is_built_in(entry["check"]) else "verifier"
    return role


def list_labels(run: Run, name: str) -> list[str]:
    """The labels of the checks asked for so far, in order."""
    return [entry["label"] for entry in read_checks(run, name)]


def list_given_labels(run: Run, name: str) -> list[str]:
    """The labels of verdicts that the rows of an import brought along."""
    return [entry["label"] for entry in read_checks(run, name) if entry["check"] == GIVEN]


def require_recorded(run: Run, name: str) -> None:
    """Refuse verdicts of which there is no record that they were asked for: nobody knows whether they should decide."""
    known = list_labels(run, name)
    folders = sorted(path for path in run.verdicts(name).glob("[!.]*") if path.is_dir())
    odd = [f.name for f in folders if f.name not in known and STORAGE.list_files(f, PART, ".parquet")]
    if odd:
        raise UserError(
            f"There are verdicts of '{odd[0]}' on '{name}', but '{run.checks(name)}' does not say that they were asked "
            "for: it was changed by hand. Run verify and filter again, or name the checks that decide."
        )


def list_deciding_labels(run: Run, name: str) -> list[str]:
    """What the last generate, verify and filter asked for decides, as `choose_deciding` has it."""
    return choose_deciding(read_record(run, name))


def choose_deciding(about: Mapping[str, Any]) -> list[str]:
    """The labels that decide by a record of checks: those of the last generate, verify and filter, in that order, each once.

    A check that comes after another decides with it, as `rule|judge`: it was asked only of what the other left undecided.
    """
    entries = {entry["label"]: entry for entry in about["checks"]}
    asked = [label for command in ("earlier", *COMMANDS) for label in about["asked"].get(command, ())]
    rules = [label for label in dict.fromkeys(asked) if find_part(entries.get(label)) == "rule"]
    after = {label: entry.get("after") or find_rule(entry, rules) for label, entry in entries.items()}
    # A rule's place is that of the first of its own: with it decide all that come after it.
    places: dict[str, list[str]] = {}
    for label in dict.fromkeys(asked):
        if label in after:
            first = label
            for _ in after:  # as often as there could be one before it
                first = after.get(first) or first
            chain = places.setdefault(first, [first])
            chain += [label] * (label not in chain)
    return [EITHER.join(chain) for chain in places.values()]


def require_current(run: Run, name: str, labels: Sequence[str]) -> None:
    """Refuse verdicts that are not those of the check as it was last asked for, on all the samples there are.

    Raises UserError, naming the check: its options have changed since on some of the samples, the verdicts it
    depends on, the samples of the prompts it compares, or its own code.
    """
    entries = {entry["label"]: entry for entry in read_checks(run, name)}
    now = ""  # the footers of all parts are read once at most
    for label in labels:
        entry = entries.get(label)
        if entry is None:
            continue
        by_repairs = label.endswith(REPAIR_SUFFIX)
        again = (
            "run verify with --repair again" if by_repairs else f"run verify or filter with '{label}' again"
        )
        if (code := entry.get("code")) and code["digest"] != (now_code := _digest_file(code["file"])):
            what = "is gone" if now_code is None else "has changed since it was run"
            raise UserError(f"The check '{label}' in '{code['file']}' {what}: {again}.")
        if _compares_with_others(entry):
            raise UserError(f"What '{label}' compares '{name}' with has changed since: {again}.")
        for part in list_parts(run.samples(name)):
            made = _read_info(run.sidecar(name, label, part))
            if made is not None and made.get("digest") != entry["digest"]:
                raise UserError(f"'{name}' has verdicts of '{label}' with other options on a part: {again}.")
            if made is not None and "parts" in made:
                now = now or digest_parts(run, name)
            if made is not None and made.get("parts", now) != now:
                raise UserError(f"Samples were added to '{name}' since '{label}' compared them: {again}.")
            if by_repairs and (fault := find_repair_fault(run, name, label, made, entries)):
                raise UserError(f"'{label}' on '{name}' is out of date, as {fault}: {again}.")
            after = (made or {}).get("after")
            if (
                after
                and (_read_info(run.sidecar(name, after["label"], part)) or {}).get("digest")
                != after["digest"]
            ):
                raise UserError(
                    f"'{after['label']}', which '{label}' comes after, was run anew on '{name}': {again}."
                )


def _compares_with_others(entry: Mapping[str, Any]) -> bool:
    """Whether files that a check of ours compares with have changed since; of those that are gone nobody can tell."""
    if not is_built_in(entry["check"]):
        return False
    try:
        check = make_check(entry["check"], entry.get("options"))
        return bool(check.compared_files) and check.digest != entry["digest"]
    except UserError:
        return False


def _read_info(sidecar: Path) -> dict[str, Any] | None:
    """What a sidecar says of itself; None where it is not there or damaged, which the join tells."""
    if not holds_verdicts(sidecar):
        return None
    return read_part_info(sidecar) or {}


def _digest_file(path: str) -> str | None:
    """The content key of a file as it is now; None where it is gone."""
    place = Path(path)
    return digest_file(place) if place.is_file() else None
