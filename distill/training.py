"""One training: corpus, model, TRL's trainer, and the finished student put in its place."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import datasets
import torch
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging as transformers_logging
from trl import SFTConfig

from curate.console import note
from curate.engines.chat import Chat
from curate.engines.identity import template_file
from curate.folder import locked, read_json
from distill import parallel
from distill.corpus import Counts, tokenize
from distill.rates import learning_rate
from distill.sft import DistillOptions, Plan
from distill.student import save_student
from distill.tokens import Tokenization
from distill.trainer import BatchwiseSorted, SortedTrainer, Steps, TimedCheckpoints, UnmaskedCollator
from filters.vocabulary import UserError

TOKENS_AT_ONCE = {"cuda": 16_384, "cpu": 4_096}
"""Tokens of a micro batch where nobody says: more of them leave a CPU's caches and no GPU idle."""
POINTS = 50
"""Points of the loss curve."""
FEW_STEPS = 10
"""Optimiser steps below which a training is hardly one."""


def train(plan: Plan) -> None:
    """Train as planned and put the student into the run's folder.

    Raises UserError where the student cannot be loaded or no row can be trained on.
    """
    place = parallel.state()
    with ExitStack() as stack:
        if place.is_main_process:
            stack.enter_context(locked(plan.aside))
        stack.enter_context(_quiet())
        stack.enter_context(_all_cores())
        _train(plan)
        if place.is_main_process:
            for aside in plan.folder.parent.glob(f".{plan.folder.name}.????????"):
                shutil.rmtree(aside)
    place.wait_for_everyone()


def _train(plan: Plan) -> None:
    started, place = time.monotonic(), parallel.state()
    tokenizer = load_tokenizer(plan)
    tokenization = Tokenization(tokenizer, Chat(tokenizer, None, plan.options.model))
    counts: Counts | None = None
    if place.is_main_process:
        counts = tokenize(plan.set, tokenization, plan.options.max_length, plan.aside)
    counts = parallel.shared(counts)
    trainer = build_trainer(plan, tokenizer, counts)
    with ExitStack() as stack:
        if place.is_main_process:
            trainer.add_callback(Steps(stack, f"training {plan.options.name}"))
        trainer.train(resume_from_checkpoint=_last_checkpoint(plan.aside / "checkpoints"))
    state = trainer.accelerator.get_state_dict(trainer.model_wrapped)
    if place.is_main_process:
        about = _about(plan, counts, trainer, time.monotonic() - started)
        model = trainer.accelerator.unwrap_model(trainer.model)
        save_student(plan, model, state, tokenizer, tokenization.end, about)


def load_tokenizer(plan: Plan) -> Any:
    """The student's tokenizer, with the template that was asked for."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(plan.base.model, revision=plan.base.commit)
    except (OSError, ValueError) as error:
        raise UserError(f"The tokenizer of '{plan.options.model}' cannot be loaded: {_line(error)}") from None
    if plan.options.template is not None:
        tokenizer.chat_template = template_file(plan.options.template).read_text(encoding="utf-8")
    return tokenizer


def build_trainer(plan: Plan, tokenizer: Any, counts: Counts) -> SortedTrainer:
    """TRL's trainer over the tokenized corpus in `plan.aside`."""
    options, model = plan.options, _load_model(plan)
    corpus = datasets.Dataset.from_file(str(plan.aside / "corpus.arrow"))
    lora = options.lora and LoraConfig(
        r=options.lora.rank,
        lora_alpha=options.lora.alpha,
        target_modules=_targets(options.lora.targets),
        task_type="CAUSAL_LM",
    )
    padding = next(i for i in (tokenizer.pad_token_id, tokenizer.eos_token_id, 0) if i is not None)
    return SortedTrainer(
        model,
        _arguments(plan, counts, model.num_parameters()),
        train_dataset=corpus,
        processing_class=tokenizer,
        data_collator=UnmaskedCollator(pad_token_id=padding),
        peft_config=lora,
        sampler=BatchwiseSorted(corpus["length"][:], options.batch_size, options.seed),
        callbacks=[TimedCheckpoints(options.save_minutes)],
    )


def micro_batch_size(options: DistillOptions, longest: int, processes: int, device: str) -> int:
    """Rows a device takes at once: what was asked for, or what fits the longest row of the set.

    Raises UserError where the rows of a step cannot be shared out evenly.
    """
    share, rest = divmod(options.batch_size, processes)
    if rest:
        raise UserError(f"batch_size={options.batch_size} cannot be shared evenly by {processes} processes.")
    asked = options.micro_batch_size
    if asked is None:
        fitting = max(1, TOKENS_AT_ONCE[device] // longest)
        return max(n for n in range(1, share + 1) if share % n == 0 and n <= fitting)
    if share % asked:
        raise UserError(
            f"micro_batch_size={asked} does not divide the {share} rows a step that a device gets."
        )
    return asked


def _arguments(plan: Plan, counts: Counts, parameters: int) -> SFTConfig:
    options, gpu = plan.options, torch.cuda.is_available()
    processes = parallel.state().num_processes
    micro = micro_batch_size(options, counts.longest, processes, "cuda" if gpu else "cpu")
    rate = options.learning_rate
    if rate is None:
        rate = learning_rate(options.model, parameters, lora=options.lora is not None)
    steps = -(-counts.rows // options.batch_size) * options.epochs
    if steps < FEW_STEPS:
        note(
            f"Only {steps:.0f} optimiser steps: too few to learn from; lower --batch-size or raise --epochs."
        )
    return SFTConfig(
        output_dir=str(plan.aside / "checkpoints"),
        num_train_epochs=options.epochs,
        per_device_train_batch_size=micro,
        gradient_accumulation_steps=options.batch_size // micro // processes,
        learning_rate=rate,
        lr_scheduler_type="cosine_with_min_lr",
        lr_scheduler_kwargs={"min_lr_rate": 0.1},
        # A warm-up's first step has a learning rate of 0: a few steps have none to lose.
        warmup_steps=options.warmup if steps >= FEW_STEPS else 0,
        weight_decay=options.weight_decay,
        seed=options.seed,
        bf16=gpu and options.dtype == "auto" and torch.cuda.is_bf16_supported(),
        use_cpu=not gpu,
        gradient_checkpointing=gpu if options.gradient_checkpointing is None else options.gradient_checkpointing,
        # Rows come tokenized and labelled, and none is longer than it may be.
        dataset_kwargs={"skip_prepare_dataset": True},
        max_length=None,
        dataloader_pin_memory=gpu,
        save_strategy="no",
        save_total_limit=1,
        logging_steps=max(1, int(steps) // POINTS),
        disable_tqdm=True,
        log_level="error",
        log_level_replica="error",
        report_to="none",
        # All weights that are trained are used in every forward pass.
        ddp_find_unused_parameters=False,
        ddp_timeout=int(parallel.PATIENCE.total_seconds()),
    )  # fmt: skip


def _load_model(plan: Plan) -> Any:
    try:
        model = AutoModelForCausalLM.from_pretrained(
            plan.base.model, revision=plan.base.commit, dtype=_dtype(plan.options), attn_implementation="sdpa"
        )
    except (OSError, ValueError) as error:
        raise UserError(f"The student '{plan.options.model}' cannot be loaded: {_line(error)}") from None
    return model


def _dtype(options: DistillOptions) -> torch.dtype:
    """The type the weights are kept in while training; those that LoRA freezes need no more than bfloat16."""
    frozen = options.lora is not None and torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    if options.dtype == "bfloat16" or (options.dtype == "auto" and frozen):
        return torch.bfloat16
    return torch.float32


def _targets(targets: str | tuple[str, ...]) -> str | list[str]:
    return targets if isinstance(targets, str) else list(targets)


def _last_checkpoint(folder: Path) -> str | None:
    """The last whole checkpoint: the trainer writes its state file last. Torn ones are removed."""
    whole = []
    for path in folder.glob("checkpoint-*"):
        try:
            whole.append((int(read_json(path / "trainer_state.json")["global_step"]), str(path)))
        except (ValueError, TypeError, KeyError):
            if parallel.state().is_main_process:
                shutil.rmtree(path)
    return max(whole)[1] if whole else None


def _about(plan: Plan, counts: Counts, trainer: SortedTrainer, seconds: float) -> dict[str, Any]:
    """What r1curate.json says."""
    history = trainer.state.log_history
    return {
        "name": plan.options.name,
        "digest": plan.key,
        "set": plan.options.dataset,
        "set_digest": plan.set_digest,
        "base": plan.options.model,
        "base_commit": plan.base.commit,
        "base_digest": plan.base.key,
        "rows": counts.rows,
        "left_out": counts.too_long + counts.nothing_to_learn,
        "left_out_by": {"too_long": counts.too_long, "nothing_to_learn": counts.nothing_to_learn},
        "tokens": counts.tokens,
        "learned_tokens": counts.learned,
        "longest": counts.longest,
        "learning_rate": trainer.args.learning_rate,
        "steps": trainer.state.global_step,
        "seconds": round(seconds, 1),
        "loss": [
            {"step": row["step"], "loss": float(row["loss"]), "learning_rate": float(row["learning_rate"])}
            for row in history
            if "loss" in row
        ],
        "options": plan.options.model_dump(mode="json", exclude={"run"}),
        "versions": {name: metadata.version(name) for name in ("torch", "transformers", "trl", "peft")},
    }


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


@contextmanager
def _quiet() -> Iterator[None]:
    """No bars where nobody watches, and no warnings about what is done here on purpose."""
    bars, level = transformers_logging.is_progress_bar_enabled(), transformers_logging.get_verbosity()
    if bars and not sys.stderr.isatty():
        transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        transformers_logging.set_verbosity(level)
        if bars:
            transformers_logging.enable_progress_bar()


@contextmanager
def _all_cores() -> Iterator[None]:
    """All cores, also in a process where an engine has set the number of threads before."""
    threads = torch.get_num_threads()
    if parallel.state().num_processes == 1:
        torch.set_num_threads(len(os.sched_getaffinity(0)))
    try:
        yield
    finally:
        torch.set_num_threads(threads)
