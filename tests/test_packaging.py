"""What people install and meet first: a help that answers at once, and a wheel that works from any folder."""

import json
import os
import re
import resource
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from curate.cli import app as cli
from curate.cli.commands import COMMANDS

ROOT = Path(__file__).parents[1]
PACKAGES = ("filters", "curate", "distill", "recipes")
HEAVY = ("torch", "vllm", "trl", "transformers", "datasets", "polars", "pyarrow", "numpy", "pydantic")
HELP_S = 0.3


def test_help_imports_nothing_heavy():
    code = (
        "import sys; sys.argv = ['r1curate', '--help']\nfrom curate.cli.app import main\n"
        "try: main()\n"
        "finally: print('MODULES', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    modules = told.stdout.rpartition("MODULES")[2].split()
    assert "typer" in modules
    assert set(modules).isdisjoint(HEAVY)


def test_help_answers_at_once():
    """In processor time, the best of five: that is the wall time on a machine with nothing else to do."""
    command = [sys.executable, "-m", "curate.cli", "--help"]
    assert min(_seconds(command) for _ in range(5)) < HELP_S


def _seconds(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, capture_output=True, check=True, timeout=60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_tells_what_it_reads_and_writes_and_gives_an_example(name, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["r1curate", name, "--help"])
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as stop:
        cli.main()
    said = capsys.readouterr().out
    assert not stop.value.code
    for word in (r"\bReads\b", r"\bWrites\b", rf"\bExample: r1curate {name}\b"):
        assert re.search(word, said), f"`r1curate {name} --help` lacks {word}"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_file_of_the_packages(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    ours = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert ours - held == set()
    assert {name for name in held if ".dist-info/" not in name} - ours == set()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in held)


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory):
    """A fresh environment with the wheel, in which the libraries of this one can be imported."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "install", "-q", "--no-deps", "--no-index", str(wheel)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def _call(elsewhere: Path, *command: str) -> subprocess.CompletedProcess:
    tool, *arguments = command
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [elsewhere / "venv" / "bin" / tool, *arguments],
        cwd=elsewhere, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_the_installed_wheel_is_what_is_imported(elsewhere):
    code = f"import json; print(json.dumps([__import__(name).__file__ for name in {PACKAGES}]))"
    told = _call(elsewhere, "python", "-c", code)
    assert told.stderr == ""
    assert all(Path(file).is_relative_to(elsewhere / "venv") for file in json.loads(told.stdout))


def test_the_installed_wheel_works_from_a_foreign_folder(elsewhere):
    row = {"prompt": "2+2?", "answer": "4", "response": "<think>so</think>4"}
    (elsewhere / "rows.jsonl").write_text(json.dumps(row) + "\n")
    told = _call(elsewhere, "r1curate", "verify", "rows.jsonl", "--check", "number", "--out", "out.jsonl")
    assert told.returncode == 0, told.stderr
    assert json.loads((elsewhere / "out.jsonl").read_text())["kept"] is True


def test_the_installed_wheel_brings_its_recipes(elsewhere):
    assert "mini" in _call(elsewhere, "r1curate", "recipes").stdout
    told = _call(elsewhere, "r1curate", "run", "mini", "--dry-run")
    assert told.returncode == 0, told.stderr
    assert "generate" in told.stdout
    assert not (elsewhere / "runs").exists()
