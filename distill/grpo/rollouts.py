"""From token ids that TRL sampled to samples, and from their verdicts to rewards, metrics and rollouts.jsonl."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, Final

from curate.engines.chat_template import Chat
from curate.store.hidden_texts import blank_reason, describe_hiding
from curate.store.layout import ROLLOUTS
from distill.common import parallel
from distill.grpo.plan import GrpoPlan
from distill.grpo.rewards import Rewards, SampleReward
from filters.types import Prompt, Sample

MOST_GROUPS: Final = 200
"""Groups of samples that the rollouts file holds at most."""


class Scorer:
    """TRL's reward function: rebuilds samples from token ids, has them checked, and keeps one group per rollout.

    rollouts: the file of those groups. ends: the token ids that end a response. undecided: for each of the last
    samples scored, in order, whether a check could not decide about it.
    """

    __name__ = "rewards"

    def __init__(self, plan: GrpoPlan, tokenizer: Any, chat: Chat, end: int, rewards: Rewards) -> None:
        self.rollouts = plan.aside / ROLLOUTS
        self.undecided: list[bool] = []
        self._prompts = [*plan.reasoning, *plan.general]
        self._reasoning, self._group_size = len(plan.reasoning), plan.options.group_size
        self._tokenizer, self._chat, self._rewards = tokenizer, chat, rewards
        self.ends: set[int] = {end, tokenizer.eos_token_id, tokenizer.pad_token_id}
        self._specs = plan.options.reward
        self._labels = [spec.label for spec in self._specs]
        self._rollout_steps, self._resumed = plan.options.rollout_steps, True
        self._every = -(-plan.options.steps // (self._rollout_steps * MOST_GROUPS))

    def __call__(
        self,
        prompts: Sequence[Any],
        completions: Sequence[Any],
        completion_ids: Sequence[list[int]],
        number: Sequence[int],
        trainer_state: Any,
        log_metric: Any,
        **rest: Any,
    ) -> list[float | None]:
        """The reward of each of a rollout's samples; None where a check was undecided."""
        samples = [
            self._sample(self._prompts[at], ids, index)
            for index, (at, ids) in enumerate(zip(number, completion_ids, strict=True))
        ]
        earned = self._rewards.compute(samples, [at >= self._reasoning for at in number])
        self.undecided = [one.total is None for one in earned]
        for label in self._labels:
            values = [value for one in earned if (value := one.values.get(label)) is not None]
            if values:
                log_metric(f"reward {label}", sum(values) / len(values))
        found = [
            next(
                one.verdicts[label].ok for label in self._rewards.correctness_labels if label in one.verdicts
            )
            for one in earned
            if any(label in one.verdicts for label in self._rewards.correctness_labels)
        ]
        decided = [ok for ok in found if ok is not None]
        if decided:
            log_metric("correct", sum(decided) / len(decided))
        log_metric("undecided", sum(self.undecided) / len(earned))
        if parallel.get_process_state().is_main_process:
            self._keep(trainer_state.global_step, samples[: self._group_size], earned[: self._group_size])
        return [one.total for one in earned]

    def _sample(self, prompt: Prompt, ids: list[int], index: int) -> Sample:
        text = self._tokenizer.decode(ids, skip_special_tokens=not self._chat.special)
        response = self._chat.render(prompt.messages).opened + self._chat.clean(text)
        finish = "stop" if ids and ids[-1] in self.ends else "length"
        return Sample(f"{prompt.id}-{index}", prompt, response, index, len(ids), finish)

    def _keep(self, step: int, samples: Sequence[Sample], earned: Sequence[SampleReward]) -> None:
        """Add a group to the rollouts file, rarely enough that the file stays readable."""
        if self._resumed:
            # Drop what an interrupted training wrote about steps that are now repeated.
            self._resumed = False
            lines = self.rollouts.read_text("utf-8").splitlines(True) if self.rollouts.exists() else []
            self.rollouts.write_text("".join(line for line in lines if _step(line) < step), "utf-8")
        if (step // self._rollout_steps) % self._every:
            return
        hiding = [spec.label for spec in self._specs if spec.build().hides_text]
        rows = [_describe(step, sample, one, hiding) for sample, one in zip(samples, earned, strict=True)]
        with self.rollouts.open("a", encoding="utf-8") as file:
            file.write("".join(json.dumps(row) + "\n" for row in rows))


def _describe(step: int, sample: Sample, one: SampleReward, hiding: Sequence[str]) -> dict[str, Any]:
    """A row of the file. hiding: the rewards without whose yes the texts must not be repeated."""
    wrong = [label for label in hiding if label in one.verdicts and one.verdicts[label].ok is not True]
    told = one.verdicts
    said = (sample.prompt.text, sample.prompt.answer, sample.response)
    if wrong:
        told = {
            label: verdict if label in hiding else blank_reason(verdict) for label, verdict in told.items()
        }
        said = (describe_hiding(wrong[0], one.verdicts[wrong[0]].reason),) * 3
    return {
        "step": step,
        **dict(zip(("prompt", "answer", "response"), said, strict=True)),
        "reward": one.total,
        "rewards": one.values,
        "reasons": {label: verdict.reason for label, verdict in told.items()},
    }


def _step(line: str) -> int:
    """The step of a line of the rollouts file; that of an incomplete line is later than any."""
    try:
        return int(json.loads(line)["step"])
    except (ValueError, KeyError):
        return sys.maxsize
