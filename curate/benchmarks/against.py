"""What checks that compare with benchmarks share: which ones, the files that they lie in, and the keys of their content."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from curate.benchmarks.addresses import Benchmark, find_benchmarks
from filters.check import Check


def _list_addresses(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class BenchmarkCheck(Check):
    """A check that compares with benchmarks."""

    against: Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(_list_addresses)]
    """Benchmarks to compare with, one or a list: files, folders of them, Hub sets (owner/name:config@revision)."""
    column: str | None = None
    """The column of the benchmarks' questions, where it has no known name."""
    split: str | None = None
    """The split of the benchmarks. Default: test, or the only one."""
    config: str | None = None
    """The configuration of a Hub set or folder that has several."""

    @property
    def benchmarks(self) -> Sequence[Benchmark]:
        """The benchmarks as they are now. Raises UserError where there are none."""
        return find_benchmarks(self.against, self.split, self.config)

    @property
    def benchmark_keys(self) -> Sequence[tuple[str, str, str]]:
        """Name, split and key of the content of each: another place makes no difference."""
        return sorted((one.name, one.split, one.key) for one in self.benchmarks)

    @property
    def compared_files(self) -> Sequence[Path]:
        """See Check."""
        return [Path(one.source) for one in self.benchmarks if Path(one.source).is_file()]
