"""A push against a server that speaks the Hub's protocol: whatever interrupts it, nobody sees half of it, and it goes on."""

import contextlib
import logging
import os
import random
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants

import curate.publishing.hub_calls as hub_calls
from curate.publishing.hub import Destination, push_folder, upload_command
from curate.publishing.remote_files import OutgoingFolder, digest_file, split_batches
from curate.store.whole_files import write_json
from filters.errors import UserError, WorkUndone
from tests.curate.fake_run import make_run
from tests.curate.publishing.hub_server import (
    PART_BYTES,
    SIGNATURE,
    TOKEN,
    Fault,
    Hub,
    Request,
    git_digest,
    serve,
)

REPO = "shop/r1-sft"
PLACE = Destination(REPO, "dataset")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    waits: list[float] = []
    monkeypatch.setattr(
        hub_calls.time, "sleep", waits.append
    )  # huggingface_hub's, too: it is the same module
    with serve() as served:
        monkeypatch.setattr(constants, "ENDPOINT", served.url)
        file = served.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", file)
        served.waits = waits
        yield served
    huggingface_hub.close_session()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of all kinds: regular, large in one piece, large in parts, and what must not go along."""
    draw = random.Random(3)
    made = tmp_path / "sft"
    (made / "data").mkdir(parents=True)
    (made / "README.md").write_text("---\nlicense: other\n---\n# A set\n", encoding="utf-8")
    write_json(made / "r1curate.json", {"kind": "set", "name": "sft"})
    for number, size in enumerate((500, PART_BYTES - 1, 2 * PART_BYTES + 7, 900)):
        (made / "data" / f"train-{number:05d}-of-00004.parquet").write_bytes(draw.randbytes(size))
    (made / ".cache").mkdir()
    (made / ".cache" / "upload.json").write_text("{}")
    (made / ".lock").write_text("me")
    return made


def read(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in OutgoingFolder(folder).list_files()}


def of(method: str, part: str, fault: Fault, times: int = 1):
    """A fault of the first requests of a kind."""
    left = [times]

    def decide(request: Request) -> Fault | None:
        if request.method == method and part in request.path and left[0]:
            left[0] -= 1
            return fault
        return None

    return decide


def test_a_folder_becomes_a_private_repository_and_nothing_else_goes_along(hub: Hub, folder: Path):
    url = push_folder(folder, PLACE)
    assert hub.read(REPO) == read(folder) and len(read(folder)) == 6
    assert hub.repos[REPO].private
    commit = hub.repos[REPO].branches["main"]
    assert url == f"{hub.url}/datasets/{REPO}/commit/{commit}" and len(hub.repos[REPO].commits) == 2
    assert len(hub.cards) == 1


def test_a_second_push_sends_what_changed_and_removes_what_is_gone(hub: Hub, folder: Path):
    push_folder(folder, PLACE)
    sent = len(hub.sent)
    assert push_folder(folder, PLACE).endswith(hub.repos[REPO].branches["main"])
    assert len(hub.sent) == sent and len(hub.repos[REPO].commits) == 2, "nothing to do, no commit"
    (folder / "data" / "train-00000-of-00004.parquet").write_bytes(b"another")
    (folder / "data" / "train-00001-of-00004.parquet").unlink()
    (folder / "README.md").write_text("---\nlicense: mit\n---\n", encoding="utf-8")
    push_folder(folder, PLACE)
    assert hub.read(REPO) == read(folder)
    assert len(hub.sent) == sent + 1


def test_files_of_the_old_schema_do_not_stay(hub: Hub, folder: Path):
    push_folder(folder, PLACE)
    known = hub.repos[REPO]
    files = dict(known.commits[known.branches["main"]])
    for name in ("dataset_infos.json", "old/part.csv", ".huggingface.yaml"):
        files[name] = ("git", b"{}")
    known.commit("main", files, None)
    push_folder(folder, PLACE)
    assert hub.read(REPO) == read(folder)


def test_a_repository_of_something_else_is_refused(hub: Hub, folder: Path):
    known = hub.make(REPO)
    known.commit("main", {"thesis.csv": ("git", b"years of work")}, None)
    with pytest.raises(UserError, match="holds something that r1curate did not publish"):
        push_folder(folder, PLACE)
    assert hub.read(REPO) == {"thesis.csv": b"years of work"}
    known.commit("main", {"README.md": ("git", b"# made by hand")}, None)
    push_folder(folder, PLACE)
    assert hub.read(REPO) == read(folder)


@pytest.mark.parametrize("told", [b'{"kind": "set", "name": "another"}', b"[1]", b"{", b'{"name": ["sft"]}'])
def test_a_repository_of_another_set_is_refused_and_keeps_its_files(hub: Hub, folder: Path, told: bytes):
    known = hub.make(REPO)
    known.commit("main", {"r1curate.json": ("git", told), "notes.txt": ("git", b"mine")}, None)
    with pytest.raises(
        UserError, match=r"^'shop/r1-sft' holds .*, not 'sft' \(2 files at .*name another repository"
    ):
        push_folder(folder, PLACE)
    assert hub.read(REPO)["notes.txt"] == b"mine"
    known.commit("main", {"r1curate.json": ("git", b'{"kind": "set", "name": "sft", "rows": 3}')}, None)
    push_folder(folder, PLACE)
    assert hub.read(REPO) == read(folder)


def test_a_public_repository_is_refused_unless_it_is_to_be_public(hub: Hub, folder: Path, caplog):
    hub.make(REPO, private=False)
    with pytest.raises(UserError, match="'shop/r1-sft' is public"):
        push_folder(folder, PLACE)
    assert hub.read(REPO) == {} and hub.sent == []
    public = Destination(REPO, "dataset", private=False)
    push_folder(folder, public)
    assert hub.read(REPO) == read(folder)
    hub.repos[REPO].private = True
    push_folder(folder, public)
    assert "is private, and stays so" in caplog.text


def test_a_branch_of_its_own_leaves_the_default_one_alone(hub: Hub, folder: Path):
    push_folder(folder, Destination(REPO, "dataset", revision="v2"))
    assert hub.read(REPO, "v2") == read(folder) and hub.read(REPO) == {}
    push_folder(folder, Destination(REPO, "dataset", revision="v2"))
    assert len(hub.repos[REPO].commits) == 2


def test_a_pull_request_is_opened_once(hub: Hub, folder: Path):
    place = Destination(REPO, "dataset", pull_request=True)
    url = push_folder(folder, place)
    assert url == f"{hub.url}/datasets/{REPO}/discussions/1"
    assert hub.read(REPO, "refs/pr/1") == read(folder) and hub.read(REPO) == {}
    assert push_folder(folder, place) == url and len(hub.repos[REPO].requests) == 1
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    assert push_folder(folder, place).endswith("/2")


def test_a_rate_limit_is_waited_for_and_said(hub: Hub, folder: Path, caplog):
    limit = Fault(429, {"Retry-After": "7"})
    faults = [of("POST", "/commit/", limit), of("POST", "/preupload/", limit), of("GET", "/tree/", limit)]
    hub.fault = lambda request: next((found for one in faults if (found := one(request))), None)
    push_folder(folder, PLACE)
    assert hub.read(REPO) == read(folder)
    assert sorted(hub.waits) == [7, 7, 8], "huggingface_hub adds a second to what it waits for itself"
    assert caplog.text.count("trying again in 7 s") == 2 and "Waiting 8.0s before retry" in caplog.text


@pytest.mark.parametrize("part", ["/preupload/", "/commit/"])
def test_nobody_waits_for_hours(hub: Hub, folder: Path, part: str):
    hub.fault = of("POST", part, Fault(429, {"RateLimit": '"api";r=0;t=4000'}))
    with pytest.raises(WorkUndone, match=r"asks to wait 4,000 s .* Run the same command again"):
        push_folder(folder, PLACE)
    assert hub.waits == [] and hub.read(REPO) == {}


def test_a_commit_of_somebody_else_is_waited_for_and_taken_into_account(hub: Hub, folder: Path, caplog):
    push_folder(folder, PLACE)
    (folder / "data" / "train-00000-of-00004.parquet").write_bytes(b"another")
    known = hub.repos[REPO]

    def meddle() -> None:
        files = dict(known.commits[known.branches["main"]])
        files["README.md"] = ("git", b"# meddled with")
        files["stray.csv"] = ("git", b"a,b")
        known.commit("main", files, None)

    hub.fault = of("POST", "/commit/", Fault(then=meddle))
    push_folder(folder, PLACE)
    assert hub.read(REPO) == read(folder)
    assert "another commit came before ours" in caplog.text


def test_others_who_commit_all_the_time_are_told(hub: Hub, folder: Path):
    hub.fault = lambda request: Fault(412) if "/commit/" in request.path else None
    with pytest.raises(
        WorkUndone, match="Of several tries none was committed: another commit came before ours"
    ):
        push_folder(folder, PLACE)
    assert sum(hub.waits) == 31


def test_a_commit_whose_answer_was_lost_is_not_made_twice(hub: Hub, folder: Path):
    hub.fault = of("POST", "/commit/", Fault(lost=True))
    push_folder(folder, PLACE)
    assert hub.read(REPO) == read(folder) and len(hub.repos[REPO].commits) == 2


def test_a_pull_request_whose_answer_was_lost_is_not_opened_twice(hub: Hub, folder: Path):
    hub.fault = of("POST", "/commit/", Fault(lost=True))
    assert push_folder(folder, Destination(REPO, "dataset", pull_request=True)).endswith("/discussions/1")
    assert len(hub.repos[REPO].requests) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
def test_what_a_gateway_gave_up_on_may_have_been_done(hub: Hub, folder: Path, status: int):
    hub.fault = of("POST", "/commit/", Fault(status=status, lost=True))
    assert push_folder(folder, Destination(REPO, "dataset", pull_request=True)).endswith("/discussions/1")
    assert len(hub.repos[REPO].requests) == 1
    hub.fault = of("POST", "/commit/", Fault(status=status, lost=True), times=9)
    push_folder(folder, PLACE)
    assert hub.read(REPO) == read(folder)


def test_an_upload_that_is_told_to_wait_for_hours_says_so(hub: Hub, folder: Path):
    hub.fault = of("PUT", "/store/", Fault(status=429, headers={"Retry-After": "7200"}), times=99)
    with pytest.raises(WorkUndone, match=r"^The Hub asks to wait 7,200 s"):
        push_folder(folder, PLACE)


def test_a_folder_that_changed_while_it_was_pushed_is_told_as_committed_so(hub: Hub, folder: Path):
    card = folder / "README.md"
    hub.fault = of("POST", "/commit/", Fault(then=lambda: card.write_text("---\nlicense: mit\n---\n")))
    with pytest.raises(WorkUndone, match=r"has at \w{12} other files than .* run the same command again"):
        push_folder(folder, PLACE)
    hub.fault = lambda request: None
    push_folder(folder, PLACE)
    assert hub.read(REPO) == read(folder)


def test_a_file_that_goes_while_it_is_pushed_is_named(hub: Hub, folder: Path):
    gone = folder / "data" / "train-00002-of-00004.parquet"
    hub.fault = of("POST", "/batch", Fault(then=lambda: gone.unlink(missing_ok=True)))
    with pytest.raises(UserError, match=rf"^'{gone}' cannot be used \(No such file"):
        push_folder(folder, PLACE)
    assert hub.read(REPO) == {}


def test_a_lost_connection_ends_with_how_to_go_on_and_goes_on(hub: Hub, folder: Path):
    large = (folder / "data" / "train-00002-of-00004.parquet").read_bytes()
    hub.fault = lambda request: Fault(after=100) if request.path.startswith("/store/") else None
    with pytest.raises(
        WorkUndone,
        match=r"^The Hub cannot be reached \(.*\) *; 'shop/r1-sft' is not known .* Run the same command again",
    ) as told:
        push_folder(folder, PLACE)
    assert told.value.exit_code == 1 and hub.read(REPO) == {}
    hub.fault = lambda request: None
    push_folder(folder, PLACE)
    assert hub.read(REPO) == read(folder) and len(large) in [size for _, size in hub.sent]


@pytest.mark.parametrize(
    ("status", "said"), [(403, "403 Forbidden"), (401, "Repository Not Found|401"), (400, "Bad request|400")]
)
def test_a_refusal_is_one_sentence_and_not_repeated(hub: Hub, folder: Path, status: int, said: str):
    hub.fault = of("POST", "/commit/", Fault(status))
    with pytest.raises(UserError, match="The Hub refused 'shop/r1-sft'") as told:
        push_folder(folder, PLACE)
    assert told.value.exit_code == 2 and "\n" not in str(told.value)
    assert hub.waits == []


def test_a_card_that_the_hub_refuses_is_told(hub: Hub, folder: Path):
    (folder / "README.md").write_text("---\nlicense: My Own\n---\n")
    with pytest.raises(UserError, match=r'The Hub refused .*"license" must be an identifier'):
        push_folder(folder, PLACE)
    assert hub.read(REPO) == {}


class Stopped(BaseException):
    """Stands for a kill: nothing catches it."""


def test_interrupted_at_ten_random_moments_a_push_goes_on(hub: Hub, folder: Path, monkeypatch):
    """Each time somewhere else, before or after the server has done its work; a reader never sees a part of the files."""
    draw = random.Random(11)
    monkeypatch.setattr(hub_calls, "WAITS", ())

    def stop(*_: object) -> None:
        raise Stopped

    monkeypatch.setattr(hub_calls.time, "sleep", stop)
    states = [read(folder)]
    for _ in range(10):
        here = len(hub.seen) + draw.randrange(12)
        fault = draw.choice([Fault(lost=True), Fault(after=draw.randrange(50_000)), Fault(500)])
        hub.fault = lambda request, here=here, fault=fault: fault if request.number == here else None
        with contextlib.suppress(Stopped, UserError):
            push_folder(folder, PLACE)
        there = hub.read(REPO) if REPO in hub.repos else {}
        assert there in ({}, *states), "all files of one state, or none"
        (folder / "data" / "train-00003-of-00004.parquet").write_bytes(draw.randbytes(700))
        states.append(read(folder))
    hub.fault = lambda request: None
    push_folder(folder, PLACE)
    assert hub.read(REPO) == read(folder)


def test_no_server_no_network_no_name_and_no_token_are_told(hub: Hub, folder: Path, monkeypatch):
    with pytest.raises(UserError, match=r"'shop/a\.\.b' cannot be a repository"):
        push_folder(folder, Destination("shop/a..b", "dataset"))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(WorkUndone, match="The Hub cannot be reached"):
        push_folder(folder, PLACE)
    monkeypatch.setattr(constants, "is_offline_mode", lambda: True)
    with pytest.raises(UserError, match=r"cannot be reached .*offline mode") as told:
        push_folder(folder, PLACE)
    assert told.value.exit_code == 2
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: None)
    with pytest.raises(UserError, match="no Hub token"):
        push_folder(folder, PLACE)
    assert hub.repos == {}


def test_no_token_and_no_signed_address_is_ever_said(hub: Hub, folder: Path, caplog, capfd, monkeypatch):
    monkeypatch.setenv("HF_DEBUG", "1")
    monkeypatch.setattr(constants, "HF_DEBUG", True)
    logging.getLogger("huggingface_hub").setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="curate")
    stores = of("PUT", "/store/", Fault(500), times=3)
    hub.fault = lambda request: stores(request) or of("POST", "/commit/", Fault(503))(request)
    try:
        with pytest.raises(UserError) as told:
            push_folder(folder, PLACE)
    finally:
        logging.getLogger("huggingface_hub").setLevel(logging.WARNING)
    out, err = capfd.readouterr()
    assert "Send: curl" in caplog.text, "all that the library has to say was looked at"
    for text in (caplog.text, out, err, str(told.value)):
        assert TOKEN not in text and SIGNATURE.partition("=")[2] not in text
    assert all(TOKEN not in request.path for request in hub.seen)
    for file in folder.rglob("*"):
        assert not file.is_file() or TOKEN.encode() not in file.read_bytes()


def test_a_file_that_holds_the_token_is_not_sent(hub: Hub, folder: Path):
    for key in (TOKEN, "sk-proj-" + "a1B2" * 12):
        write_json(folder / "r1curate.json", {"kind": "set", "note": key})
        with pytest.raises(UserError, match=r"r1curate\.json' holds a key"):
            push_folder(folder, PLACE)
    assert hub.seen == []


def test_digests_are_those_of_a_repository(tmp_path: Path):
    file = tmp_path / "a"
    file.write_bytes(b"hello")
    assert (
        digest_file(file, large=False) == git_digest(b"hello") == "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0"
    )
    assert digest_file(file, large=True).startswith("2cf24dba5fb0a30e")


def test_the_upload_of_a_folder_of_any_name_is_told_as_a_line_that_works():
    for name, repo in (
        ("set one.published", "OWNER/set-one"),
        ("a..b;--c", "OWNER/a-b-c"),
        ("集", "OWNER/NAME"),
    ):
        told = shlex.split(upload_command(Path("/t") / name, "dataset", None, True))
        assert told[2:4] == [repo, f"/t/{name}"]


def test_batches_hold_every_file_once(tmp_path: Path):
    for number, size in enumerate((5, 5, 20, 1, 1, 1)):
        (tmp_path / str(number)).write_bytes(b"x" * size)
    names = [str(number) for number in range(6)]
    assert split_batches(tmp_path, names, 10) == [["0", "1"], ["2"], ["3", "4", "5"]]
    assert split_batches(tmp_path, [], 10) == []


def kill(process: list[subprocess.Popen[bytes]]) -> None:
    process[0].send_signal(signal.SIGKILL)
    process[0].wait()


@pytest.mark.slow
def test_a_command_killed_at_ten_random_moments_goes_on(hub: Hub, tmp_path: Path):
    """`pytest -m slow tests/curate/publishing/test_hub.py`: a real process, killed at a request, or while one is answered."""
    run = make_run(tmp_path / "mini", prompts=12, samples=4)
    command = [
        *(sys.executable, "-m", "curate.cli", "publish", "--run", str(run.path), "--dataset", "sft"),
        *("--licence", "other", "--repo", REPO, "--push"),
    ]
    home = {
        "HF_HOME": str(tmp_path / "home"),
        "HF_ENDPOINT": hub.url,
        "HF_HUB_DISABLE_XET": "1",
        "HF_TOKEN": TOKEN,
    }
    draw, said, killed = random.Random(5), b"", 0
    for _ in range(10):
        process: list[subprocess.Popen[bytes]] = []
        here = len(hub.seen) + draw.randrange(9)
        fault = Fault(then=lambda process=process: kill(process), lost=draw.random() < 0.5)
        hub.fault = lambda request, here=here, fault=fault: fault if request.number == here else None
        process.append(
            subprocess.Popen(
                command, env={**os.environ, **home}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        )
        said += process[0].communicate()[0]
        killed += process[0].returncode == -signal.SIGKILL
        there = hub.read(REPO) if REPO in hub.repos else {}
        assert there == {} or there == read(run.published_folder("sft"))
        if there:
            known = hub.repos[REPO]
            known.commit("main", {}, None)
    hub.fault = lambda request: None
    last = subprocess.run(command, env={**os.environ, **home}, capture_output=True, check=True)
    assert killed == 10 and hub.read(REPO) == read(run.published_folder("sft"))
    said += last.stdout + last.stderr
    assert b"pushed: " in last.stdout and TOKEN.encode() not in said
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or TOKEN.encode() not in file.read_bytes()
