"""A journal's pieces are the journal, whenever its writer is killed, and however many there were."""

from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curate.store import object_journals
from curate.store.object_journals import (
    JOURNALS,
    ObjectJournal,
    fetch_journal,
    has_journal,
    list_journals,
    read_pieces,
    remove_journal,
)
from curate.store.object_store import ObjectStore
from filters.errors import UserError

NAME = "samples/t/journal.jsonl"


class Killed(Exception):  # noqa: N818  what a test does to a writer
    """In the middle of its work on the store."""


class Mortal(ObjectStore):
    """A store whose user is killed after so many changes."""

    left = 10**9

    def write(self, name: str, content: bytes) -> None:
        self._count()
        super().write(name, content)

    def remove(self, name: str) -> None:
        self._count()
        super().remove(name)

    def _count(self) -> None:
        if not self.left:
            raise Killed
        self.left -= 1


STEPS = st.lists(st.sampled_from(["add", "add", "add", "torn", "sync", "sync", "clear"]), max_size=30)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.integers(0, 40))
def test_what_was_synced_is_there_whenever_the_writer_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[str], left: int
):
    monkeypatch.setattr(object_journals, "MOST_PIECES", 3)
    store, path = Mortal(f"memory://{uuid4().hex}"), tmp_path / "journal.jsonl"
    path.write_bytes(b"")
    journal, added, synced, cleared = ObjectJournal(store, NAME, lambda: None), b"", b"", False
    store.left = left
    try:
        for number, step in enumerate(steps):
            if step in ("add", "torn"):
                line = b"line %d" % number + (b"\n" if step == "add" else b"")
                added += line
                with path.open("ab") as file:
                    file.write(line)
            elif step == "sync":
                journal.sync(path)
                synced = added[: added.rfind(b"\n") + 1]
            else:
                cleared = True
                path.write_bytes(b"")
                journal.clear()
                added = synced = b""
                cleared = False
    except Killed:
        pass
    found = read_pieces(store, NAME) or b""
    assert added.startswith(found)
    assert found.startswith(synced) or (cleared and synced.startswith(found))
    assert len(store.list_files(f"{JOURNALS}/{NAME}")) <= 4
    store.left = 10**9
    fetch_journal(store, NAME, path)
    assert (path.read_bytes() if path.exists() else b"") == found
    if found.endswith(b"\n"):
        again = ObjectJournal(store, NAME, lambda: None)
        with path.open("ab") as file:
            file.write(b"more\n")
        again.sync(path)
        assert read_pieces(store, NAME) == found + b"more\n"
        again.clear()
        assert read_pieces(store, NAME) is None and not has_journal(store, NAME)


def test_pieces_without_a_beginning_are_no_journal_and_a_gap_is_damage(objects: str, tmp_path: Path):
    store, path = ObjectStore(f"{objects}/run"), tmp_path / "journal.jsonl"
    folder = f"{JOURNALS}/{NAME}/00000001-x"
    store.write(f"{folder}/{5:012d}", b"late\n")
    path.write_bytes(b"old")
    fetch_journal(store, NAME, path)
    assert not path.exists() and not has_journal(store, NAME) and list_journals(store, "samples/t") == []
    store.write(f"{folder}/{0:012d}", b"one\n")
    assert list_journals(store, "samples/t") == ["journal.jsonl"]
    with pytest.raises(UserError, match="pieces of it are missing"):
        fetch_journal(store, NAME, path)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["old", "new", "seal"]), min_size=1, max_size=12))
def test_what_a_former_writer_puts_late_is_not_in_its_successors_journal(tmp_path: Path, steps: list[str]):
    """Its requests were under way when it was taken for dead: they arrive in any order between those of the next."""
    store = ObjectStore(f"memory://{uuid4().hex}")
    paths = [tmp_path / name for name in ("old.jsonl", "new.jsonl")]
    paths[0].write_bytes(b"token 1\n")
    former = ObjectJournal(store, NAME, lambda: None)
    former.sync(paths[0])
    fetch_journal(store, NAME, paths[1])
    successor = ObjectJournal(store, NAME, lambda: None)
    successor.sync(paths[1])  # as it does before it makes parts of what it found
    expected = b"token 1\n"
    for number, step in enumerate(steps):
        with paths[step != "old"].open("ab") as file:
            file.write(b"%s %d\n" % (step.encode(), number))
        if step == "old":
            former.sync(paths[0])
        elif step == "new":
            successor.sync(paths[1])
            expected = paths[1].read_bytes()
        else:
            successor.clear()
            paths[1].write_bytes(b"token 2\n")
            successor.sync(paths[1])
            expected = b"token 2\n"
        found = read_pieces(store, NAME)
        assert found == expected
    remove_journal(store, NAME)
    assert not has_journal(store, NAME)
    former.sync(paths[0])
    assert not has_journal(store, NAME)
