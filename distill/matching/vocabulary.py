"""The proof that a teacher's and a student's token ids mean the same.

Their distributions are compared id by id. Where one id stands for two tokens, or one text is cut into other tokens,
the loss still falls, and the student learns nonsense: so the two tokenizers are compared whole, and not by the size of
their vocabulary.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from filters.errors import UserError

TOKENIZING_PARTS: Final = ("model", "normalizer", "pre_tokenizer")
"""The parts of a tokenizer.json that decide which ids a text becomes. What is put around it is the template's affair."""


def find_shared_rows(student: Any, teacher: Any, rows: tuple[int, int]) -> int:
    """The number of ids, from 0 on, that both models have a logit for; both tokenizers' tokens are all among them.

    student, teacher: tokenizers. rows: the rows of the student's and of the teacher's embedding, which may be padded
    to different sizes. Raises UserError where the ids do not mean the same.
    """
    ours, theirs = _read_tokenizer(student, "student"), _read_tokenizer(teacher, "teacher")
    fault = _find_other_token(student.get_vocab(), teacher.get_vocab()) or _find_other_part(ours, theirs)
    if fault:
        raise UserError(
            f"Student and teacher do not share a vocabulary, so their distributions cannot be compared: {fault}. "
            "Choose a teacher of the student's family, or train on its responses with method=sft."
        )
    shared, last = min(rows), max(student.get_vocab().values())
    if last >= shared:
        who = "student" if rows[0] == shared else "teacher"
        raise UserError(
            f"Token {student.convert_ids_to_tokens(last)!r} has the id {last}, but the {who}'s embedding has only {shared} rows."
        )
    return shared


def require_shared_end(tokenizer: Any, end: int, ends: set[int]) -> None:
    """Refuse a teacher that ends its turns otherwise: the student would learn an end at which nothing stops.

    end: the student's token. ends: the tokens that end a teacher's turn.
    """
    if end not in ends:
        names = (
            " or ".join(repr(tokenizer.convert_ids_to_tokens(token)) for token in sorted(ends)) or "nothing"
        )
        raise UserError(
            f"The student ends a turn with {tokenizer.convert_ids_to_tokens(end)!r} and the teacher with {names}: the student "
            "would learn an end at which it does not stop. Give it the teacher's template with --template."
        )


def _read_tokenizer(tokenizer: Any, who: str) -> dict[str, Any]:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise UserError(
            f"The {who}'s tokenizer has no tokenizer.json, so that it cannot be compared with the other."
        )
    read: dict[str, Any] = json.loads(backend.to_str())
    return read


def _find_other_token(ours: Mapping[str, int], theirs: Mapping[str, int]) -> str | None:
    """The first token, by id, that the two do not number alike."""
    other = [token for token in ours.keys() | theirs.keys() if ours.get(token) != theirs.get(token)]
    if not other:
        return None
    first = min(other, key=lambda token: (min(ours.get(token, 1 << 62), theirs.get(token, 1 << 62)), token))
    return (
        f"{first!r} is {_say(ours.get(first))} for the student and {_say(theirs.get(first))} for the teacher"
    )


def _say(number: int | None) -> str:
    return "no token" if number is None else f"the id {number}"


def _find_other_part(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str | None:
    """The first part of the tokenizers, beyond the numbers of their tokens, that differs."""
    for part in TOKENIZING_PARTS:
        one, two = _drop_unset(ours.get(part)), _drop_unset(theirs.get(part))
        if one != two:
            merges = part == "model" and one.get("merges") != two.get("merges")
            return f"their tokenizers differ in the {'merges' if merges else part.replace('_', ' ')}"
    ours_added, theirs_added = ({one["id"]: one for one in read["added_tokens"]} for read in (ours, theirs))
    for number in sorted(ours_added.keys() | theirs_added.keys()):
        one, two = ours_added.get(number), theirs_added.get(number)
        if one is None or two is None or one != two:
            content = (one or two or {})["content"]
            return (
                f"the added token {content!r} is not of the same kind (special, stripped, normalized) in both"
            )
    return None


def _drop_unset(part: Any) -> Any:
    """Settings without those that are off: one writer leaves out or calls null what another calls false or empty."""
    return {name: value for name, value in part.items() if value} if isinstance(part, dict) else part
