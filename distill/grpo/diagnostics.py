"""Training diagnostics: trouble in a GRPO training, reported in words while it happens.

A policy can collapse behind a rising reward.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from transformers import TrainerCallback

from distill.common import parallel
from filters.errors import UserError

logger = logging.getLogger(__name__)

WINDOW = 5
"""Rollouts to average over: the reward of a single rollout is noise."""
PATIENCE = 10
"""Rollouts in a row without any difference within the groups before this is reported."""
HALF = 0.5
"""Below this share of its best value, the rate of correct answers has collapsed rather than fluctuated."""
LEAST = 0.1
"""A rate of correct answers that was never above this cannot collapse."""
NEARLY_ALL = 0.95
APART = 0.2
"""Distance between the engine's and the policy's log probabilities of a token on average; rounding makes 0.01 to 0.03."""

SPECIAL_TAGS = (
    "special_think_tags: '{model}' registers <think> and </think> as special tokens. Its rewards are computed with the "
    "tags kept, but decoders that skip special tokens (TRL, vLLM and servers do by default) drop the tags, and "
    'every format check on their output fails: set "special": false for both in tokenizer.json and tokenizer_config.json.'
)


class TroubleMonitor(TrainerCallback):  # type: ignore[misc]
    """Watches the metrics of every step, and reports each kind of trouble once.

    found: the reports so far, each of which begins with its kind. first: the reward that decides what is correct;
    `correct` in the metrics is the share that pass it of the reasoning samples it decided about. formats: rewards for the format.
    stop: raise UserError instead of going on.
    """

    def __init__(self, first: str, formats: Sequence[str], stop: bool) -> None:
        self.found: list[str] = []
        self._first, self._formats, self._stop = first, [f"reward {f}" for f in formats], stop
        self._logs: list[Mapping[str, Any]] = []
        self._best = (0.0, 0, 0)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **rest: Any) -> None:
        """Check the metrics of one more step."""
        for trouble in _not_finite(logs or {}, state.global_step):
            self.report(trouble)
        if not logs or "reward" not in logs:
            return
        self._logs = [*self._logs[1 - PATIENCE :], {**logs, "step": state.global_step}]
        for trouble in self._find_troubles(args.learning_rate):
            self.report(trouble)

    def report(self, trouble: str) -> None:
        """Log a trouble once per kind, which is the word before the colon. Raises UserError where that was asked for."""
        if any(trouble.partition(":")[0] == earlier.partition(":")[0] for earlier in self.found):
            return
        self.found.append(trouble)
        if self._stop:
            raise UserError(f"Stopped because of stop_on_trouble. {trouble}")
        if parallel.get_process_state().is_main_process:
            logger.warning(f"Trouble: {trouble}")

    def _find_troubles(self, rate: float) -> Iterator[str]:
        logs, step = self._logs, self._logs[-1]["step"]
        yield from self._find_collapse(rate)
        apart = logs[-1].get("sampling/sampling_logp_difference/mean", 0)
        if apart > APART:
            yield (
                f"engine_apart: at step {step} the log probabilities of sampled tokens differ by {apart:.2f} on average between "
                "the engine and the policy: unless top_p or top_k cut much off, they hold other weights."
            )
        late = logs[-PATIENCE:]
        if len(late) == PATIENCE and all(log.get("frac_reward_zero_std", 0) >= 1 for log in late):
            yield (
                f"no_signal: in {PATIENCE} rollouts up to step {step} all samples of every prompt earned the same reward, so "
                "nothing is learned: use prompts that are sometimes answered correctly (--rates), or a larger --group-size."
            )
        late = logs[-WINDOW:]
        if len(late) < WINDOW:
            return
        if all(log.get("completions/clipped_ratio", 0) >= NEARLY_ALL for log in late):
            yield (
                f"truncated: nearly all responses around step {step} are cut off at max_tokens: raise --max-tokens, or "
                "find out why the model does not end its turns."
            )
        if all(log.get("undecided", 0) >= NEARLY_ALL for log in late):
            yield (
                f"undecided: almost no response around step {step} could be rewarded; rollouts.jsonl gives the reason "
                "of each check."
            )
        for name in self._formats:
            if step >= PATIENCE and all(log.get(name) == 0 for log in logs[-PATIENCE:]):
                yield (
                    f"no_format: no response up to step {step} earned '{name.removeprefix('reward ')}': the model may "
                    "not know the format: begin with a cold start, or with the template r1-zero."
                )

    def _find_collapse(self, rate: float) -> Iterator[str]:
        """A report where the mean of the last steps has fallen far below the best so far."""
        values = [(log["step"], log["correct"]) for log in self._logs if log.get("correct") is not None]
        if len(values) < WINDOW:
            return
        (first, _), (now, _) = values[-WINDOW], values[-1]
        last = sum(value for _, value in values[-WINDOW:]) / WINDOW
        if last > self._best[0]:
            self._best = (last, first, now)
        best, begin, end = self._best
        if best >= LEAST and last < HALF * best:
            yield (
                f"collapse: the share that {self._first} finds correct fell from {best:.2f} (steps {begin} to {end}) to {last:.2f} "
                f"(steps {first} to {now}): the policy is collapsing: lower the learning rate (now {rate:g}) "
                "or raise --kl-coefficient."
            )


def _not_finite(log: Mapping[str, Any], step: int) -> Iterator[str]:
    for name in ("loss", "grad_norm"):
        value = log.get(name)
        if value is not None and not math.isfinite(float(value)):
            yield f"not_finite: {name} is {value} at step {step}: lower the learning rate."
