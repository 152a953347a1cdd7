"""Shards judged on some machine: their parts are brought there where the run lies on an object store, and verdicts are committed."""

from __future__ import annotations

from collections.abc import Sequence

from curate.checking.executors.local import LocalExecutor
from curate.checking.judge_parts import describe_fault, judge_by_rule
from curate.checking.shards import Shard, ShardFault
from curate.store.copies import find_copy, find_folder
from curate.store.layout import Run
from curate.store.parquet import count_rows
from curate.store.prompts_by_id import PromptIndex
from filters.spec import CheckSpec


class ShardJudge:
    """Judges shards of `samples(name)`; its workers, and what it knows of the prompts, are kept from one to the next.

    address: of the run, by which any machine finds it. workers: processes that check.
    """

    def __init__(self, address: str, name: str, workers: int) -> None:
        self._run, self._name, self._workers = Run(find_folder(address, f"prompts/{name}")), name, workers
        self._prompts = PromptIndex(self._run.prompts(name))
        self._copy = find_copy(self._run.path)
        self._specs: tuple[CheckSpec, ...] = ()
        self._executor: LocalExecutor | None = None

    def judge(self, shards: Sequence[Shard]) -> list[int | ShardFault]:
        """Judge shards that ask for the same checks, without a stop between them; of each how many samples it has, or why it was not.

        Verdicts of each are committed as soon as they are there.
        """
        try:
            return self._judge(shards)
        except Exception as error:  # noqa: BLE001  whatever is wrong with one of them
            self.close()  # what its workers were busy with is nobody's
            if len(shards) == 1:
                return [describe_fault(shards[0].part, error)]
        return [each for shard in shards for each in self.judge([shard])]

    def close(self) -> None:
        """End the workers."""
        if self._executor is not None:
            self._executor.close()
        self._executor = None

    def _judge(self, shards: Sequence[Shard]) -> list[int | ShardFault]:
        specs = shards[0].specs
        if self._executor is None or specs != self._specs:
            self.close()
            self._specs, self._executor = specs, LocalExecutor(specs, self._workers)
        parts = [self._run.samples(self._name) / shard.part.name for shard in shards]
        if self._copy is not None:
            before = [
                self._run.sidecar(self._name, spec.after, part)
                for part in parts
                for spec in specs
                if spec.after
            ]
            self._copy.refresh(*parts, *before)
        todo = dict.fromkeys(parts, specs)
        judged = judge_by_rule(
            self._run, self._name, todo, self._executor, lambda labels, rows: None, self._prompts
        )
        rows = [count_rows(part) for part in judged]
        if self._copy is not None:  # this machine need not hold all that it judges
            for part in parts:
                part.unlink()
        return list(rows)
