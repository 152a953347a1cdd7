"""What a reward model thinks of a response, where no rule can tell.

The paper (arXiv 2501.12948, section 2.3.4) trains for helpfulness and harmlessness with preference models in
its last stage, and only in its last steps: a policy soon finds what a reward model likes by mistake.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import ClassVar

from pydantic import Field

from filters.check import Check, Role
from filters.errors import UserError
from filters.judges.bounds import PreferenceBounds
from filters.judges.classifier import Classifier, UnrenderableError
from filters.judges.preference import Part, find_preferred_span
from filters.types import Sample, Verdict


class RewardModel(Check, PreferenceBounds):
    """A reward model, which classifies sequences, gives the response a score of at least `least`.

    The score lies in 0 to 1, so that it can be weighed against other rewards: the logistic function of the
    logit where the model has one label, else the probability of `label`. The conversation is the prompt's
    messages and the response as the model's chat template writes them; a model without a template gets the
    prompt's text, a line break and the response. Code from the Hub is never run.
    """

    name: ClassVar[str] = "reward_model"
    role: ClassVar[Role] = "reward"
    rules: ClassVar[Mapping[str, str]] = {
        "preferred": "the score reaches `least`",
        "low": "the score is below `least`",
        "no_response": "the think block is not closed, so there is no response; the score is 0",
        "unrenderable": "undecided: the model's chat template refuses the messages",
        "not_a_number": "undecided: the model's output is not a number",
    }
    graded: ClassVar[bool] = True
    resident: ClassVar[bool] = True
    calibrated = "preferences"

    model: str
    """A folder or Hub id of a sequence-classification model."""
    revision: str | None = None
    """The Hub commit, branch or tag; the default branch unless given."""
    part: Part = "response"
    """response: what follows the chain, for helpfulness. whole: chain and response, for harmlessness."""
    label: str | int | None = None
    """The label, by name or number, whose probability is the score; needed where the model has several."""
    scale: float = Field(default=1.0, gt=0)
    """What a single logit is divided by first; a model whose logits span tens would give only 0 and 1."""
    least: float = Field(default=0.5, ge=0, le=1)
    """The score from which on a response is kept; 0.5 is a logit of 0."""
    batch_size: int = Field(default=16, gt=0)
    """Responses the model takes at once."""
    max_length: int = Field(default=8192, gt=0)
    """Longest conversation in tokens, at most what the model takes; of longer ones the beginning is cut off, never the end."""

    @property
    def digest(self) -> str:
        """The content key; its bounds change nothing of what the model says."""
        return self.digest_of(self.drop_bounds(self.model_dump(mode="json")))

    @cached_property
    def _classifier(self) -> Classifier:
        return Classifier(self.model, self.revision)

    @cached_property
    def _wanted(self) -> int | None:
        """The number of the label that is the score; None where there is but one."""
        labels = self._classifier.labels
        known = ", ".join(labels.values())
        if self.label is None and len(labels) > 1:
            raise UserError(f"'{self.model}' has {len(labels)} labels ({known}): say which with label=NAME.")
        found = [number for number, name in labels.items() if self.label in (None, number, name)]
        if not found:
            raise UserError(f"'{self.model}' has no label '{self.label}'; known are: {known}.")
        return found[0] if len(labels) > 1 else None

    def check(self, batch: Sequence[Sample]) -> list[Verdict]:
        """Judge a batch; the model sees all its responses, sorted by length, `batch_size` at a time."""
        looked = [self._look(sample) for sample in batch]
        rows = [found for found in looked if isinstance(found, list)]
        scored = iter(self._classifier.compute_logits(rows, self.batch_size) if rows else [])
        return [
            self._verdict(next(scored), sample) if isinstance(found, list) else found
            for sample, found in zip(batch, looked, strict=True)
        ]

    def _look(self, sample: Sample) -> list[int] | Verdict:
        """The token ids to score, or the verdict where there is nothing to."""
        span = find_preferred_span(sample.response, self.part)
        if span is None:
            return Verdict(False, "no_response: think is not closed", 0.0)
        longest = self._classifier.limit_tokens(self.max_length)
        try:
            return self._classifier.encode(sample.prompt, sample.response[slice(*span)], longest)
        except UnrenderableError as error:
            return Verdict(None, f"unrenderable: {error}"[:300])

    def _verdict(self, logits: list[float], sample: Sample) -> Verdict:
        score = self._score(logits)
        if math.isnan(score):
            return Verdict(None, "not_a_number")
        rule = "preferred" if score >= self.least else "low"
        span = find_preferred_span(sample.response, self.part)
        return Verdict(score >= self.least, f"{rule}: {score:.3f}", score, span)

    def _score(self, logits: list[float]) -> float:
        if self._wanted is None:
            return 0.5 + 0.5 * math.tanh(logits[0] / self.scale / 2)
        highest = max(logits)
        weights = [math.exp(logit - highest) for logit in logits]
        return weights[self._wanted] / sum(weights)
