"""Which recorded checks say by rule what is correct and which ask a judge: a judge never decides what a rule has proved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from curate.store.joined import EITHER
from filters.check import EngineCheck
from filters.errors import UserError
from filters.registry import find_check_class, is_built_in


def find_rule(entry: Mapping[str, Any], rules: Sequence[str]) -> str | None:
    """The rule that a judge decides with that was not said to come after one: what that has proved stays so."""
    if find_part(entry) != "judge" or not rules:
        return None
    if len(rules) > 1:
        raise UserError(
            f"'{entry['label']}' decides only what a rule could not, and there are several ({', '.join(rules)}): run verify "
            f"again with the rule that it comes after, or name the checks that decide, as checks={rules[0]}|{entry['label']}."
        )
    return rules[0]


def find_part(entry: Mapping[str, Any] | None) -> str:
    """The part of a recorded check in what is correct: rule, judge, or none. Records of earlier versions name our own checks alone."""
    if entry is None or not is_built_in(entry["check"]):
        return "" if entry is None else str(entry.get("answers", ""))
    cls = find_check_class(entry["check"])
    if cls.role != "verifier" or not cls.needs_reference or cls.scope != "sample":
        return ""
    return "judge" if issubclass(cls, EngineCheck) else "rule"


def list_rules(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """The labels of the rules among recorded checks that say which samples are correct."""
    return [entry["label"] for entry in entries if find_part(entry) == "rule"]


def require_rules_first(entries: Sequence[Mapping[str, Any]], name: str, labels: Sequence[str]) -> None:
    """Refuse labels by which a judge would decide what a rule has proved. entries: the recorded checks on `samples(name)`. labels: as a source names them. Raises UserError."""
    parts = {entry["label"]: find_part(entry) for entry in entries}
    rules = [label for label, part in parts.items() if part == "rule"]
    for either in labels:
        singles = either.split(EITHER)
        judges = [place for place, single in enumerate(singles) if parts.get(single) == "judge"]
        if not judges or not rules:
            continue
        proved = [single for single in singles[: judges[0]] if single in rules]
        late = [single for single in singles[judges[0] :] if single in rules]
        if late or not proved:
            first, judge = (late or rules)[0], singles[judges[0]]
            raise UserError(
                f"By checks '{either}' of '{name}' the judge '{judge}' would decide what the rule '{first}' has proved: "
                f"write {first}{EITHER}{judge}."
            )
