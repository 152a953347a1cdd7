"""Which of several samplers makes what: prompts are leased and a budget is shared out, and what a lost one had goes to others.

Nothing here knows where samplers run or what a prompt says: it is called a few times a second by each of them, holds
of each prompt its id, and is fast enough for thousands (`tests/benchmarks/bench_leases.py`).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from curate.sampling.budget import Budget, Counts, add_counts

COUNTED_BUDGETS: Final = ("samples", "tokens")
"""Budgets that are counted: what is in flight is paid for, and they are spent once nothing is."""
SUSPECT_AT: Final = 2
"""A prompt that so many lost samplers had is leased alone from then on."""
GIVEN_UP_AT: Final = 4
"""One that so many had is left out: it may be what they were lost of."""

Known = Mapping[int, bool | None]
"""The verdicts of a prompt's samples by index, as in `curate.store.verdict_index`."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A prompt that a sampler is to make samples of, with what is there of it."""

    prompt_id: str
    known: Known


@dataclass(frozen=True, slots=True)
class Report:
    """What a sampler tells.

    finished: prompts of which it makes no more. wanted: how many prompts it has room for. flying: its requests in flight.
    samples, tokens: what they and all it has made cost at most. more: requests that it could start beside them now, each
    of at most `longest` tokens.
    """

    counts: Counts
    finished: tuple[str, ...] = ()
    wanted: int = 0
    flying: int = 0
    samples: int = 0
    tokens: int = 0
    more: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a sampler is told. samples, tokens: what it may spend in all; None for any number. done: whether it is to end.

    abort: at once, without what is in flight.
    """

    leases: tuple[Lease, ...]
    samples: int | None
    tokens: int | None
    done: bool
    abort: bool


@dataclass(frozen=True, slots=True)
class Left:
    """What a lost sampler has left on the disk: what is known of the prompts it had, and all that it made."""

    known: Mapping[str, Known]
    counts: Counts


@dataclass(slots=True)
class _Sampler:
    """What the book holds of one sampler. finished: how many prompts it told as such."""

    leases: set[str] = field(default_factory=set)
    finished: int = 0
    samples: int = 0
    tokens: int = 0
    report: Report = field(default_factory=lambda: Report(Counts()))
    alone: bool = False


class LeaseBook:
    """Leases prompts of which samples are wanted, in their order.

    wanting: prompts with what is known of them; taken one by one as they are leased. longest: the most tokens of a sample.
    Not for several threads at once.
    """

    def __init__(self, wanting: Iterable[Lease], budget: Budget, longest: int) -> None:
        self._wanting: Iterator[Lease] = iter(wanting)
        self._budget, self._longest = budget, longest
        self._returned: deque[Lease] = deque()
        self._suspects: deque[Lease] = deque()
        self._open: dict[str, Known] = {}
        self._samplers: dict[str, _Sampler] = {}
        self._spent_samples = self._spent_tokens = 0
        self._ended: list[Counts] = []
        self._gone: set[str] = set()
        self._losses: Counter[str] = Counter()
        self._exhausted = False
        self._stopped = ""
        self.given_up: list[str] = []

    @property
    def is_done(self) -> bool:
        """Whether nothing is to be made any more: the budget is spent, or no prompt is left to lease, and none is leased."""
        return bool(self._stopped) or (not self._open and not self._has_more())

    def exchange(self, name: str, report: Report) -> Reply:
        """Take a sampler's report, and give it prompts and its share of the budget; one that was lost is told to end."""
        if name in self._gone:  # its machine was cut off, and is back
            return Reply((), 0, 0, done=True, abort=True)
        one = self._samplers.setdefault(name, _Sampler())
        one.report = report
        for prompt_id in report.finished:
            if prompt_id in one.leases:
                one.leases.discard(prompt_id)
                one.finished += 1
                self._open.pop(prompt_id, None)
        if not one.leases:
            one.alone = False
        self._share(one, report)
        self._stop_where_spent()
        leases = () if self._stopped else tuple(self._lease(one, report.wanted))
        return Reply(
            leases,
            None if self._budget.samples is None else one.samples,
            None if self._budget.tokens is None else one.tokens,
            self.is_done,
            self._stopped not in ("", *COUNTED_BUDGETS),
        )

    def lose(self, name: str, left: Left, *, blame: bool = True) -> None:
        """A sampler is lost: what it has left counts, and its prompts are leased again. blame: whether one may be what it was lost of."""
        if (one := self._samplers.get(name)) is not None:
            # Its last report is older than what it wrote; prompts that it did not tell are counted by who has them next.
            counts = replace(left.counts, prompts=one.finished, error=one.report.counts.error)
            one.report = replace(one.report, counts=counts)
        for lease in self._close(name, left.known):
            self._losses[lease.prompt_id] += blame
            if self._losses[lease.prompt_id] >= GIVEN_UP_AT:
                self.given_up.append(lease.prompt_id)
            elif self._losses[lease.prompt_id] >= SUSPECT_AT:
                self._suspects.append(lease)
            else:
                self._returned.append(lease)

    def list_counts(self) -> dict[str, Counts]:
        """What each of those that sample now has done, as it told last."""
        return {name: one.report.counts for name, one in self._samplers.items()}

    def list_leased(self, name: str) -> list[str]:
        """The prompts that a sampler has."""
        return sorted(self._samplers[name].leases) if name in self._samplers else []

    def end(self, name: str, counts: Counts) -> None:
        """A sampler has ended in order, having done so much; what it had not finished was left by its budget."""
        if name in self._samplers:
            self._samplers[name].report = Report(counts)
        self._close(name, {})

    def stop(self, reason: str) -> None:
        """Lease nothing further; where that is not because a counted budget is spent, what is in flight is aborted."""
        self._stopped = self._stopped or reason

    def sum_up(self) -> Counts:
        """What all samplers have done so far."""
        counts = add_counts([*self._ended, *(one.report.counts for one in self._samplers.values())])
        counts.spent = self._stopped
        return counts

    def _close(self, name: str, known: Mapping[str, Known]) -> list[Lease]:
        self._gone.add(name)
        one = self._samplers.pop(name, None)
        if one is None:
            return []
        self._spent_samples += one.samples
        self._spent_tokens += one.tokens
        self._ended.append(one.report.counts)
        return [
            Lease(prompt_id, {**self._open.pop(prompt_id), **known.get(prompt_id, {})})
            for prompt_id in sorted(one.leases)
        ]

    def _share(self, one: _Sampler, report: Report) -> None:
        """What is not spoken for goes to who can spend it; what a sampler cannot spend goes back."""
        budget, others = self._budget, [each for each in self._samplers.values() if each is not one]
        if budget.samples is not None:
            free = budget.samples - self._spent_samples - sum(each.samples for each in others)
            # A sample that was just made may be told as in flight, too: never more than is free.
            one.samples = min(free, report.samples + report.more)
        if budget.tokens is not None:
            free = budget.tokens - self._spent_tokens - sum(each.tokens for each in others)
            # What is too little for a sample stays free: with what others give back it may be enough.
            room = max(0, free - report.tokens) // self._longest
            one.tokens = min(free, report.tokens + min(report.more, room) * self._longest)

    def _stop_where_spent(self) -> None:
        """The budget is spent where some could start a request, nothing is in flight, and too little is left for one."""
        samplers = self._samplers.values()
        if any(each.report.flying for each in samplers):
            return
        if not any(each.report.more for each in samplers):
            return
        for what, room in zip(COUNTED_BUDGETS, (1, self._longest), strict=True):
            limit = getattr(self._budget, what)
            used = getattr(self, f"_spent_{what}") + sum(getattr(each.report, what) for each in samplers)
            if limit is not None and limit - used < room:
                self.stop(what)

    def _lease(self, one: _Sampler, wanted: int) -> Iterator[Lease]:
        if one.alone:
            return
        if self._suspects and not one.leases and wanted:
            one.alone = True
            yield self._open_lease(one, self._suspects.popleft())
            return
        for _ in range(wanted):
            lease = self._returned.popleft() if self._returned else self._take()
            if lease is None:
                return
            yield self._open_lease(one, lease)

    def _open_lease(self, one: _Sampler, lease: Lease) -> Lease:
        one.leases.add(lease.prompt_id)
        self._open[lease.prompt_id] = lease.known
        return lease

    def _take(self) -> Lease | None:
        lease = next(self._wanting, None)
        self._exhausted = lease is None
        return lease

    def _has_more(self) -> bool:
        """Whether a prompt is left to lease; the next one is looked up where nobody knows."""
        if not (self._returned or self._suspects or self._exhausted):
            lease = self._take()
            if lease is not None:
                self._returned.append(lease)
        return bool(self._returned or self._suspects)
