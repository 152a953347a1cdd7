"""From the token ids that TRL sampled to samples, and from what they earned to rewards, metrics and a file to read."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, Final

from curate.engines.chat_template import Chat
from curate.store.layout import ROLLOUTS as ROLLOUTS_FILE
from distill.common import parallel
from distill.grpo.rewards import Earned, Rewards
from distill.grpo.stage import GrpoPlan
from filters.types import Prompt, Sample

ROLLOUTS: Final = 200
"""Groups that rollouts.jsonl holds at most."""


class Scorer:
    """TRL's reward function: rebuilds samples from token ids, has them judged, and keeps one group a rollout.

    undecided: of the last samples scored, in order, which earned nothing because a check could not decide.
    """

    __name__ = "rewards"

    def __init__(self, plan: GrpoPlan, tokenizer: Any, chat: Chat, end: int, rewards: Rewards) -> None:
        self.rollouts = plan.aside / ROLLOUTS_FILE
        self.undecided: list[bool] = []
        self._prompts = [*plan.reasoning, *plan.general]
        self._reasoning, self._samples = len(plan.reasoning), plan.options.samples
        self._tokenizer, self._chat, self._rewards = tokenizer, chat, rewards
        self.ends: set[int] = {end, tokenizer.eos_token_id, tokenizer.pad_token_id}
        self._labels = [spec.label for spec in plan.options.reward]
        self._rollout_steps, self._resumed = plan.options.rollout_steps, True
        self._every = -(-plan.options.steps // (self._rollout_steps * ROLLOUTS))

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
        """What each of a rollout's samples earns; None where a check was undecided."""
        samples = [
            self._sample(self._prompts[at], ids, index)
            for index, (at, ids) in enumerate(zip(number, completion_ids, strict=True))
        ]
        earned = self._rewards.earn(samples, [at >= self._reasoning for at in number])
        self.undecided = [one.total is None for one in earned]
        for label in self._labels:
            values = [value for one in earned if (value := one.values.get(label)) is not None]
            if values:
                log_metric(f"reward {label}", sum(values) / len(values))
        found = [one.verdicts[self._labels[0]].ok for one in earned if self._labels[0] in one.verdicts]
        if found:
            log_metric("correct", sum(ok is True for ok in found) / len(found))
        log_metric("undecided", sum(self.undecided) / len(earned))
        if parallel.process_state().is_main_process:
            self._keep(trainer_state.global_step, samples[: self._samples], earned[: self._samples])
        return [one.total for one in earned]

    def _sample(self, prompt: Prompt, ids: list[int], index: int) -> Sample:
        text = self._tokenizer.decode(ids, skip_special_tokens=not self._chat.special)
        response = self._chat.render(prompt.messages).opened + self._chat.clean(text)
        finish = "stop" if ids and ids[-1] in self.ends else "length"
        return Sample(f"{prompt.id}-{index}", prompt, response, index, len(ids), finish)

    def length_of(self, prompt: Prompt) -> int:
        """Tokens of a prompt in its template."""
        return len(self._chat.render(prompt.messages).ids)

    def _keep(self, step: int, samples: Sequence[Sample], earned: Sequence[Earned]) -> None:
        """Add a group to the file of rollouts, so often that the file stays readable."""
        if self._resumed:
            # What a killed training wrote of steps that are now made again.
            self._resumed = False
            lines = self.rollouts.read_text("utf-8").splitlines(True) if self.rollouts.exists() else []
            self.rollouts.write_text("".join(line for line in lines if _step(line) < step), "utf-8")
        if (step // self._rollout_steps) % self._every:
            return
        rows = [
            {
                "step": step,
                "prompt": sample.prompt.text,
                "answer": sample.prompt.answer,
                "response": sample.response,
                "reward": one.total,
                "rewards": one.values,
                "reasons": {label: verdict.reason for label, verdict in one.verdicts.items()},
            }
            for sample, one in zip(samples, earned, strict=True)
        ]
        with self.rollouts.open("a", encoding="utf-8") as file:
            file.write("".join(json.dumps(row) + "\n" for row in rows))


def _step(line: str) -> int:
    """The step of a line of the rollouts' file; a torn one counts as not yet written."""
    try:
        return int(json.loads(line)["step"])
    except (ValueError, KeyError):
        return sys.maxsize
