"""One GRPO training: TRL's trainer with the planned prompts and the checks' rewards, and the finished model moved into place."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import Any, Final

import datasets

from curate.calibration.calibration import describe_errors
from curate.checking.executors.local import CORES
from curate.engines.chat_template import Chat
from curate.store.layout import MODEL_INFO, ROLLOUTS
from distill.common import parallel
from distill.common.adapters import make_lora_config, require_adaptable
from distill.common.callbacks import StepMeter, TimedCheckpoints
from distill.common.loading import (
    hold_workplace,
    load_model,
    load_tokenizer,
    read_package_versions,
    read_stops,
)
from distill.common.machines import count_neighbours
from distill.common.requirements import require_gpu_for_server
from distill.common.resuming import find_resumable
from distill.common.saving import save_model
from distill.common.sharding import read_config, read_context, tell_arguments
from distill.common.turn_end import find_turn_end
from distill.grpo.context import fit_context
from distill.grpo.diagnostics import SPECIAL_TAGS, TroubleMonitor
from distill.grpo.engine_arguments import choose_engine
from distill.grpo.plan import GrpoPlan
from distill.grpo.policy_engine import hold_engine
from distill.grpo.policy_server import require_ready
from distill.grpo.rewards import Rewards
from distill.grpo.rollouts import Scorer
from distill.grpo.schedule import MessagesTransform, plan_steps
from distill.grpo.trl_arguments import make_arguments
from distill.grpo.trl_trainer import PolicyTrainer
from filters.errors import UserError

logger = logging.getLogger(__name__)

POINTS: Final = 500
"""Most points per curve that are kept; a longer training is averaged."""
METRICS: Final = {
    "reward": "reward",
    "correct": "correct",
    "undecided": "undecided",
    "completions/mean_length": "tokens",
    "completions/clipped_ratio": "truncated",
    "frac_reward_zero_std": "groups without signal",
    "entropy": "entropy",
    "kl": "kl",
    "sampling/sampling_logp_difference/mean": "engine distance",
    "grad_norm": "gradient norm",
    "loss": "loss",
    "step_time": "seconds",
}
"""TRL's name of each metric that is kept, with the name it is kept under."""

CARD = """\
`{base}` trained with GRPO ({preset}): {steps:,} steps of {prompts_per_step} prompts with {group_size} samples each.

| | |
|---|---|
| rewards | {rewards} |
{judges}| learning rate, KL coefficient | {rate:g}, {kl_coefficient:g} |
| mean tokens per response, first and last step | {first_tokens:,.0f}, {last_tokens:,.0f} |

`{model_info}` holds all options and the curves, `{rollouts}` one group of samples per rollout with its rewards.
"""


def train(plan: GrpoPlan) -> None:
    """Train as planned and put the model into the run's folder.

    Raises UserError where the model cannot be loaded, and on trouble where `stop_on_trouble` is set.
    """
    # TRL would log whole prompts and responses of samples without a reward.
    logging.getLogger("trl").setLevel(logging.ERROR)
    with hold_workplace(plan):
        _train(plan)


def _train(plan: GrpoPlan) -> None:
    started, options = time.monotonic(), plan.options
    tokenizer = load_tokenizer(plan.base, options)
    tokenizer.padding_side = "left"
    end = find_turn_end(tokenizer)
    chat = Chat(tokenizer, None, options.model)
    formats = [spec.label for spec in options.reward if spec.check == "format"]
    troubles = TroubleMonitor(options.reward[0].label, formats, options.stop_on_trouble)
    if chat.special:
        troubles.report(SPECIAL_TAGS.format(model=options.model))
    config = read_config(plan.base)
    require_adaptable(config, options.lora)
    reasoning, general, longest = fit_context(
        options, plan.reasoning, plan.general, chat, read_context(config)
    )
    plan = replace(plan, reasoning=tuple(reasoning), general=tuple(general))
    if choose_engine(options.rollout) == "server":
        _require_server(plan, longest)
    neighbours = count_neighbours(parallel.get_process_state().num_processes)
    workers = options.workers or max(1, CORES // neighbours)
    with closing(Rewards(options.reward, workers)) as rewards, ExitStack() as stack:
        judges = parallel.share_outcome(lambda: _calibrate(rewards, plan))
        scorer = Scorer(plan, tokenizer, chat, end, rewards)
        trainer = build_trainer(plan, tokenizer, end, longest, scorer)
        trainer.add_callback(troubles)
        if parallel.get_process_state().is_main_process:
            rewards.warn_unverifiable(plan.reasoning)
            trainer.add_callback(StepMeter(stack, f"training {options.name}", "reward"))
        # Until the model is saved: an engine that ends early or badly takes the processes' connection with it.
        with hold_engine(trainer):
            trainer.train(resume_from_checkpoint=find_resumable(plan, trainer.args))
            about = _about(plan, trainer, troubles.found, time.monotonic() - started) | judges
            save_model(
                plan, options.lora, trainer, tokenizer, end, about, _card(about), files=[scorer.rollouts]
            )


def _calibrate(rewards: Rewards, plan: GrpoPlan) -> dict[str, Any]:
    """What is kept of how often the judges among the rewards err; nothing where there is none. Raises UserError where one may not decide."""
    found = rewards.calibrate(plan.aside / "judges")
    return {"judges": {label: one.as_json() for label, one in found.items()}} if found else {}


def _require_server(plan: GrpoPlan, longest: int) -> None:
    """Raises UserError, in every process, where the server is not the one that the training needs."""
    fault, place = "none", parallel.get_process_state()
    require_gpu_for_server(place.device.type)
    if place.is_main_process:
        try:
            require_ready(plan.options.rollout.server, plan.base.model, plan.base.commit, longest)
        except UserError as error:
            fault = str(error)
    if (fault := parallel.share_value(fault)) != "none":
        raise UserError(fault)


def build_trainer(plan: GrpoPlan, tokenizer: Any, end: int, longest: int, scorer: Scorer) -> PolicyTrainer:
    """TRL's trainer over the prompts of all steps, in their order; longest: tokens of the longest row."""
    options, config = plan.options, read_config(plan.base)
    # A response ends with its turn, whatever else the base model stopped at.
    tokenizer.eos_token = tokenizer.convert_ids_to_tokens(end)
    arguments = make_arguments(plan, longest, config, {end} | read_stops(plan.base, config))
    model = load_model(plan.base, options, sharded=tell_arguments(arguments) != "none")
    steps = plan_steps(
        len(plan.reasoning),
        len(plan.general),
        options.steps,
        options.prompts_per_step,
        options.seed,
        rollout_steps=options.rollout_steps,
        **({} if options.general is None else options.general.step_shares()),
    )
    prompts = [*plan.reasoning, *plan.general]
    numbers = [number for step in steps for number in step]
    rows = datasets.Dataset.from_dict({"number": numbers}).with_transform(MessagesTransform(prompts))
    trainer = PolicyTrainer(
        model,
        scorer=scorer,
        rollout_steps=options.rollout_steps,
        args=arguments,
        train_dataset=rows,
        processing_class=tokenizer,
        peft_config=make_lora_config(options.lora),
        callbacks=[TimedCheckpoints(options.save_minutes, options.rollout_steps)],
    )
    scorer.ends |= set(trainer.eos_token_ids)
    return trainer


def _about(plan: GrpoPlan, trainer: PolicyTrainer, troubles: Sequence[str], seconds: float) -> dict[str, Any]:
    """What the model's `MODEL_INFO` file holds."""
    options, labels = plan.options, [spec.label for spec in plan.options.reward]
    return {
        "name": options.name,
        "digest": plan.key,
        "kind": "grpo",
        "base": options.model,
        "base_commit": plan.base.commit,
        "base_digest": plan.base.key,
        "preset": options.preset,
        "rewards": labels,
        "prompts": len(plan.reasoning),
        "general_prompts": len(plan.general),
        "steps": trainer.state.global_step,
        "seconds": round(seconds, 1),
        "troubles": list(troubles),
        "curve": make_curve(trainer.state.log_history, labels),
        "options": options.model_dump(mode="json", exclude={"run"}),
        "versions": read_package_versions(),
    }


def make_curve(history: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> list[dict[str, float]]:
    """The metrics by step; for a long training, means over neighbouring steps."""
    names = {**METRICS, **{f"reward {label}": f"reward {label}" for label in labels}}
    rows = [row for row in history if "reward" in row]
    size = max(1, -(-len(rows) // POINTS))
    return [_mean(rows[at : at + size], names) for at in range(0, len(rows), size)]


def _mean(rows: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> dict[str, float]:
    mean: dict[str, float] = {"step": rows[-1]["step"]}
    for theirs, ours in names.items():
        values = [float(row[theirs]) for row in rows if row.get(theirs) is not None]
        if values:
            mean[ours] = round(sum(values) / len(values), 6)
    return mean


def _card(about: Mapping[str, Any]) -> str:
    """The text of the model card."""
    options, ends = about["options"], (about["curve"][0], about["curve"][-1])
    rewards = ", ".join(f"{spec['label']} x {spec['weight']:g}" for spec in options["reward"])
    judges = "".join(
        f"| errors of {label} on labelled answers | {describe_errors(one)} |\n"
        for label, one in about.get("judges", {}).items()
    )
    return CARD.format(
        base=about["base"],
        preset=about["preset"],
        steps=about["steps"],
        prompts_per_step=options["prompts_per_step"],
        group_size=options["group_size"],
        rewards=rewards,
        judges=judges,
        rate=options["learning_rate"],
        kl_coefficient=options["kl_coefficient"],
        first_tokens=ends[0]["tokens"],
        last_tokens=ends[1]["tokens"],
        model_info=MODEL_INFO,
        rollouts=ROLLOUTS,
    )
