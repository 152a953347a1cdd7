"""One fine-tuning: corpus, model, TRL's trainer, and the finished student moved into place."""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from typing import Any

import datasets
import torch

from curate.store.layout import INSPECTION, MODEL_INFO
from curate.visible_text import escape_markdown
from distill.common import parallel
from distill.common.adapters import make_lora_config, require_adaptable
from distill.common.attention import PADDED_ROWS, choose_attention, keep_attention, sees_length
from distill.common.batches import SFT_TOKENS
from distill.common.callbacks import StepMeter, TimedCheckpoints
from distill.common.loading import (
    hold_workplace,
    load_model,
    make_common_arguments,
    read_package_versions,
)
from distill.common.resuming import find_resumable
from distill.common.saving import save_model
from distill.common.schedules import FEW_STEPS, space_points
from distill.common.sharding import count_parameters, read_config, read_context, share_model, tell_arguments
from distill.sft.batch_proof import require_faithful_batches
from distill.sft.corpus import Admission, CorpusCounts, tokenize_set
from distill.sft.kinds import ROW_FAULTS
from distill.sft.learning_rates import choose_learning_rate
from distill.sft.load_student import load_facts, load_tokenization
from distill.sft.memory import NO_OFFLOAD, require_memory
from distill.sft.micro_batches import StepCutter
from distill.sft.options import DistillOptions
from distill.sft.plan import SftPlan
from distill.sft.tokens import Tokenization
from distill.sft.trl_trainer import Collator, Shares, StepConfig, StepRows, StepTrainer
from filters.errors import UserError

logger = logging.getLogger(__name__)

CARD = """\
`{base}` fine-tuned with SFT on the set `{set}`; only completions contribute to the loss.

| | |
|---|---|
| rows used | {rows:,} of {all_rows:,} |
| left out, longer than {max_length:,} tokens | {too_long:,} |
| left out, nothing to learn | {nothing_to_learn:,} |
{left_out_rows}| tokens | {tokens:,}, of which {learned_tokens:,} contribute to the loss |
| epochs, steps | {epochs:g}, {steps:,} |
| learning rate | {learning_rate:g}, cosine to a tenth |

`{model_info}` holds all options, the digests of the set and the base model, and the loss curve.
"""


def train(plan: SftPlan) -> None:
    """Train as planned and put the student into the run's folder.

    Raises UserError where the student cannot be loaded or no row can be trained on.
    """
    with hold_workplace(plan):
        _train(plan)


def _train(plan: SftPlan) -> None:
    started, place, options = time.monotonic(), parallel.get_process_state(), plan.options
    require_adaptable(read_config(plan.base), options.lora)
    tokenization = load_tokenization(plan)
    tokenizer = tokenization.tokenizer
    counts = _tokenize(plan, tokenization)
    require_memory(options, counts.longest)
    trainer = build_trainer(plan, tokenizer, counts)
    require_faithful_batches(trainer.data_collator, trainer.train_dataset)
    checkpoint = find_resumable(plan, trainer.args)
    with ExitStack() as stack:
        if place.is_main_process:
            trainer.add_callback(StepMeter(stack, f"training {options.name}"))
        trainer.train(resume_from_checkpoint=checkpoint)
    about = _about(plan, counts, trainer, time.monotonic() - started)
    # Qwen2.5-Math allows 4,096 tokens; the student has now seen longer rows, and engines refuse more than the config allows.
    room = options.max_length if counts.longest > read_context(trainer.model.config) else None
    seen = [plan.aside / INSPECTION]
    save_model(plan, options.lora, trainer, tokenizer, tokenization.end, about, _card(about), room, seen)


def _tokenize(plan: SftPlan, tokenization: Tokenization) -> CorpusCounts:
    """Tokenize and inspect the set in the first process."""
    options, admission = plan.options, Admission(plan.options.drop_bad, plan.options.max_too_long)

    def tokenize() -> CorpusCounts:
        facts = load_facts(plan, tokenization)
        return tokenize_set(plan.set, tokenization, options.max_length, plan.aside, facts, admission)

    return parallel.share_outcome(tokenize)


def build_trainer(plan: SftPlan, tokenizer: Any, counts: CorpusCounts) -> StepTrainer:
    """TRL's trainer over the tokenized corpus in `plan.aside`."""
    options, config = plan.options, read_config(plan.base)
    if options.offload_activations and not torch.cuda.is_available():
        raise UserError(NO_OFFLOAD)
    parameters = count_parameters(config)
    # Before the model: they decide which process loads what.
    arguments = _arguments(plan, counts, parameters)
    attention = choose_attention(config, options.padding_free, arguments.bf16 or options.dtype == "bfloat16")
    model = load_model(plan.base, options, attention, sharded=tell_arguments(arguments) != "none")
    if arguments.gradient_checkpointing:
        keep_attention(model)
    corpus = datasets.Dataset.from_file(str(plan.aside / "corpus.arrow"))
    padding = next(i for i in (tokenizer.pad_token_id, tokenizer.eos_token_id, 0) if i is not None)
    collator = Collator(pad_token_id=padding, padding_free=attention != PADDED_ROWS)
    cutting = _cutting(
        options,
        counts,
        parameters / _width(config),
        padded=attention == PADDED_ROWS,
        alone=sees_length(config),
    )
    return StepTrainer(
        model,
        arguments,
        train_dataset=corpus,
        processing_class=tokenizer,
        data_collator=collator,
        peft_config=make_lora_config(options.lora),
        rows=StepRows(counts.rows, options.batch_size, options.seed),
        shares=Shares(corpus, cutting, parallel.get_process_state().process_index, collator),
        callbacks=[TimedCheckpoints(options.save_minutes)],
    )


def _cutting(
    options: DistillOptions, counts: CorpusCounts, even: float, *, padded: bool, alone: bool
) -> StepCutter:
    gpu = torch.cuda.is_available()
    at_once = max(SFT_TOKENS["cuda"], counts.longest) if gpu else SFT_TOKENS["cpu"]
    return StepCutter(
        processes=parallel.get_process_state().num_processes,
        tokens=options.micro_batch_tokens or at_once,
        padded=padded,
        rows=1 if alone else options.micro_batch_size,
        even=even,
    )


def _width(config: Any) -> int:
    """All layers' sizes together. A token costs two operations a weight, and two of these for each token before it."""
    return int(config.num_hidden_layers * config.hidden_size)


def _arguments(plan: SftPlan, counts: CorpusCounts, parameters: int) -> StepConfig:
    options, processes = plan.options, parallel.get_process_state().num_processes
    rate = options.learning_rate
    if rate is None:
        rate = choose_learning_rate(options.model, parameters, lora=options.lora is not None)
    steps = -(-counts.rows // options.batch_size) * options.epochs
    if steps < FEW_STEPS:
        logger.warning(
            f"Only {steps:.0f} optimizer steps, too few to learn much: lower --batch-size or raise --epochs."
        )
    return StepConfig(
        **share_model(make_common_arguments(plan, options), options, parameters),
        num_train_epochs=options.epochs,
        # One batch of the loader is a process's share of an optimizer step.
        per_device_train_batch_size=-(-options.batch_size // processes),
        gradient_accumulation_steps=1,
        learning_rate=rate,
        lr_scheduler_type="cosine_with_min_lr",
        lr_scheduler_kwargs={"min_lr_rate": 0.1},
        # The first step of a warm-up has a learning rate of 0, which is wasted where there are few steps.
        warmup_steps=options.warmup if steps >= FEW_STEPS else 0,
        activation_offloading=options.offload_activations,
        # Rows are already tokenized and labelled, and none is longer than max_length.
        dataset_kwargs={"skip_prepare_dataset": True},
        max_length=None,
        logging_steps=space_points(int(steps)),
    )


def _about(plan: SftPlan, counts: CorpusCounts, trainer: StepTrainer, seconds: float) -> dict[str, Any]:
    """What the model's `MODEL_INFO` file holds."""
    history = trainer.state.log_history
    left_out = {"too_long": counts.too_long, "nothing_to_learn": counts.nothing_to_learn, **counts.bad}
    return {
        "name": plan.options.name,
        "digest": plan.key,
        "kind": "sft",
        "set": plan.options.dataset,
        "set_digest": plan.set_digest,
        "base": plan.options.model,
        "base_commit": plan.base.commit,
        "base_digest": plan.base.key,
        "rows": counts.rows,
        "left_out": sum(left_out.values()),
        "left_out_by": left_out,
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
        "versions": read_package_versions(),
    }


def _card(about: dict[str, Any]) -> str:
    """The text of the model card."""
    options, left_out = about["options"], about["left_out_by"]
    return CARD.format(
        **about,
        too_long=left_out["too_long"],
        nothing_to_learn=left_out["nothing_to_learn"],
        left_out_rows="".join(
            f"| left out: they {escape_markdown(ROW_FAULTS[kind].said)} | {rows:,} |\n"
            for kind, rows in left_out.items()
            if kind not in ("too_long", "nothing_to_learn")
        ),
        all_rows=about["rows"] + about["left_out"],
        max_length=options["max_length"],
        epochs=options["epochs"],
        model_info=MODEL_INFO,
    )
