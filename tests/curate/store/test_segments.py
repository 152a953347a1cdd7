"""Several writers at once: a lost one is taken over at any moment, and nothing it acknowledged is lost or doubled."""

import os
from collections import Counter
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curate.store import copies, journal
from curate.store.copies import find_folder
from curate.store.journal import SampleWriter, take_over
from curate.store.layout import PART, PARTIAL, Run, list_parts
from curate.store.parquet import scan_files
from curate.store.segments import FencedError, name_segment
from curate.store.storage import STORAGE
from filters.errors import UserError
from filters.types import Prompt, Sample, Verdict
from tests.curate.checking.test_local_executor import spec

PROMPT = Prompt.make("What is 1 + 1?", "2")


def sample(index: int) -> Sample:
    return Sample(f"id-{index}", PROMPT, f"response {index}", index, 3)


def count_rows(run: Run) -> Counter[tuple[str, str]]:
    parts = [*list_parts(run.samples("t")), *list_parts(run.samples("t"), PARTIAL)]
    rows = scan_files(parts).select("sample_id", "status").collect().iter_rows() if parts else ()
    return Counter((id_, status) for id_, status in rows)


def test_writers_beside_each_other_keep_all_they_were_given(tmp_path: Path):
    run, moody = Run(tmp_path), spec("Moody")
    with (
        SampleWriter(run, "t", [moody], name_segment()) as one,
        SampleWriter(run, "t", [moody], name_segment()) as two,
    ):
        for index in range(6):
            (one if index % 2 else two).add(sample(index), {"moody": Verdict(True, "fine")})
            if index == 3:
                one.seal()
    assert len(list_parts(run.samples("t"))) == len(list_parts(run.verdicts("t") / "moody")) == 3
    assert count_rows(run) == Counter((f"id-{index}", "whole") for index in range(6))
    assert not run.is_unfinished("t")


OPERATIONS = st.lists(st.sampled_from(["whole", "stopped", "seal", "takeover"]), max_size=14)


@settings(max_examples=150, deadline=None)
@given(OPERATIONS, st.integers(0, 3))
def test_a_lost_writer_is_taken_over_at_any_moment(operations, torn_at):
    """The writer goes on after it was taken over, as one whose machine was only cut off."""
    with TemporaryDirectory() as folder:
        _lose_writer(Run(Path(folder)), Run(Path(folder)), operations, torn_at)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(OPERATIONS, st.integers(0, 3))
def test_so_it_is_on_an_object_store(tmp_path, monkeypatch, operations, torn_at):
    monkeypatch.setenv("R1CURATE_COPIES", str(tmp_path))
    url = f"memory://{uuid4().hex}"
    mine, other = find_folder(url), copies._HELD.clear() or find_folder(url)
    _lose_writer(Run(mine), Run(other), operations, torn_at)


def _lose_writer(mine: Run, run: Run, operations: list[str], torn_at: int) -> None:
    """A writer works in `mine`; who takes over, and looks, in `run`."""
    segment = name_segment()
    writer = SampleWriter(mine, "t", [spec("Moody")], segment)
    kept: Counter[tuple[str, str]] = Counter()
    fenced = taken = False
    for number, operation in enumerate(operations):
        if operation == "takeover":
            with suppress(RuntimeError):
                _take_over_in_part(run, segment, torn_at)
            take_over(run, "t", segment, [spec("Moody")])
            taken = True
        elif not fenced:
            try:
                if operation == "seal":
                    writer.seal()
                else:
                    writer.add(sample(number), {"moody": Verdict(True, "fine")}, operation)
                    writer.sync()
                    if not taken:
                        kept[f"id-{number}", operation] += 1
            except FencedError:
                fenced = True
    take_over(run, "t", segment, [spec("Moody")])
    writer._journal.close()
    assert count_rows(run) == kept
    assert not run.is_unfinished("t")
    STORAGE.list_files(run.verdicts("t") / "moody", PART, ".parquet")
    for part in list_parts(run.samples("t")):
        assert run.sidecar("t", "moody", part).exists()


def _take_over_in_part(run: Run, segment: str, steps: int) -> None:
    """Be killed after so many files were written."""
    left, write = [steps], journal.write_part

    def counted(*given, **named):
        if not left[0]:
            raise RuntimeError("killed")
        left[0] -= 1
        write(*given, **named)

    journal.write_part = counted
    try:
        take_over(run, "t", segment, [spec("Moody")])
    finally:
        journal.write_part = write


def test_a_writer_that_was_taken_over_commits_nothing(tmp_path: Path):
    run, segment = Run(tmp_path), name_segment()
    writer = SampleWriter(run, "t", [], segment)
    writer.add(sample(0), {})
    writer.add(sample(1), {}, "stopped")
    writer.sync()
    take_over(run, "t", segment, [])
    writer.add(sample(2), {})
    with pytest.raises(FencedError, match="another process has taken over"):
        writer.seal()
    writer._journal.close()
    assert count_rows(run) == {("id-0", "whole"): 1, ("id-1", "stopped"): 1}


def test_a_file_system_without_hard_links_is_refused(tmp_path: Path, monkeypatch):
    def refuse(*given):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    with (
        pytest.raises(UserError, match="has no hard links"),
        SampleWriter(Run(tmp_path), "t", [], name_segment()) as writer,
    ):
        writer.add(sample(0), {})
    assert list_parts(Run(tmp_path).samples("t"), PART) == []
