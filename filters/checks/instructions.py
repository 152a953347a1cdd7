"""Instructions that a prompt gives about the form of its answer, each checked by a rule; all must hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from filters.check import Role, SampleCheck
from filters.instruct.rule_input import BadInstructionError, RuleInput
from filters.instruct.rules import RULES
from filters.think import CUT_OFF
from filters.types import Prompt, Sample, Verdict

MAX_CHARS = 1_000_000
"""Characters of a text that is judged: far over what anybody asks for."""
MAX_INSTRUCTIONS = 100


class Instructions(SampleCheck):
    """The response after its chain follows all instructions that the prompt's row lists.

    They stand in the column `instructions`, as a list of {"id": …, and its arguments}, or as IFEval's columns
    `instruction_id_list` and `kwargs`. The score is the share of them that is followed.
    """

    name: ClassVar[str] = "instructions"
    role: ClassVar[Role] = "verifier"
    rules: ClassVar[Mapping[str, str]] = {
        "kept": "all instructions are followed",
        "broken": "at least one instruction is not followed",
        "no_response": "nothing stands after the chain, or the response was cut off before it",
        "unclosed_think": "the think block is never closed, so there is no response",
        "no_instructions": "undecided: the prompt's row lists no instructions",
        "unknown_instruction": "undecided: there is no rule for one of the instructions",
        "bad_instruction": "undecided: an instruction is malformed, or an argument is missing or makes no sense",
        "unsure": "undecided: whether an instruction is followed depends on how one counts",
        "too_long": "undecided: the response is too long to be judged",
    }
    version: ClassVar[int] = 3
    needs_reference: ClassVar[bool] = False

    def judge(self, sample: Sample) -> Verdict:
        """One broken instruction makes it false; else one that is unknown or unsure leaves it undecided."""
        try:
            asked = list(_asked(sample.prompt))
        except BadInstructionError as error:
            return Verdict(None, f"bad_instruction: {error}"[:300])
        if not asked:
            return Verdict(None, "no_instructions")
        answer = sample.parts.answer
        if sample.parts.cut:
            return Verdict(False, f"no_response: {CUT_OFF}", 0.0)
        if answer is None or not answer.strip():
            return Verdict(False, "unclosed_think" if answer is None else "no_response", 0.0)
        if len(answer) > MAX_CHARS:
            return Verdict(None, f"too_long: {len(answer):,} characters")
        found = [(name, *_judged(answer.strip(), name, arguments)) for name, arguments in asked]
        share = sum(ok is True for _, ok, _ in found) / len(found)
        for wanted in (False, None):
            failed = [(name, rule) for name, ok, rule in found if ok is wanted]
            if failed:
                named = ", ".join(name for name, _ in failed)
                return Verdict(wanted, f"{failed[0][1]}: {named}"[:300], share)
        return Verdict(True, f"kept: {len(found)}", share)


def _judged(text: str, name: str, arguments: Mapping[str, Any]) -> tuple[bool | None, str]:
    """Whether one instruction is kept, and the rule to report where it is not."""
    rule = RULES.get(name)
    if rule is None:
        return None, "unknown_instruction"
    try:
        kept = rule(RuleInput(text, arguments))
    except BadInstructionError:
        return None, "bad_instruction"
    return kept, "broken" if kept is False else "unsure"


def _asked(prompt: Prompt) -> Iterator[tuple[str, dict[str, Any]]]:
    """The ids and arguments of a prompt's instructions; arguments that are null are left out."""
    listed = prompt.extra.get("instructions")
    if listed is None:
        names, arguments = prompt.extra.get("instruction_id_list") or [], prompt.extra.get("kwargs") or []
        if not isinstance(names, list) or not isinstance(arguments, list) or len(names) != len(arguments):
            raise BadInstructionError("instruction_id_list and kwargs are not lists of one length")
        pairs = zip(names, arguments, strict=True)
        listed = [{**given, "id": name} if isinstance(given, dict) else None for name, given in pairs]
    if not isinstance(listed, list) or len(listed) > MAX_INSTRUCTIONS:
        raise BadInstructionError("the instructions are not a list, or too long a one")
    for item in listed:
        if not isinstance(item, dict) or not isinstance(item.get("id"), str):
            raise BadInstructionError('an instruction is not of the form {"id": …}')
        inner = item.get("kwargs")
        given = {**item, **(inner if isinstance(inner, dict) else {})}
        yield item["id"], {key: value for key, value in given.items() if value is not None}
