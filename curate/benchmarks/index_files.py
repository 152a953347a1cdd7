"""Indexes of benchmarks that are kept: one folder each in the user's cache, found by content, mapped into memory by many processes.

A folder is written aside, whole, and renamed. One that is damaged, or of another version, is made again.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, Final, overload

import numpy as np
import pyarrow as pa

from curate.benchmarks.addresses import Benchmark
from curate.benchmarks.benchmark_index import BenchmarkIndex, Problem, index_problems, read_problems
from filters.digest import digest, digest_file
from filters.overlap.match_rules import MatchRules
from filters.overlap.problem_index import ProblemIndex
from filters.types import make_storable

logger = logging.getLogger(__name__)

VERSION: Final = 3
"""Raised when the words, the runs or the files are others."""
_ABOUT, _PROBLEMS = "index.json", "problems.arrow"
_DAMAGE: Final = (OSError, ValueError, KeyError, TypeError, RecursionError, pa.ArrowException)
"""What reading a damaged index raises."""


def find_home() -> Path:
    """The folder of all kept indexes: R1CURATE_BENCHMARKS, or one in the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("R1CURATE_BENCHMARKS") or cache / "r1curate" / "benchmarks").absolute()


def open_index(
    benchmarks: Sequence[Benchmark], rules: MatchRules, column: str | None = None
) -> BenchmarkIndex:
    """The index of benchmarks: the one that is kept, else one made now, and kept where the cache can be written.

    Raises UserError where a benchmark cannot be read.
    """
    named = [(one.name, one.key, one.split) for one in benchmarks]
    place = find_home() / digest(VERSION, named, asdict(rules), column)
    kept = _load(place, rules)
    if kept is not None:
        return kept
    with _wait_for(place):
        kept = _load(place, rules)  # of another process that made it meanwhile
        return kept or _make(place, benchmarks, rules, column)


def _make(
    place: Path, benchmarks: Sequence[Benchmark], rules: MatchRules, column: str | None
) -> BenchmarkIndex:
    made = index_problems(read_problems(benchmarks, column), rules)
    names = ", ".join(f"{one.name} ({one.split})" for one in benchmarks)
    logger.info(f"Benchmarks compared with: {names}; {len(made.problems):,} problems.")
    if unseen := made.index.count_unseen():
        logger.warning(
            f"{unseen:,} of these problems have too few words to be compared, and are never found."
        )
    try:
        _write(made, place)
    except OSError as error:
        logger.warning(
            f"The index of benchmarks could not be kept in '{place}' ({error.strerror}); it is made each time."
        )
        return made
    return _load(place, rules) or made


def _write(made: BenchmarkIndex, place: Path) -> None:
    aside = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    try:
        arrays = made.index.to_arrays()
        for name, array in arrays.items():
            np.save(aside / f"{name}.npy", array)
        columns = [
            pa.array([make_storable(one[at]) for one in made.problems], pa.large_string()) for at in range(4)
        ]
        table = pa.table(columns, names=list(Problem._fields))
        with pa.OSFile(str(aside / _PROBLEMS), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
        keys = {file.name: digest_file(file) for file in sorted(aside.iterdir())}
        (aside / _ABOUT).write_text(json.dumps({"files": keys}), "utf-8")
        if place.exists():  # and is damaged, or nobody would make another
            place.rename(aside / "damaged")
        aside.rename(place)
        shutil.rmtree(place / "damaged", ignore_errors=True)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _load(place: Path, rules: MatchRules) -> BenchmarkIndex | None:
    """A kept index, mapped; None where there is none, or it is not what was written."""
    if not place.is_dir():
        return None
    try:
        keys: dict[str, str] = json.loads((place / _ABOUT).read_text("utf-8"))["files"]
        if any(digest_file(place / name) != key for name, key in keys.items()):
            raise ValueError("its files are others than those that were written")
        arrays: dict[str, Any] = {
            name.removesuffix(".npy"): np.asarray(np.load(place / name, mmap_mode="r"))
            for name in keys
            if name.endswith(".npy")
        }
        with pa.memory_map(str(place / _PROBLEMS)) as file:
            problems = _StoredProblems(pa.ipc.open_file(file).read_all())
        return BenchmarkIndex(problems, ProblemIndex.from_arrays(problems.texts, rules, arrays))
    except _DAMAGE as error:
        logger.warning(f"The kept index of benchmarks in '{place}' is damaged ({error}) and is made again.")
        return None


class _Texts(Sequence[str]):
    """A column of a mapped table, a text of which is read when it is asked for."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        self._column = column

    def __len__(self) -> int:
        return len(self._column)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        text: str = self._column[at].as_py()
        return text


class _StoredProblems(Sequence[Problem]):
    """The problems of a mapped table."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    @cached_property
    def texts(self) -> _Texts:
        """Their texts alone."""
        return _Texts(self._table["text"])

    def __len__(self) -> int:
        return int(self._table.num_rows)

    @overload
    def __getitem__(self, at: int) -> Problem: ...
    @overload
    def __getitem__(self, at: slice) -> list[Problem]: ...
    def __getitem__(self, at: int | slice) -> Problem | list[Problem]:
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        return Problem(*(self._table[name][at].as_py() for name in Problem._fields))


@contextmanager
def _wait_for(place: Path) -> Iterator[None]:
    """Until no other process of this machine makes the same index; at once where the file system knows no locks."""
    with ExitStack() as stack:
        with suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(place.parent / f".{place.name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            stack.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
