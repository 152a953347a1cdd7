"""What a run of the sampler has spent and done, and when it must end: its budget, or a machine that only fails."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from curate.sampling.budget import Budget, Counts, Share
from filters.engine import Completion, EngineError, RequestRefused
from filters.errors import UserError, WorkUndone
from filters.types import Status, Verdict


class Load(NamedTuple):
    """How busy a sampler is.

    tasks: requests in flight, and samples that are being verified. free: requests that its engine has room for. waiting:
    samples that wait for room. tokens: what it has spent, with what its tasks may still cost. longest: the most of a request.
    """

    tasks: int
    free: int
    waiting: int
    tokens: int
    longest: int


def require_enough(budget: Budget, longest: int) -> None:
    """Raises UserError where not even one sample may be made."""
    if budget.tokens is not None and budget.tokens < longest:
        raise UserError(
            f"A budget of {budget.tokens:,} tokens is less than the longest sample may take: lower --max-tokens "
            f"({longest:,}), or raise the budget."
        )


HOPELESS: Final = 32
"""So many failures in a row, with no answer in between, end a run: more would fail the same way."""


class Ledger:
    """Counts what becomes of requests. `failure` is why the run must end, once there is a reason.

    share: what it may spend. longest: tokens that a request may cost. answered: whether there are answers of an earlier run.
    """

    def __init__(self, share: Share, longest: int, answered: bool) -> None:
        self._share, self.longest, self._answered = share, longest, answered
        self._failed_in_a_row = 0
        self._refused: set[str] = set()
        self._spent_tokens = 0
        self.counts = Counts()
        self.failure: WorkUndone | None = None

    def begin(self) -> float | None:
        """Seconds that the run may take; None for any number."""
        return None if self._share.minutes is None else 60 * self._share.minutes

    def end_by_time(self) -> None:
        """The time is over."""
        self.counts.spent = "minutes"

    def allows(self, running: int) -> bool:
        """Whether another request may start beside those that are running and may cost what the longest does."""
        share, counts = self._share, self.counts
        if share.samples is not None and counts.paid + running >= share.samples:
            counts.spent = "samples" if share.whole and counts.paid >= share.samples else ""
            return False
        if share.tokens is not None and self.spend_at_most(running + 1) > share.tokens:
            counts.spent = "tokens" if share.whole and not running else ""
            return False
        return True

    def spend_at_most(self, running: int) -> int:
        """Tokens that were spent, with what so many requests in flight may still cost."""
        return self._spent_tokens + running * self.longest

    def count_whole(self, made: Completion, verdicts: Iterable[Verdict]) -> bool | None:
        """A whole sample: whether it is accepted, which is true where all verdicts are and false where one is."""
        given = list(verdicts)
        answers = [verdict.ok for verdict in given]
        ok = False if False in answers else None if None in answers else True
        if ok is not True:
            self.counts.reasons[next(verdict.rule for verdict in given if verdict.ok is ok)] += 1
        self.counts.accepted += ok is True
        self.count_unverified(made)
        return ok

    def count_unverified(self, made: Completion) -> None:
        """A whole sample that will be verified later."""
        self.counts.whole += 1
        self._count_tokens(made.tokens)
        self._count_answer()

    def count_partial(self, status: Status, tokens: int | None) -> None:
        """A sample that is not whole."""
        self.counts.partial[status] = self.counts.partial.get(status, 0) + 1
        if status != "failed":
            self._count_tokens(tokens)
        if status == "stopped":
            self._count_answer()

    def count_failure(self, prompt_id: str, error: EngineError) -> None:
        """A request without an answer; sets `failure` where there have been too many in a row."""
        self.counts.error = str(error)
        if isinstance(error, RequestRefused):
            self.counts.refused += 1
            self._refused.add(prompt_id)
            if not self._answered and len(self._refused) >= HOPELESS:
                self.failure = WorkUndone(
                    f"The first {HOPELESS} prompts were all refused, the last with: {error}"
                )
            return
        self._failed_in_a_row += 1
        if self._failed_in_a_row >= HOPELESS:
            self.failure = WorkUndone(
                f"{HOPELESS} requests in a row failed, the last with: {str(error).rstrip('.')}. "
                "The samples are kept; run the same command again to go on."
            )

    def _count_answer(self) -> None:
        self._failed_in_a_row, self._answered = 0, True

    def _count_tokens(self, tokens: int | None) -> None:
        self.counts.tokens += tokens or 0
        # Where nobody counted, it may have been as many as were allowed.
        self._spent_tokens += self.longest if tokens is None else tokens
