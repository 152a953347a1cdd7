"""No acknowledged sample is lost, none is doubled, whatever moment a process is killed at."""

import threading
import time
from pathlib import Path

import pytest

from curate.store.journal import SampleWriter
from curate.store.layout import Run, list_parts
from curate.store.parquet import count_rows, read_part_info, scan_parts
from filters.errors import UserError
from filters.types import Prompt, Sample, Verdict
from tests.curate.checking.test_local_executor import spec

PROMPT = Prompt.make("What is 1 + 1?", "2")


def sample(index: int) -> Sample:
    return Sample(f"id-{index}", PROMPT, f"response {index}", index, 3)


def kill(writer: SampleWriter) -> None:
    """Leave a writer as SIGKILL would: what was synced is on the disk, nothing is sealed."""
    writer.sync()
    writer.__exit__(KeyboardInterrupt, None, None)


def ids(run: Run) -> list[str]:
    return sorted(scan_parts(run.samples("t")).collect()["sample_id"])


def test_sealing_writes_parts_and_sidecars_and_removes_the_journal(tmp_path: Path):
    run, moody = Run(tmp_path), spec("Moody")
    with SampleWriter(run, "t", [moody]) as writer:
        for index in range(3):
            writer.add(sample(index), {"moody": Verdict(index != 1, "fine: yes", 0.5, (0, 3))})
    (part,) = list_parts(run.samples("t"))
    (verdicts,) = list_parts(run.verdicts("t") / "moody")
    assert count_rows(part) == count_rows(verdicts) == 3
    assert scan_parts(verdicts.parent).collect()["ok"].to_list() == [True, False, True]
    assert read_part_info(verdicts)["digest"] == moody.build().digest
    assert not (run.samples("t") / "journal.jsonl").exists()


def test_a_killed_writer_is_recovered_without_its_torn_tail(tmp_path: Path):
    run = Run(tmp_path)
    writer = SampleWriter(run, "t", [])
    for index in range(5):
        writer.add(sample(index), {})
    kill(writer)
    journal = run.samples("t") / "journal.jsonl"
    for cut in (1, 30):
        journal.write_bytes(journal.read_bytes()[:-cut])
    with SampleWriter(run, "t", []):
        pass
    assert ids(run) == ["id-0", "id-1", "id-2", "id-3"]
    with SampleWriter(run, "t", []) as writer:
        writer.add(sample(4), {})
    assert ids(run) == [f"id-{index}" for index in range(5)]


def test_a_line_damaged_in_the_middle_ends_what_is_trusted(tmp_path: Path):
    run = Run(tmp_path)
    writer = SampleWriter(run, "t", [])
    for index in range(3):
        writer.add(sample(index), {})
    kill(writer)
    journal = run.samples("t") / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"response 1", b"response X"))
    with SampleWriter(run, "t", []):
        pass
    assert ids(run) == ["id-0"]


def test_a_kill_between_part_and_journal_doubles_nothing(tmp_path: Path):
    run = Run(tmp_path)
    writer = SampleWriter(run, "t", [])
    writer.add(sample(0), {})
    writer.sync()
    journal = (run.samples("t") / "journal.jsonl").read_bytes()
    writer.seal()
    kill(writer)
    (run.samples("t") / "journal.jsonl").write_bytes(journal)
    with SampleWriter(run, "t", []) as writer:
        writer.add(sample(1), {})
    assert ids(run) == ["id-0", "id-1"]


def test_failed_samples_are_kept_apart_and_may_be_made_again(tmp_path: Path):
    run = Run(tmp_path)
    with SampleWriter(run, "t", []) as writer:
        writer.add(sample(0), {}, "failed")
        writer.add(sample(1), {})
    writer = SampleWriter(run, "t", [])
    writer.add(sample(0), {})
    kill(writer)
    with SampleWriter(run, "t", []):
        pass
    assert ids(run) == ["id-0", "id-1"]


def test_what_was_added_is_on_the_disk_soon_though_nothing_follows(tmp_path: Path):
    run, deadline = Run(tmp_path), time.monotonic() + 60
    with SampleWriter(run, "t", []) as writer:
        writer.add(sample(0), {})
        while not (journal := run.samples("t") / "journal.jsonl").stat().st_size:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert journal.read_bytes().endswith(b"\n")


def test_a_full_disk_ends_the_run_instead_of_losing_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    threads, deadline = threading.active_count(), time.monotonic() + 60
    writer = SampleWriter(Run(tmp_path), "t", [])
    monkeypatch.setattr("os.fsync", full)
    writer.add(sample(0), {})
    while threading.active_count() > threads and time.monotonic() < deadline:
        time.sleep(0.1)
    with pytest.raises(OSError, match="No space left"):
        writer.add(sample(1), {})
    monkeypatch.undo()
    kill(writer)


def test_two_writers_at_once_are_refused(tmp_path: Path):
    run = Run(tmp_path)
    with SampleWriter(run, "t", []), pytest.raises(UserError, match="Another process is writing"):
        SampleWriter(run, "t", [])


def test_verdicts_by_other_options_are_not_taken_for_fresh_ones(tmp_path: Path):
    run = Run(tmp_path)
    writer = SampleWriter(run, "t", [spec("Short", longest=1)])
    writer.add(sample(0), {"short": Verdict(False, "long")})
    kill(writer)
    with SampleWriter(run, "t", [spec("Short", longest=99)]):
        pass
    assert ids(run) == ["id-0"]
    assert not (run.verdicts("t") / "short").exists()
