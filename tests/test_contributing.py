"""Adding a check as the contributing page says: a file of one's own, a package, a file in this repository."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / ".github" / "CONTRIBUTING.md").read_text("utf-8")
(CHECK,) = [block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "class Brief" in block]
(ENTRY_POINT,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
(LINE,) = re.findall(r'^ {4}"brief": .*$', PAGE, re.MULTILINE)
COMMANDS = re.findall(r"^r1curate (.*brief\.py:Brief.*)$", PAGE, re.MULTILINE)
ROWS = [{"response": "<think>a few</think>words"}, {"response": "one " * 150}]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "chains.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    (tmp_path / "brief.py").write_text(CHECK)
    return tmp_path


def r1curate(folder: Path, *arguments: str, path: Path | None = None) -> str:
    places = [str(path or ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    done = subprocess.run(
        [sys.executable, "-m", "curate.cli", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places)), "COLUMNS": "200"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def kept(folder: Path) -> list[bool]:
    return [json.loads(line)["kept"] for line in (folder / "brief.jsonl").read_text().splitlines()]


def describes_itself(said: str) -> bool:
    parts = (
        "readability",
        "at most a given number",
        "rejected: more words",
        "Most words or characters",
        "characters",
    )
    return all(part in said for part in parts)


def test_from_its_file_with_nothing_registered(folder: Path):
    assert len(COMMANDS) == 2
    said = [r1curate(folder, *command.split()) for command in COMMANDS]
    assert describes_itself(said[0])
    assert "long 1" in said[1]
    assert kept(folder) == [True, False]


def test_from_an_installed_package_by_name(folder: Path):
    site = folder / "site"
    (site / "brief_check-1.0.dist-info").mkdir(parents=True)
    shutil.move(folder / "brief.py", site / "brief.py")
    group, name = re.fullmatch(r'\[project\.entry-points\."(.*?)"\]\n(.*)\n', ENTRY_POINT).groups()
    (site / "brief_check-1.0.dist-info/METADATA").write_text(
        "Metadata-Version: 2.1\nName: brief-check\nVersion: 1.0\n"
    )
    (site / "brief_check-1.0.dist-info/entry_points.txt").write_text(
        f"[{group}]\n{name.replace(chr(34), '')}\n"
    )
    assert describes_itself(r1curate(folder, "checks", "brief", path=site))
    filtered = ("filter", "chains.jsonl", "--check", "brief:most=100", "--out", "brief.jsonl")
    assert "long 1" in r1curate(folder, *filtered, path=site)
    assert kept(folder) == [True, False]


def test_in_this_repository_by_a_file_and_a_line(folder: Path):
    copy = folder / "repository"
    for package in ("filters", "curate"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.move(folder / "brief.py", copy / "filters/checks/brief.py")
    registry = copy / "filters/registry.py"
    first, rest = registry.read_text().split("CHECKS: dict[str, str] = {\n")
    registry.write_text(f"{first}CHECKS: dict[str, str] = {{\n{LINE}\n{rest}")
    assert "brief" in r1curate(folder, "checks", path=copy)
    assert describes_itself(r1curate(folder, "checks", "brief", path=copy))
    r1curate(folder, "filter", "chains.jsonl", "--check", "brief:most=100", "--out", "brief.jsonl", path=copy)
    assert kept(folder) == [True, False]
    default = (
        (copy / "filters/checks/brief.py")
        .read_text()
        .replace(
            'role: ClassVar = "readability"',
            'role: ClassVar = "readability"\n    default_filter: ClassVar[bool] = True',
        )
    )
    (copy / "filters/checks/brief.py").write_text(default)
    assert "[default: brief, format" in r1curate(folder, "filter", "--help", path=copy)
