"""An object store does each thing as a whole, or says in one sentence why not."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from curate.store.object_store import ObjectStore, StoreError, do_at_once
from filters.errors import UserError


def test_objects_are_listed_as_they_are_now(objects: str, tmp_path: Path):
    one, two = ObjectStore(f"{objects}/a"), ObjectStore(f"{objects}/a/")
    assert one.list_files() == {} and one.list_names("x") == [] and one.read("x/1") is None
    (tmp_path / "file").write_bytes(b"ab")
    one.write("x/1", b"1")
    one.put(tmp_path / "file", "x/deep/2")
    assert {name: version.size for name, version in two.list_files().items()} == {"x/1": 1, "x/deep/2": 2}
    assert (two.list_names(""), two.list_names("x"), two.list_files("x/deep").keys()) == (
        ["x"],
        ["1", "deep"],
        {"x/deep/2"},
    )
    before = two.find_version("x/1")
    assert before == two.list_files()["x/1"]
    one.write("x/1", b"2")
    assert two.find_version("x/1") != before and two.list_files()["x/1"] == two.find_version("x/1")
    two.get("x/1", tmp_path / "got")
    assert (tmp_path / "got").read_bytes() == b"2"
    two.remove("x/1")
    two.remove("x/1")
    one.write("x2/3", b"3")
    assert one.list_files().keys() == {"x/deep/2", "x2/3"}
    assert one.list_files("x").keys() == {"x/deep/2"}, "a name is no other's that begins with it"
    for missing in (lambda: one.get("no", tmp_path / "no"), lambda: one.find_version("no")):
        with pytest.raises(FileNotFoundError):
            missing()


def test_of_several_that_create_an_object_one_does(objects: str, tmp_path: Path):
    store = ObjectStore(f"{objects}/a")
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda n: store.create("lock", str(n).encode()), range(8)))
    assert sum(made) == 1 and store.read("lock") == str(made.index(True)).encode()
    (tmp_path / "file").write_bytes(b"ab")
    with pytest.raises(FileExistsError):
        store.put(tmp_path / "file", "lock", new=True)
    assert store.read("lock") == str(made.index(True)).encode()


def test_a_create_whose_reply_was_lost_is_known_as_ones_own(objects: str, tmp_path: Path):
    """The library before the store asks again, and is told that the object exists."""
    store = ObjectStore(f"{objects}/a")
    (tmp_path / "file").write_bytes(b"mine")
    for _ in range(2):
        assert store.create("lock", b"mine")
        store.put(tmp_path / "file", "part", new=True)
    assert not store.create("lock", b"other")


def test_what_a_store_refuses_is_told(objects: str, tmp_path: Path):
    gone = ObjectStore("s3://no-such-bucket/run")
    with pytest.raises(
        UserError, match=r"'s3://no-such-bucket/run' did not write 'x' .*bucket does not exist"
    ) as told:
        gone.write("x", b"")
    assert told.value.exit_code == 2
    with pytest.raises(UserError, match="'quux://a/b' cannot be used as a run folder"):
        ObjectStore("quux://a/b")

    def fail(number: int) -> None:
        if number == 3:
            raise StoreError("no")

    with pytest.raises(StoreError, match="no"):
        do_at_once(fail, range(9))
