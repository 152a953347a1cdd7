"""An executor in this process: workers that start would take most of a small test's time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from curate.checking.worker_messages import Verdicts
from filters.spec import CheckSpec
from filters.take_verdicts import take_verdicts
from filters.types import Sample


class Here:
    """What `curate.checking.executors.local.LocalExecutor` does, without its workers."""

    def __init__(self, specs: Sequence[CheckSpec], workers: int | None) -> None:
        self._checks = {spec.label: spec.build() for spec in specs}

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *error: object) -> None: ...

    def judge_in_order(
        self, work: Iterable[list[Sample]], labels: Sequence[str]
    ) -> Iterator[tuple[list[Sample], Verdicts]]:
        """The verdicts on each batch."""
        for batch in work:
            yield (
                batch,
                {label: take_verdicts(self._checks[label].check(batch), len(batch)) for label in labels},
            )
