"""Prompts that ask for programs: which check decides there, and whether it will be able to, before anything is sampled."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Final

from distill.evaluation.options import EvaluateOptions
from filters.errors import UserError
from filters.programs.errors import UnreadableTestsError
from filters.programs.own_solution import find_solution
from filters.programs.read_tests import read_tests
from filters.programs.shown_tests import read_shown_tests
from filters.spec import list_required, make_spec
from filters.types import Prompt

logger = logging.getLogger(__name__)

CHECK: Final = "code_tests"


def read_prompts(options: EvaluateOptions) -> tuple[EvaluateOptions, list[Prompt]]:
    """The prompts, and the options with the check that decides about them.

    Where no check is named, the first prompt tells. Raises UserError where the others are not like it, and where what
    decides could not decide about any of them.
    """
    chosen = "check" not in options.model_fields_set and _asks_for_program(options)
    if chosen:
        options = options.model_copy(update={"check": (make_spec(CHECK),)})
        logger.info(
            f"The prompts have tests for programs and no reference answers: {CHECK} decides what is correct."
        )
    prompts = list(options.read_prompts(list_required(options.check[:1])))
    answered = sum(_has_answer(prompt) for prompt in prompts)
    if chosen and answered:
        raise UserError(
            f"'{options.prompts}': {answered:,} of {len(prompts):,} prompts have a reference answer, the first has tests "
            f"for programs and none. Name what decides: --check {CHECK}, or --check math_answer."
        )
    if options.check[0].check == CHECK:
        _require_tests(prompts, options.prompts)
    return options, prompts


def _asks_for_program(options: EvaluateOptions) -> bool:
    first = next(options.read_prompts(), None)
    return first is not None and not _has_answer(first) and read_shown_tests(first.extra) is not None


def _has_answer(prompt: Prompt) -> bool:
    """Whether a prompt has a reference answer that is not a program: a row's own solution is read as one, too."""
    return prompt.answer is not None and find_solution({}, "python", prompt.answer) is None


def _require_tests(prompts: Sequence[Prompt], source: str) -> None:
    """Say how many prompts have no tests that can be read; all of them are refused, as nothing would be decided."""
    faults = [(prompt, fault) for prompt in prompts if (fault := _find_fault(prompt))]
    if not faults:
        return
    usual = Counter(fault for _, fault in faults).most_common(1)[0][0]
    if len(faults) == len(prompts):
        raise UserError(f"'{source}': of none of its {len(prompts):,} prompts can the tests be read, so that nothing could be decided: {usual}.")  # fmt: skip
    named = ", ".join(prompt.source_id for prompt, _ in faults[:5])
    logger.warning(
        f"Of {len(faults):,} of {len(prompts):,} prompts the tests cannot be read, and their samples will be undecided "
        f"({named}{', …' if len(faults) > 5 else ''}; mostly: {usual})."
    )


def _find_fault(prompt: Prompt) -> str:
    """Why a prompt's tests cannot be read; empty where they can."""
    try:
        return "" if read_tests(prompt.extra) is not None else "it has no tests"
    except UnreadableTestsError as error:
        return str(error)[:300]
