"""A run on an object store is the same in all its copies: what one commits others see, whole or not at all."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curate.store import copies, run_copy
from curate.store.copies import find_address, find_copy, find_folder
from curate.store.layout import Run, create_run, is_run, open_run
from curate.store.storage import STORAGE
from curate.store.whole_files import (
    remove_file,
    remove_folder,
    write_aside,
    write_folder_aside,
    write_json,
    write_once,
)
from curate.visible_text import escape_controls
from filters.errors import UserError


def open_copy(url: str) -> Path:
    """A copy as a process of its own would have it."""
    copies._HELD.clear()
    return find_folder(url)


def read_files(root: Path) -> dict[str, str]:
    files = [path for path in root.rglob("*") if path.is_file()]
    names = {path.relative_to(root).as_posix(): path for path in files}
    return {name: path.read_text() for name, path in names.items() if not run_copy.is_hidden(name)}


def refresh(root: Path) -> dict[str, str]:
    copy = find_copy(root)
    assert copy is not None
    copy.refresh()
    return read_files(root)


def test_a_folder_is_itself_and_an_address_is_its_copy(objects: str, tmp_path: Path):
    assert find_folder(tmp_path) == tmp_path and find_copy(tmp_path) is None
    assert find_address(tmp_path) == str(tmp_path)
    assert find_folder(tmp_path.as_uri()) == tmp_path
    here = find_folder(Path(f"{objects}/run"))
    assert here == find_folder(f"{objects}/run") and here.is_relative_to(tmp_path / "copies")
    assert find_address(here / "x") == f"{objects}/run"
    assert escape_controls(f"'{here}/x' is") == f"'{objects}/run/x' is"
    there = open_copy(f"{objects}/run")
    assert there != here
    assert not is_run(f"{objects}/run") and not is_run("https://somewhere.invalid/data.jsonl")
    with pytest.raises(UserError, match=f"'{objects}/run' is not a run folder"):
        open_run(f"{objects}/run")


def test_what_one_commits_others_see(objects: str):
    one, two = open_copy(f"{objects}/run"), open_copy(f"{objects}/run")
    write_json(one / "samples/t/about.json", {"a": 1})
    with write_aside(one / "samples/t/large") as aside:
        aside.write_text("x" * (1 << 20))
    with write_once(one / "samples/t/part-1.parquet") as aside:
        aside.touch()
    with write_folder_aside(one / "sets/s") as aside:
        (aside / "deep").mkdir()
        (aside / "deep/file").write_text("deep")
    (one / "samples/.hidden").mkdir()
    write_json(one / "samples/.hidden/file.json", {})
    assert refresh(two) == read_files(one) != {}
    with pytest.raises(FileExistsError), write_once(two / "samples/t/part-1.parquet") as aside:
        aside.write_text("mine")
    with write_folder_aside(two / "sets/s") as aside:
        (aside / "file").write_text("new")
    remove_file(two / "samples/t/about.json")
    assert refresh(one) == read_files(two)
    assert read_files(one).keys() == {"samples/t/large", "samples/t/part-1.parquet", "sets/s/file"}
    remove_folder(one / "sets/s")
    assert refresh(two).keys() == {"samples/t/large", "samples/t/part-1.parquet"}
    assert not (two / "sets").exists()


def test_what_was_not_committed_is_gone(objects: str, monkeypatch: pytest.MonkeyPatch):
    one = open_copy(f"{objects}/run")
    write_json(one / "kept.json", 1)
    with monkeypatch.context() as patch:
        patch.setattr(run_copy.RunCopy, "put", lambda *given, **named: None)
        write_json(one / "lost.json", 1)
        write_json(one / "kept.json", 2)
    assert refresh(one) == {"kept.json": "1\n"}


@pytest.mark.parametrize("before", [True, False])
def test_a_folder_that_is_half_there_counts_as_not_there(
    objects: str, monkeypatch: pytest.MonkeyPatch, before: bool
):
    one, two = open_copy(f"{objects}/run"), open_copy(f"{objects}/run")
    if before:
        with write_folder_aside(one / "sets/s") as aside:
            (aside / "old").write_text("old")
    put = run_copy.ObjectStore.put

    def die(store: Any, file: Path, name: str, **named: Any) -> None:
        put(store, file, name, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run_copy.ObjectStore, "put", die)
        with pytest.raises(KeyboardInterrupt):
            write_set(one, "0", "1", "2")
    assert refresh(two) == refresh(one) == {}
    write_set(two, "4")
    assert refresh(one) == {"sets/s/4": "new"}


def write_set(root: Path, *names: str) -> None:
    with write_folder_aside(root / "sets/s") as aside:
        for name in names:
            (aside / name).write_text("new")


def test_measurements_are_put_at_the_end_and_stay_meanwhile(objects: str):
    run = create_run(f"{objects}/run")
    two = Run(open_copy(f"{objects}/run"))
    lock = run.lock("samples", "t")
    with STORAGE.lock(lock, "it"):
        run.samples("t").mkdir(parents=True)
        run.metrics("t").write_text('{"a": 1}\n')
        note_measured(run)
        STORAGE.list_files(run.samples("t"), "part", ".parquet")
        assert run.metrics("t").exists()
    assert json.loads(refresh(two.path)["samples/t/metrics.jsonl"]) == {"a": 1}
    with STORAGE.lock(two.lock("samples", "t"), "it"):
        with two.metrics("t").open("a") as file:
            file.write('{"a": 2}\n')
        note_measured(two)
        refresh(two.path)
    with STORAGE.lock(lock, "it"):
        assert run.metrics("t").read_text() == '{"a": 1}\n{"a": 2}\n'


def note_measured(run: Run) -> None:
    copy = find_copy(run.path)
    assert copy is not None
    copy.note_measured(run.metrics("t"))


def test_lines_that_another_process_added_are_not_put_over_what_is_there(objects: str):
    one, two = Run(open_copy(f"{objects}/run")), Run(open_copy(f"{objects}/run"))
    for run in (one, two):
        run.samples("t").mkdir(parents=True)
    one.metrics("t").write_text('{"killed before it was put": 1}\n')
    copies._COPIES.clear()
    with STORAGE.lock(two.lock("samples", "t"), "it"):
        two.samples("t").mkdir(parents=True, exist_ok=True)
        two.metrics("t").write_text('{"a": 2}\n')
        note_measured(two)
    with STORAGE.lock(one.lock("samples", "t"), "it"):
        assert one.metrics("t").read_text() == '{"a": 2}\n'


@pytest.mark.parametrize("what", ["removed", "replaced"])
def test_what_a_kill_left_of_a_folder_is_finished_by_who_locks_it_next(
    objects: str, monkeypatch: pytest.MonkeyPatch, what: str
):
    """Else what is written there later would count as not there, too."""
    one, two = Run(open_copy(f"{objects}/run")), Run(open_copy(f"{objects}/run"))
    write_json(one.samples("t") / "old.json", 1)

    def die(store: Any, *given: Any, **named: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run_copy.ObjectStore, "remove" if what == "removed" else "put", die)
        with pytest.raises(KeyboardInterrupt):
            remove_folder(one.samples("t")) if what == "removed" else write_samples(one)
    assert refresh(two.path) == {}
    with STORAGE.lock(two.lock("samples", "t"), "it"):
        write_json(two.samples("t") / "new.json", 2)
    assert refresh(one.path) == refresh(two.path) == {"samples/t/new.json": "2\n"}


def write_samples(run: Run) -> None:
    with write_folder_aside(run.samples("t")) as aside:
        (aside / "new").write_text("new")


def test_a_part_is_fetched_once(objects: str, monkeypatch: pytest.MonkeyPatch):
    one, two = open_copy(f"{objects}/run"), open_copy(f"{objects}/run")
    fetched: list[str] = []
    get = run_copy.ObjectStore.get
    monkeypatch.setattr(
        run_copy.ObjectStore, "get", lambda store, name, file: (fetched.append(name), get(store, name, file))
    )
    for number in range(2):
        with write_aside(one / f"part-{number}") as aside:
            aside.write_text("x" * (1 << 20))
        refresh(one)
        refresh(two)
        copies._COPIES.clear()  # as in another process that uses the copy
        refresh(two)
    assert fetched == ["part-0", "part-1"]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["write", "create", "folder", "remove", "remove folder", "refresh", "lose"]),
        st.integers(0, 1),
        st.sampled_from(["a.json", "x/b", "x/c", "y/z/d"]),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_all_copies_are_what_was_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, int, str]]
):
    """Two copies that take turns, each under the run's lock, are one run, as a folder on a disk would be."""
    monkeypatch.setenv("R1CURATE_COPIES", str(tmp_path))
    url = f"memory://{uuid4().hex}"
    roots, told = [open_copy(url), open_copy(url)], dict[str, str]()
    for number, (what, who, name) in enumerate(steps):
        place = roots[who] / name
        refresh(roots[who])
        assert read_files(roots[who]) == told
        text = str(number)
        if what == "write":
            with write_aside(place) as aside:
                aside.write_text(text)
            told[name] = text
        elif what == "create":
            try:
                with write_once(place) as aside:
                    aside.write_text(text)
                assert name not in told
                told[name] = text
            except FileExistsError:
                assert name in told
        elif what == "folder" and "/" in name:
            with write_folder_aside(place.parent) as aside:
                (aside / "new").write_text(text)
            told = forget(told, name) | {f"{name.rpartition('/')[0]}/new": text}
        elif what == "remove":
            remove_file(place)
            told.pop(name, None)
        elif what == "remove folder" and "/" in name:
            remove_folder(place.parent)
            told = forget(told, name)
        elif what == "lose":  # written, and never committed
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text("lost")
    assert refresh(roots[0]) == refresh(roots[1]) == told


def forget(told: dict[str, str], name: str) -> dict[str, str]:
    folder = name.rpartition("/")[0]
    return {each: text for each, text in told.items() if not each.startswith(f"{folder}/")}


def test_a_child_works_in_its_parents_copy(objects: str):
    root = open_copy(f"{objects}/run")

    def write() -> None:
        assert find_folder(root) == root
        write_json(root / "child.json", 1)

    assert in_child(write) == 0
    assert refresh(open_copy(f"{objects}/run")) == {"child.json": "1\n"}


def in_child(work: Callable[[], None]) -> int:
    child = os.fork()
    if not child:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
