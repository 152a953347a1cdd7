"""One training that matches a teacher: corpus, both models, TRL's trainer, and the finished student moved into place."""

from __future__ import annotations

import copy
import time
from contextlib import ExitStack
from typing import Any, Final

import datasets

from curate.store.layout import INSPECTION, MODEL_INFO
from distill.common import parallel
from distill.common.adapters import make_lora_config, require_adaptable
from distill.common.callbacks import StepMeter, TimedCheckpoints
from distill.common.loading import (
    hold_workplace,
    load_model,
    read_package_versions,
    read_stops,
)
from distill.common.resuming import find_resumable
from distill.common.saving import save_model
from distill.common.sharding import read_config, read_context, tell_arguments
from distill.grpo.policy_engine import hold_engine
from distill.matching.corpus import Corpus, make_corpus
from distill.matching.schedule import plan_rows
from distill.matching.teacher import Overlap, compare_with_teacher, load_teacher
from distill.matching.trl_arguments import make_arguments
from distill.matching.trl_trainer import LogitsTrainer, OnPolicyTrainer
from distill.sft.load_student import load_tokenization
from distill.sft.memory import require_memory
from distill.sft.plan import SftPlan

CARD: Final = """\
`{base}` trained to match the distribution of `{teacher}` ({how}).

| | |
|---|---|
| rows used | {rows:,} of {all_rows:,} |
| left out | {left_out_why} |
| tokens | {tokens:,}, of which {learned_tokens:,} contribute to the loss |
| passes over the rows, steps | {epochs:.4g}, {steps:,} |
| learning rate | {learning_rate:g}, cosine to a tenth |
| divergence | {beta:g} (0 is the forward KL, 1 the reverse KL) |

`{model_info}` holds all options, the digests of the set, the base model and the teacher, and the loss curve.
"""
HOW: Final = {
    "logits": "at each token of the completions of the set `{set}`",
    "on_policy": "at each token of its own responses to the prompts of the set `{set}`",
}
CURVE: Final = {"learning_rate": "learning_rate", "entropy": "entropy", "completions/mean_length": "tokens", "completions/clipped_ratio": "truncated"}  # fmt: skip
"""TRL's name of each metric that is kept beside the loss, with the name it is kept under."""


def train(plan: SftPlan) -> None:
    """Train as planned and put the student into the run's folder.

    Raises UserError where a model cannot be loaded, the two do not share a vocabulary, or no row can be trained on.
    """
    with hold_workplace(plan):
        _train(plan)


def _train(plan: SftPlan) -> None:
    started, place, options = time.monotonic(), parallel.get_process_state(), plan.options
    require_adaptable(read_config(plan.base), options.lora)
    tokenization = load_tokenization(plan)
    tokenizer = tokenization.tokenizer
    shared = compare_with_teacher(plan, tokenizer, tokenization.end)
    corpus = parallel.share_outcome(lambda: make_corpus(plan, tokenization, shared))
    require_memory(options, corpus.longest)
    trainer = build_trainer(plan, tokenizer, tokenization.end, shared, corpus)
    with ExitStack() as stack:
        if place.is_main_process:
            trainer.add_callback(StepMeter(stack, f"training {options.name}"))
        # Until the model is saved: an engine that ends early takes the processes' connection with it.
        stack.enter_context(hold_engine(trainer))
        trainer.train(resume_from_checkpoint=find_resumable(plan, trainer.args))
        about = _about(plan, corpus, trainer, time.monotonic() - started)
        # The student has seen rows of this length, and engines refuse more than the config allows.
        room = options.max_length if corpus.longest > read_context(trainer.model.config) else None
        save_model(
            plan,
            options.lora,
            trainer,
            tokenizer,
            tokenization.end,
            about,
            _card(about),
            room,
            [plan.aside / INSPECTION],
        )


def build_trainer(
    plan: SftPlan, tokenizer: Any, end: int, shared: Overlap, corpus: Corpus
) -> OnPolicyTrainer:
    """TRL's trainer over the rows of all steps, in their order."""
    options, config = plan.options, read_config(plan.base)
    samples = options.on_policy.samples if options.method == "on_policy" else 1
    numbers = plan_rows(corpus.rows, options.epochs, options.batch_size, options.seed, samples)
    # TRL sets what it needs on its own copy; the student keeps its tokenizer as it was.
    tokenizer = copy.deepcopy(tokenizer)
    tokenizer.padding_side, tokenizer.eos_token = "left", tokenizer.convert_ids_to_tokens(end)
    ends = sorted({end} | read_stops(plan.base, config))
    steps = len(numbers) // options.batch_size
    arguments = make_arguments(plan, steps, corpus.longest, config, shared.rows, ends)
    model = load_model(plan.base, options, sharded=tell_arguments(arguments) != "none")
    return (LogitsTrainer if options.method == "logits" else OnPolicyTrainer)(
        model,
        args=arguments,
        train_dataset=datasets.Dataset.from_dict({"prompt": numbers}),
        processing_class=tokenizer,
        peft_config=make_lora_config(options.lora),
        callbacks=[TimedCheckpoints(options.save_minutes)],
        teacher=load_teacher(plan),
        corpus=datasets.Dataset.from_file(str(plan.aside / corpus.file)),
        shared=shared.rows,
    )


def _about(plan: SftPlan, corpus: Corpus, trainer: OnPolicyTrainer, seconds: float) -> dict[str, Any]:
    """What the model's `MODEL_INFO` file holds."""
    options, teacher = plan.options, plan.teacher
    assert teacher is not None
    tokens, learned = corpus.tokens, corpus.learned
    if tokens is None or learned is None:
        tokens = int(trainer.state.num_input_tokens_seen)
        learned = tokens - trainer.count_prompt_tokens()
    return {
        "name": options.name,
        "digest": plan.key,
        "kind": options.method,
        "set": options.dataset,
        "set_digest": plan.set_digest,
        "base": options.model,
        "base_commit": plan.base.commit,
        "base_digest": plan.base.key,
        "teacher": options.teacher,
        "teacher_commit": teacher.commit,
        "teacher_digest": teacher.key,
        "divergence": options.beta,
        "rows": corpus.rows,
        "left_out": sum(corpus.left_out.values()),
        "left_out_by": dict(corpus.left_out),
        "tokens": tokens,
        "learned_tokens": learned,
        "longest": corpus.longest,
        "learning_rate": trainer.args.learning_rate,
        "steps": trainer.state.global_step,
        "seconds": round(seconds, 1),
        "loss": [_point(row) for row in trainer.state.log_history if "loss" in row],
        "options": options.model_dump(mode="json", exclude={"run"}),
        "versions": read_package_versions(),
    }


def _point(row: dict[str, Any]) -> dict[str, float]:
    others = {ours: float(row[theirs]) for theirs, ours in CURVE.items() if row.get(theirs) is not None}
    return {"step": row["step"], "loss": float(row["loss"]), **others}


def _card(about: dict[str, Any]) -> str:
    """The text of the model card."""
    why = ", ".join(
        f"{count:,} {name.replace('_', ' ')}" for name, count in about["left_out_by"].items() if count
    )
    return CARD.format(
        **about,
        how=HOW[about["kind"]].format(set=about["set"]),
        all_rows=about["rows"] + about["left_out"],
        left_out_why=why or "none",
        epochs=_count_passes(about),
        beta=about["divergence"],
        model_info=MODEL_INFO,
    )


def _count_passes(about: dict[str, Any]) -> float:
    """How often each row was used in the mean; the last step is filled up with more of them."""
    options = about["options"]
    repeats = options["on_policy"]["samples"] if about["kind"] == "on_policy" else 1
    return float(about["steps"] * options["batch_size"] / repeats / about["rows"])
