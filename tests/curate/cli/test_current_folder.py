"""What lies beside the data is data: no file of the folder that a command runs in is imported, in no process of ours."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

LIBRARIES = (
    "fasttext",
    "polars",
    "typing_extensions",
    "pydantic",
    "numpy",
    "regex",
    "socket",
    "random",
    "data",
)
TRAP = "import pathlib; pathlib.Path({marker!r}).touch()\n"
R1CURATE = Path(sys.executable).with_name("r1curate")
ROW = {
    "id": "a",
    "prompt": "What is 2 + 2?",
    "answer": "4",
    "response": "<think>Two and two.</think>\\boxed{4}",
}


@pytest.fixture
def trapped(tmp_path: Path) -> Path:
    """A folder whose every Python file says that it was run."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name in LIBRARIES:
        (folder / f"{name}.py").write_text(TRAP.format(marker=str(tmp_path / name)))
    (folder / "rows.jsonl").write_text(json.dumps(ROW) + "\n")
    script = {"prompt": "*", "responses": [{"text": ROW["response"]}]}
    (folder / "script.jsonl").write_text(json.dumps(script) + "\n")
    return folder


def sprung(folder: Path) -> list[str]:
    return [path.name for path in folder.parent.iterdir() if path != folder]


FILTER = [R1CURATE, "filter", "rows.jsonl", "--workers", "1", "--out", "out.jsonl"]
ENGINE = ["--engine", "scripted", "--model", "script.jsonl"]
GENERATE = [R1CURATE, "generate", "--run", "run", "--prompts", "rows.jsonl", *ENGINE]
MODULE = [sys.executable, "-m", "curate.cli", "checks", "language"]


@pytest.mark.parametrize(
    "command",
    [FILTER, pytest.param(GENERATE, marks=pytest.mark.slow), MODULE],
    ids=["filter", "generate", "module"],
)
def test_no_file_beside_the_data_is_imported(trapped: Path, command: list[object]):
    done = subprocess.run(
        [str(word) for word in command], cwd=trapped, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, sprung(trapped)) == (0, []), done.stderr
