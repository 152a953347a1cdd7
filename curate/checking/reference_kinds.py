"""What kinds of references there are to a check, told by its own verdicts, and what each kind means for samples.

A check is given the reference as if it were a response, and two other answers, 0 and A. That tells a reference that was
read whole from one that is only equal to its own letters; what the verdicts do not tell is not claimed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, get_args

from filters.answers.verdicts import extract_reference, find_unread
from filters.types import Prompt, Sample, Verdict

Kind = Literal["value", "words", "unread", "untold", "unusable", "missing"]
"""What a check makes of a reference.

value: it was read whole, since another answer is told from it. words: it is words, of which only the form is known.
unread: it was not read to its end. untold: it is accepted, and whether others are rejected is not known.
unusable: the check does not accept it even as the answer to itself. missing: there is none.
"""
MEANINGS: Final[Mapping[Kind, str]] = {
    "value": "read whole",
    "words": "in words",
    "unread": "not read whole",
    "untold": "accepted, and not told from 0 or A",
    "unusable": "not accepted as its own answer",
    "missing": "missing",
}
"""The kinds in the words of tables, reports and cards."""
ROWS_NAMED: Final = 5
"""Rows that a note names."""
UNREAD_NAMED: Final = 3
"""Things that were not read that a note names."""
UNREAD_KEPT: Final = 1_000
"""Different things not read that are counted: each reference can have another."""
_OTHERS: Final = ("0", "A")


class ReadReference(NamedTuple):
    """The kind of one reference, and what of it could not be read."""

    kind: Kind
    unread: str = ""

    def __str__(self) -> str:
        """The kind in words."""
        return f"{MEANINGS[self.kind]}{f': {self.unread}' if self.unread else ''}"


def restate_reference(prompt: Prompt) -> list[Sample]:
    """Samples that answer with the reference itself, in a box and as it stands, and with two other answers."""
    reference = extract_reference(Sample("", prompt, ""))
    boxed = (f"The answer is \\boxed{{{answer}}}." for answer in _OTHERS)
    texts = (f"The answer is \\boxed{{{reference}}}.", reference, *boxed)
    return [Sample(f"{prompt.id}-{number}", prompt, text, number) for number, text in enumerate(texts)]


def classify_reference(given: Sequence[Verdict]) -> ReadReference:
    """The kind of a reference, from the verdicts on its restatements."""
    own, others = given[: -len(_OTHERS)], given[-len(_OTHERS) :]
    other = others[0]
    if other.rule == "no_reference":
        return ReadReference("missing")
    if not any(verdict.ok for verdict in own):
        return ReadReference("unusable")
    if any(verdict.ok is not None for verdict in others):
        return ReadReference("value")
    unread = find_unread(other.reason)
    if unread or other.rule == "unreadable_reference":
        return name_unread(unread, other.rule)
    return ReadReference("untold")


def name_unread(unread: str, rule: str) -> ReadReference:
    """The kind of a reference of which something was not read. rule: of the verdict on an answer that was not it."""
    words = rule != "unreadable_reference" and unread.startswith("the word ")
    return ReadReference("words" if words else "unread", unread)


@dataclass(slots=True)
class ReferenceCounts:
    """How many references are of which kind to a check; of each kind the first rows, and of all what was not read."""

    kinds: Counter[Kind] = field(default_factory=Counter)
    rows: dict[Kind, list[str]] = field(default_factory=dict)
    unread: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """All of them."""
        return self.kinds.total()

    def add(self, read: ReadReference, row: str) -> None:
        """Count one more. row: what its owner calls it."""
        self.kinds[read.kind] += 1
        named = self.rows.setdefault(read.kind, [])
        if len(named) < ROWS_NAMED:
            named.append(row)
        if read.kind == "unread" and (read.unread in self.unread or len(self.unread) < UNREAD_KEPT):
            self.unread[read.unread] += bool(read.unread)

    def as_json(self) -> dict[str, Any]:
        """The counts as they are stored."""
        kinds = {kind: self.kinds[kind] for kind in get_args(Kind)}
        return {
            "tried": self.total,
            **kinds,
            "not_read": dict(self.unread.most_common(20)),
            "rows": self.rows,
        }

    def name_unread(self) -> str:
        """What was not read most often, in a few words; empty where that is not known."""
        said = [f"{what} in {count:,}" for what, count in self.unread.most_common(UNREAD_NAMED) if count]
        return ", ".join([*said, "…"] if len(self.unread) > UNREAD_NAMED else said)

    def name_rows(self, kind: Kind) -> str:
        """The first rows of a kind."""
        named = self.rows.get(kind, [])
        return ", ".join([*named, "…"] if self.kinds[kind] > len(named) else named)


def describe_kinds(label: str, found: ReferenceCounts, total: int, *, judged: bool = False) -> Iterator[str]:
    """A sentence for each kind of reference by which a check decides less than it seems, with the first rows.

    judged: the references are those of samples that were judged and are undecided, and not all there are.
    """
    left = " and left samples undecided" if judged else ""
    unread = found.name_unread()
    unusable = f"cannot be read by {label}" if judged else f"are not accepted by {label} as their own answers"
    said: dict[Kind, str] = {
        "missing": f"are missing, so {label} decides no sample of these prompts",
        "unusable": f"{unusable}{left or ', so hardly any sample of these prompts will be'}",
        "unread": f"are not read whole by {label}{left}{f' ({unread})' if unread else ''}: an answer counts there only "
        "if it is written the same way, and is rejected only for what is known to differ in the same text",
        "words": f"are in words{left}: to {label} other words for the same thing stay undecided, and nothing is "
        "rejected but what is known to differ; a judge decides them where a recipe asks one after it "
        f"({{check: judge, after: {label}}})",
    }
    for kind, sentence in said.items():
        if found.kinds[kind]:
            yield f"{found.kinds[kind]:,} of {total:,} references {sentence}: {found.name_rows(kind)}"
