"""The command line as its user meets it: exit codes, one sentence for a mistake, and nothing half-written."""

import errno
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate.cli import app as cli
from curate.cli import commands
from curate.stages import doctor
from curate.store.layout import Run, list_parts
from curate.store.parquet import count_rows

RIGHT = {"id": "a", "prompt": "2+2?", "answer": "4", "response": "<think>two and two</think>4"}
WRONG = {"id": "b", "prompt": "2+2?", "answer": "4", "response": "5"}


class Told:
    """What a command line ended with: its exit code and what it said."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def r1curate(tmp_path, monkeypatch, capsys):
    """Run a command line in an empty folder, through the real entry point, in this process."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Told:
        monkeypatch.setattr(sys, "argv", ["r1curate", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return Told(code, out, err)

    return call


def write(name: str, *rows: object) -> Path:
    path = Path(name)
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows))
    return path


def verify(r1curate, *arguments: object) -> Told:
    return r1curate("verify", "--workers", 1, *arguments, "--check", "number", "--out", "out.jsonl")


def test_exit_0_when_the_work_was_done(r1curate):
    told = verify(r1curate, write("rows.jsonl", RIGHT, WRONG))
    assert told.code == 0
    assert told.err.splitlines()[-1] == "wrote out.jsonl"
    kept = [json.loads(line)["kept"] for line in Path("out.jsonl").read_text().splitlines()]
    assert kept == [True, False]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["missing.jsonl"], "There is no file or folder 'missing.jsonl'."),
        (["bad.jsonl"], "bad.jsonl, line 2: not valid JSON (Expecting value); it begins with"),
        (
            ["gold.jsonl"],
            "gold.jsonl, line 1: there is no column 'answer'; there are: truth, response. "
            "Name yours with --map answer=COLUMN.",
        ),
        (
            ["gold.jsonl", "--map", "answer=golden"],
            "gold.jsonl, line 1: there is no column 'golden' to map; there are: truth, response.",
        ),
        (["gold.jsonl", "--map", "answer"], "verify: option 'map': 'answer' is not of the form ours=theirs"),
        (["rows.jsonl", "--check", "numbr"], "There is no check 'numbr'; did you mean 'number'?"),
        (
            ["rows.jsonl", "--check", "number:relativ=1"],
            "Check 'number': there is no option 'relativ'; did you mean 'relative'?",
        ),
        (
            ["rows.jsonl", "--check", "number:relative=much"],
            "Check 'number': option 'relative': input should be a valid number",
        ),
        (
            ["rows.jsonl", "--check", "number:relative"],
            "--check number:relative: 'relative' is not of the form",
        ),
        (
            ["rows.jsonl", "--check", "number:relative=[1"],
            "--check number:relative=[1: 'relative=[1' has a value",
        ),
        (["rows.jsonl", "--check", "mine.py:Mine"], "There is no file 'mine.py'."),
        (["rows.jsonl", "--check", "number"], "Two checks are both labelled 'number'"),
        (["rows.jsonl", "--workers", "none"], "verify: option 'workers': input should be a valid integer"),
        (["empty.jsonl"], "'empty.jsonl' holds no rows."),
        (
            ["cut.jsonl.gz"],
            "cut.jsonl.gz: the file is cut off before the end of row 1 (Compressed file ended before",
        ),
        (["latin.csv"], "latin.csv, row 1 or later: the text is not UTF-8; it seems to be windows-1252."),
        (["damaged.parquet"], "damaged.parquet: cannot be read ("),
        (["dataset"], "'dataset' is not a complete datasets folder: its rows are missing."),
    ],
)
def test_a_users_mistake_is_one_sentence_and_exit_2(r1curate, arguments, sentence):
    write("rows.jsonl", RIGHT, WRONG)
    write("bad.jsonl", RIGHT, '{"answer": oops')
    write("gold.jsonl", {"truth": "4", "response": "4"})
    write("empty.jsonl")
    packed = gzip.compress(json.dumps(RIGHT).encode() * 9)
    Path("cut.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    Path("latin.csv").write_bytes(b"answer,response\n4,caf\xe9\n")
    damage("damaged.parquet")
    Path("dataset").mkdir()
    Path("dataset/dataset_info.json").write_text("{}")
    told = verify(r1curate, *arguments)
    assert told.code == 2
    assert told.err.splitlines()[-1].startswith(f"r1curate: {sentence}")
    assert "Traceback" not in told.err
    assert not [path for path in Path().iterdir() if path.name.startswith((".r1curate", "out", ".out"))]


def damage(name: str) -> None:
    """A Parquet file whose footer is whole and whose pages are not."""
    pq.write_table(pa.table({"response": ["4" * 50, "5"], "answer": ["4", "5"]}), name)
    content = bytearray(Path(name).read_bytes())
    content[4:40] = bytes(36)
    Path(name).write_bytes(content)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verfy"], "There is no command 'verfy'; did you mean 'verify'?"),
        (["xyzzy"], "There is no command 'xyzzy'; known: "),
        (["verify", "rows.jsonl", "--chek", "number"], "No such option: --chek"),
        (
            ["verify"],
            "Missing argument 'SOURCE': give a run or a file, or one pair as --answer A --response R; see",
        ),
        (["filter"], "Missing argument 'SOURCE'; see r1curate filter --help."),
        (["generate", "--sample", "3"], "No such option: --sample; did you mean '--samples'?"),
        (["--bogus"], "No such option: --bogus; see r1curate --help."),
        (["filter", "a", "b"], "Got unexpected extra argument(s) (b); see r1curate filter --help."),
        (["mix", "--run", "nowhere", "--source", "x"], "There is no run folder 'nowhere'."),
        (["explain", "abc", "--run", "nowhere"], "There is no run folder 'nowhere'."),
        (["run", "min"], "There is no recipe 'min'; did you mean 'mini'?"),
        (
            ["generate", "--run", "r", "--prompts", "rows.jsonl", "--model", "./none"],
            "There is no folder './none'",
        ),
    ],
)
def test_a_wrong_command_line_names_what_is_meant(r1curate, arguments, said):
    write("rows.jsonl", RIGHT)
    told = r1curate(*arguments)
    assert told.code == 2
    (line,) = told.err.splitlines()
    assert line.startswith(f"r1curate: {said}")


def test_out_needs_a_folder(r1curate, tmp_path):
    told = r1curate("verify", write("rows.jsonl", RIGHT), "--check", "number", "--out", "none/out.jsonl")
    assert (told.code, told.err) == (
        2,
        f"r1curate: --out none/out.jsonl: there is no folder '{tmp_path / 'none'}'.\n",
    )


def test_the_nearest_flag_is_named(r1curate):
    assert "--check" in r1curate("verify", "rows.jsonl", "--chek", "number").err


def test_a_field_larger_than_csvs_own_limit_is_read(r1curate):
    Path("long.csv").write_text(f"answer,response\n4,<think>{'so ' * 100_000}</think>4\n", "utf-8-sig")
    assert verify(r1curate, "long.csv").code == 0


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 1, "The disk is full."),
        (RuntimeError("underlying IO error: No space left on device (os error 28)"), 1, "The disk is full."),
        (RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos"), 1, "The disk is full."),
        (
            PermissionError(errno.EACCES, "Permission denied", "/x/y"),
            2,
            "'/x/y' cannot be used: Permission denied.",
        ),
    ],
)
def test_what_ends_the_work_from_outside_is_told(r1curate, monkeypatch, error, code, said):
    failing(monkeypatch, error)
    told = r1curate("doctor")
    assert told.code == code
    assert told.err.startswith(f"r1curate: {said}")


def test_a_full_disk_behind_another_error_is_seen(r1curate, monkeypatch):
    error = ValueError("could not save")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    failing(monkeypatch, error)
    assert r1curate("doctor").code == 1


@pytest.mark.parametrize("error", [AssertionError("broken"), OSError(errno.EIO, "I/O error"), ValueError()])
def test_a_fault_of_ours_is_shown_whole(r1curate, monkeypatch, error):
    failing(monkeypatch, error)
    told = r1curate("doctor")
    assert told.code == 1
    assert told.err.startswith("r1curate: internal error\n  Traceback (most recent call last):\n")
    assert f"{type(error).__name__}" in told.err.splitlines()[-1]


def test_a_fault_of_ours_exits_with_1():
    code = "from curate.cli import app; from curate.stages import doctor; doctor.examine = lambda options: 1 / 0; app.main()"
    told = subprocess.run([sys.executable, "-c", code, "doctor"], capture_output=True, text=True, timeout=60)
    assert told.returncode == 1
    assert told.stderr.rstrip().endswith("ZeroDivisionError: division by zero")


@pytest.mark.parametrize("thread", ["pass", "threading.Thread(target=time.sleep, args=(600,)).start()"])
def test_an_interrupt_ends_the_process_whatever_threads_are_left(thread: str):
    """What is registered for the process's end is done; a thread that never ends holds nothing up."""
    code = f"""
import atexit, threading, time
from curate.cli import app
from curate.stages import doctor

def work(options):
    {thread}
    atexit.register(print, "the end")
    raise KeyboardInterrupt

doctor.examine = work
app.main()
"""
    told = subprocess.run([sys.executable, "-c", code, "doctor"], capture_output=True, text=True, timeout=60)
    assert told.returncode == 130
    assert told.stdout == "the end\n"
    assert told.stderr.startswith("r1curate: Interrupted. Finished work is kept")


def failing(monkeypatch, error: BaseException) -> None:
    def fail(options: object) -> None:
        raise error

    monkeypatch.setattr(doctor, "examine", fail)


def test_every_command_is_listed(r1curate):
    told = r1curate("--help")
    assert told.code == 0
    for name, entry in commands.COMMANDS.items():
        assert name in told.out
        assert entry.help.split()[0] in told.out


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 200 KiB, and a function that makes it larger."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o"]
    if subprocess.run([*mount, "size=200k", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("a small file system cannot be mounted here")
    yield folder, lambda: subprocess.run([*mount, "remount,size=9m", "tmpfs", folder], check=True)
    subprocess.run(["umount", "-l", folder], check=True)


def test_verify_on_a_full_disk_leaves_nothing_behind(r1curate, small_disk):
    disk, _ = small_disk
    noise = [{**RIGHT, "response": os.urandom(200).hex()} for _ in range(1000)]
    told = r1curate("verify", write("rows.jsonl", *noise), "--check", "number", "--out", disk / "out.jsonl")
    assert told.code == 1
    assert told.err.splitlines()[-1].startswith("r1curate: The disk is full.")
    assert list(disk.iterdir()) == []


def test_generate_goes_on_after_a_full_disk(tmp_path, monkeypatch, small_disk):
    disk, enlarge = small_disk
    monkeypatch.chdir(tmp_path)
    prompts = [{"prompt": f"What is {n}?", "answer": n} for n in range(300)]
    write("prompts.jsonl", *prompts)
    script = ({"prompt": p["prompt"], "responses": [{"text": os.urandom(800).hex()}]} for p in prompts)
    arguments = (
        *("generate", "--run", disk / "run", "--prompts", "prompts.jsonl", "--check", "number"),
        *("--engine", "scripted", "--model", write("script.jsonl", *script), "--samples", 1),
    )
    command = [sys.executable, "-m", "curate.cli", *map(str, arguments)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert told.returncode == 1
    assert told.stderr.splitlines()[-1].startswith("r1curate: The disk is full.")
    samples = Run(disk / "run").samples("teacher")
    assert list_parts(samples) == []
    enlarge()
    assert subprocess.run(command, capture_output=True, timeout=120).returncode == 0
    assert sum(map(count_rows, list_parts(samples))) == 300


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_streams_that_are_closed_change_no_exit_code(closed):
    for words, code in (("checks language", 0), ("checks nonsense", 2)):
        command = f"{sys.executable} -m curate.cli {words} {closed}"
        assert subprocess.run(["sh", "-c", command], timeout=60).returncode == code
