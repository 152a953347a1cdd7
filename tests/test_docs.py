"""What the documents show is what the program does: their commands, tables, links and Python are run."""

import json
import re
import sys
from itertools import chain
from pathlib import Path

import pytest

import recipes
from curate.cli import app
from curate.cli.app import build_command
from curate.cli.commands import COMMANDS
from curate.stages.checks import read_first_line
from filters.registry import find_check_class, list_built_in
from filters.sandbox.sandbox import SandboxError
from filters.sandbox.self_test import find_tier

ROOT = Path(__file__).parents[1]
PAGES = {
    name: (ROOT / name).read_text("utf-8")
    for name in (
        "README.md", "filters/README.md", "curate/README.md", "distill/README.md", ".github/CONTRIBUTING.md",
        "recipes/mini/README.md",
    )
}  # fmt: skip
MINI = Path(recipes.__file__).parent / "mini"
SMALL = {
    "Qwen/Qwen3-32B": str(MINI / "models" / "teacher"),
    "Qwen/Qwen2.5-Math-7B": str(MINI / "models" / "student-qwen"),
}
"""The models that examples name, and the ones they are run with here."""


def code(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGES[page], re.DOTALL | re.MULTILINE)


def commands(page: str) -> list[str]:
    """The `r1curate` lines of a page's blocks, without their comments."""
    lines = chain.from_iterable(block.splitlines() for block in code(page, ""))
    return [line.partition("#")[0].strip() for line in lines if line.startswith("r1curate ")]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_named_exists_with_its_flags(page: str):
    inline = re.findall(r"`r1curate ([a-z]+)([^`]*)`", PAGES[page])
    blocks = [line.removeprefix("r1curate ").partition(" ") for line in commands(page)]
    for name, rest in [*inline, *((name, rest) for name, _, rest in blocks)]:
        assert name in COMMANDS, f"r1curate {name}"
        known = {flag for parameter in build_command(name).params for flag in parameter.opts}
        assert set(re.findall(r"(?<!\S)--[\w-]+", rest)) <= known | {"--help"}, f"{name}{rest}"


def test_the_table_of_commands_names_all_of_them():
    rows = re.findall(r"^\| (`.*?) \|", PAGES["README.md"], re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", PAGES["README.md"])) >= set(COMMANDS)
    assert len(rows) >= 9


def test_the_checks_are_described_as_they_describe_themselves():
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*?) \|$", PAGES["filters/README.md"], re.MULTILINE)
    assert {"math_answer", "language", "judge"} <= {name for name, _, _ in rows} <= set(list_built_in())
    for name, role, line in rows:
        cls = find_check_class(name)
        assert (role, line) == (cls.role, read_first_line(cls)), name


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str):
    for target in re.findall(r"\]\(([^)\s]+)\)", PAGES[page]):
        if target.startswith("http"):
            continue
        file, _, anchor = target.partition("#")
        path = (ROOT / page).parent / file if file else ROOT / page
        assert path.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
            assert anchor in [re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings], target


def small(text: str) -> str:
    for name, path in SMALL.items():
        text = text.replace(name, path)
    return text


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> Path:
    """A folder in which the README's commands on one's own problems were run, in order, with tiny models."""
    folder = tmp_path_factory.mktemp("docs")
    rows = [json.loads(line) for line in (MINI / "data/train.jsonl").read_text("utf-8").splitlines()]
    write(folder / "problems.jsonl", rows[:16])
    write(folder / "aime.jsonl", rows[16:20])
    general = (MINI / "data/general.jsonl").read_text("utf-8").splitlines()[:8]
    write(folder / "general.jsonl", map(json.loads, general))
    traces = [
        {"prompt": r["prompt"], "answer": r["answer"], "response": f"<think>so</think>{r['answer']}"}
        for r in rows[:4]
    ]
    write(folder / "answers.jsonl", traces)
    write(folder / "chains.jsonl", traces)
    tests = {"inputs": ["1 2"], "outputs": ["3"]}
    write(folder / "programs.jsonl", [{"prompt": "Add.", "response": "print(sum(map(int, input().split())))", "tests": tests}])  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("R1CURATE_BENCHMARKS", str(folder / "kept"))
        for line in commands("README.md"):
            if line.split()[1] != "doctor" and ("code_tests" not in line or has_walls()):
                patch.setattr(sys, "argv", small(line).split())
                with pytest.raises(SystemExit) as stop:
                    app.main()
                assert stop.value.code in (0, None), line
    return folder


def has_walls() -> bool:
    try:
        find_tier()
    except SandboxError:
        return False
    return True


def write(path: Path, rows) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def test_the_readmes_commands_run_in_order(ran: Path):
    made = {str(path.relative_to(ran)) for path in ran.rglob("*") if path.is_file()}
    assert {
        "runs/r1/sets/sft.json", "runs/r1/models/student/model.safetensors", "runs/r1/evals/student/metrics.json",
        "runs/r1/report.html", "runs/r1/published/sft/README.md", "verified.jsonl", "filtered.jsonl",
    } <= made  # fmt: skip


@pytest.mark.parametrize("page", ["README.md", "filters/README.md", "curate/README.md"])
def test_the_python_examples_run(page: str, ran: Path, monkeypatch: pytest.MonkeyPatch):
    """Contributing's are run by test_contributing.py, distill's (which train for minutes) held by distill/test_readme.py."""
    monkeypatch.chdir(ran)
    shown: list[tuple[object, ...]] = []
    for example in code(page, "python"):
        exec(
            compile(small(example), page, "exec"),
            {"print": lambda *said: shown.append(said), "__name__": "docs"},
        )
    if page == "README.md":
        assert shown[1][0] == len_of_set(ran)
    if page == "filters/README.md":
        assert shown[0][0] is True
    if page == "curate/README.md":
        assert shown == [(["sample_id", "prompt_id", "tokens", "math_answer:ok"],)]


def len_of_set(folder: Path) -> int:
    return int(json.loads((folder / "runs/r1/sets/sft.json").read_text())["rows"])


@pytest.mark.parametrize("page", PAGES)
def test_documents_describe_what_is(page: str):
    assert not re.search(r"\b(TODO|FIXME|no longer|used to)\b", PAGES[page])
