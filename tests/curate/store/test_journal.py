"""No acknowledged sample is lost, none is doubled, whatever moment a process is killed at."""

import threading
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.store import journal
from curate.store.joined import holds_verdicts
from curate.store.journal import SampleWriter
from curate.store.journal_lines import JournalFile
from curate.store.layout import PART, PARTIAL, Run, list_parts
from curate.store.parquet import count_rows, read_part_info, scan_files, scan_parts
from filters.errors import UserError
from filters.types import Prompt, Sample, Status, Verdict
from tests.curate.checking.test_local_executor import spec

SEALING_STEPS = ("before moody", "before samples", "before the journal is cleared")
PROMPT = Prompt.make("What is 1 + 1?", "2")


def sample(index: int) -> Sample:
    return Sample(f"id-{index}", PROMPT, f"response {index}", index, 3)


def kill(writer: SampleWriter) -> None:
    """Leave a writer as SIGKILL would: what was synced is on the disk, nothing is sealed."""
    writer.sync()
    writer._journal.close()


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
    lines = run.samples("t") / "journal.jsonl"
    for cut in (1, 30):
        lines.write_bytes(lines.read_bytes()[:-cut])
    with SampleWriter(run, "t", []):
        pass
    assert ids(run) == ["id-0", "id-1", "id-2", "id-3"]
    with SampleWriter(run, "t", []) as writer:
        writer.add(sample(4), {})
    assert ids(run) == [f"id-{index}" for index in range(5)]


def test_a_line_damaged_in_the_middle_is_refused(tmp_path: Path):
    run = Run(tmp_path)
    writer = SampleWriter(run, "t", [])
    for index in range(3):
        writer.add(sample(index), {})
    kill(writer)
    lines = run.samples("t") / "journal.jsonl"
    lines.write_bytes(lines.read_bytes().replace(b"response 1", b"response X"))
    with pytest.raises(UserError, match=r"line 3 is not what was written, and 1 whole lines follow it"):
        SampleWriter(run, "t", [])
    assert lines.read_bytes().count(b"\n") == 4, "nothing is thrown away"


def test_a_kill_between_part_and_journal_doubles_nothing(tmp_path: Path):
    run = Run(tmp_path)
    writer = SampleWriter(run, "t", [])
    writer.add(sample(0), {})
    writer.sync()
    lines = (run.samples("t") / "journal.jsonl").read_bytes()
    writer.seal()
    kill(writer)
    (run.samples("t") / "journal.jsonl").write_bytes(lines)
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


@pytest.mark.parametrize(
    "kinds", [("cancelled", "stopped"), ("cancelled", "whole"), ("failed", "stopped", "whole")]
)
def test_every_row_of_one_sample_is_kept_over_kills(tmp_path: Path, kinds: tuple[Status, ...]):
    """An id that is in a part does not hide a later row of it: cancelled, then stopped, then made whole."""
    run = Run(tmp_path)
    for kind in kinds:
        writer = SampleWriter(run, "t", [])
        writer.add(sample(0), {}, kind)
        kill(writer)
    with SampleWriter(run, "t", []):
        pass
    parts = [part for kind in (PARTIAL, PART) for part in list_parts(run.samples("t"), kind)]
    assert scan_files(parts).collect()["status"].to_list() == list(kinds)


KINDS: tuple[Status, ...] = ("whole", "failed", "cancelled", "stopped")


@given(
    st.lists(
        st.one_of(st.sampled_from(KINDS), st.sampled_from(["seal", "kill", *SEALING_STEPS])), max_size=14
    )
)
@settings(deadline=None, max_examples=30)
def test_no_row_is_lost_or_doubled_wherever_it_is_killed(steps: list[str]):
    """Also between the commits of one sealing: after the partial part, a sidecar, the whole part."""
    with TemporaryDirectory() as folder:
        run, added = Run(Path(folder)), []
        writer = SampleWriter(run, "t", [spec("Moody")])
        for number, step in enumerate(steps):
            if step in KINDS:
                row = Sample(f"id-{number % 5}", PROMPT, f"response {number}", number, 3)
                writer.add(row, {"moody": Verdict(True)} if step == "whole" else {}, step)  # type: ignore[arg-type]
                added.append((step, row.response))
            elif step == "seal":
                writer.seal()
            else:
                if step != "kill":
                    die_in_sealing(writer, step)
                kill(writer)
                writer = SampleWriter(run, "t", [spec("Moody")])
        with writer:
            pass
        parts = [part for kind in (PARTIAL, PART) for part in list_parts(run.samples("t"), kind)]
        found = scan_files(parts).collect().select("status", "response").rows() if parts else []
        assert sorted(found) == sorted(added)
        for part in list_parts(run.samples("t")):
            assert holds_verdicts(run.sidecar("t", "moody", part))


def die_in_sealing(writer: SampleWriter, step: str) -> None:
    """Begin to seal, and stop before one of its steps."""
    with pytest.MonkeyPatch.context() as patch, suppress(KeyboardInterrupt):
        if step == "before the journal is cleared":
            patch.setattr(JournalFile, "clear", interrupt)
        else:
            written = journal.write_part

            def write(path: Path, *rest: Any, **named: Any) -> None:
                kind = (
                    "samples"
                    if path.name.startswith("part-") and path.parent == writer.folder
                    else path.parent.name
                )
                if f"before {kind}" == step:
                    interrupt()
                written(path, *rest, **named)

            patch.setattr(journal, "write_part", write)
        writer.seal()


def interrupt(*rest: object) -> None:
    raise KeyboardInterrupt


def test_what_was_added_is_on_the_disk_soon_though_nothing_follows(tmp_path: Path):
    run, deadline = Run(tmp_path), time.monotonic() + 60
    with SampleWriter(run, "t", []) as writer:
        writer.add(sample(0), {})
        while b"response" not in (lines := run.samples("t") / "journal.jsonl").read_bytes():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert lines.read_bytes().endswith(b"\n")


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


def test_verdicts_by_other_options_are_not_taken_for_fresh_ones(tmp_path: Path):
    run = Run(tmp_path)
    writer = SampleWriter(run, "t", [spec("Short", longest=1)])
    writer.add(sample(0), {"short": Verdict(False, "long")})
    kill(writer)
    with SampleWriter(run, "t", [spec("Short", longest=99)]):
        pass
    assert ids(run) == ["id-0"]
    assert not (run.verdicts("t") / "short").exists()
