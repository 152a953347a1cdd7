"""The teacher of a training: proven to share the student's vocabulary before its weights are loaded, and never trained."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import torch

from curate.engines.identity import Source
from distill.common.loading import load_model, load_tokenizer, read_stops
from distill.common.sharding import (
    choose_sharding,
    count_parameters,
    is_configured,
    read_config,
    read_context,
)
from distill.common.turn_end import find_turn_end
from distill.matching.vocabulary import find_shared_rows, require_shared_end
from distill.sft.options import DistillOptions
from distill.sft.plan import SftPlan
from filters.errors import UserError

RANK_0_LOADS: Final = "FSDP_CPU_RAM_EFFICIENT_LOADING"
"""Under FSDP, whether the first process alone reads weights, and the others wait for what sharding gives them."""


class Overlap(NamedTuple):
    """What teacher and student have in common: logits for the first `rows` ids, and rows of up to `context` tokens."""

    rows: int
    context: int


def compare_with_teacher(plan: SftPlan, tokenizer: Any, end: int) -> Overlap:
    """What the student has in common with the teacher. Raises UserError where their tokens do not mean the same.

    tokenizer: the student's. end: the token that ends its turn.
    """
    assert plan.teacher is not None
    options = _as_teacher(plan.options)
    theirs = load_tokenizer(plan.teacher, options)
    student, teacher = (read_config(source).get_text_config() for source in (plan.base, plan.teacher))
    rows = find_shared_rows(tokenizer, theirs, (student.vocab_size, teacher.vocab_size))
    require_shared_end(tokenizer, end, _find_ends(theirs, plan.teacher, teacher))
    if rows < student.vocab_size and _is_shared(plan):
        raise UserError(
            f"The student's embedding has {student.vocab_size:,} rows and the teacher's {rows:,}; with the student spread over "
            "processes it cannot be cut to these: train it with --shard none."
        )
    return Overlap(rows, int(min(read_context(teacher), plan.options.max_length)))


def _is_shared(plan: SftPlan) -> bool:
    """Whether the student's weights will be spread over processes."""
    parameters = count_parameters(read_config(plan.base))
    lora = plan.options.lora is not None
    return is_configured() or choose_sharding(plan.options.shard, parameters, lora=lora) != "none"


def load_teacher(plan: SftPlan) -> Any:
    """The teacher's weights, whole in every process. Raises UserError where they cannot be loaded."""
    assert plan.teacher is not None
    with _load_in_every_process():
        return load_model(plan.teacher, _as_teacher(plan.options))


def _as_teacher(options: DistillOptions) -> DistillOptions:
    """The options with the teacher in place of the student: bfloat16 on a GPU, since nothing of it is trained."""
    half = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    return options.model_copy(
        update={
            "model": options.teacher,
            "template": None,
            "lora": None,
            "dtype": "bfloat16" if half else "float32",
        }
    )


def _find_ends(tokenizer: Any, source: Source, config: Any) -> set[int]:
    """The tokens at which the teacher ends a turn: its template's, and those at which engines stop it."""
    return {find_turn_end(tokenizer)} if tokenizer.chat_template else read_stops(source, config)


@contextmanager
def _load_in_every_process() -> Iterator[None]:
    """Under FSDP all processes read the weights: a model that is not sharded never gets them from the first one."""
    before = os.environ.get(RANK_0_LOADS)
    os.environ[RANK_0_LOADS] = "false"
    try:
        yield
    finally:
        if before is None:
            del os.environ[RANK_0_LOADS]
        else:
            os.environ[RANK_0_LOADS] = before
