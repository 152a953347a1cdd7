"""The house rules that a machine can check: one-way imports, sizes that keep files readable, names that say a thing."""

import ast
import re
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("filters", "curate", "distill", "recipes")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = CONFIG["tool"]["importlinter"]["contracts"]
ONE_WORD = re.compile(r"[A-Z]?[a-z]+(ed|ing)|[A-Z]+(ED|ING)")
ENGLISH = {"nothing", "seed", "sibling", "speed"}
"""Words that only look like participles."""


def test_imports_go_one_way():
    """In a process of its own: the linter switches off the loggers of the one it runs in."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout


def test_every_package_is_under_the_contract():
    assert CONFIG["tool"]["importlinter"]["root_packages"] == list(PACKAGES)
    assert CONTRACTS[0]["layers"] == ["recipes", "distill", "curate", "filters"]
    assert sorted(CONFIG["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == sorted(PACKAGES)


def rooms() -> list[Path]:
    """The folders of modules inside the three packages, the packages included.

    Checks have no floors: adding one touches its file, its test and the registry alone.
    """
    found = {path.parent for path in FILES if path.relative_to(ROOT).parts[0] != "recipes"}
    return sorted(found - {ROOT / "filters" / "checks"})


def floors(room: str) -> set[str]:
    """The modules and rooms that some contract places among the floors of a room."""
    found: set[str] = set()
    for contract in CONTRACTS:
        for layer in contract["layers"]:
            for name in re.split(r"\s*[|:]\s*", layer.strip("() ")):
                full = [f"{container}.{name}" for container in contract.get("containers", [])] or [name]
                found |= {one for one in full if one.rpartition(".")[0] == room}
    return found


@pytest.mark.parametrize("room", rooms(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_has_its_floor(room: Path):
    name = ".".join(room.relative_to(ROOT).parts)
    modules = {path.stem for path in room.glob("*.py") if not path.stem.startswith("__")}
    modules |= {path.parent.name for path in room.glob("*/__init__.py")}
    if len(modules) > 1:
        assert {f"{name}.{module}" for module in modules} - floors(name) == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_says_why_it_exists_and_stays_small(path: Path):
    text = path.read_text()
    tree = ast.parse(text)
    assert not tree.body or ast.get_docstring(tree), "no module docstring"
    assert text.count("\n") < 300
    assert [f"{name}: {length}" for name, length in functions(tree) if length > 60] == []


def test_functions_are_short():
    lengths = [length for path in FILES for _, length in functions(ast.parse(path.read_text()))]
    assert statistics.median(lengths) <= 8


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_public_name_is_a_bare_participle(path: Path):
    """Functions, methods, properties, classes and constants; fields of data are what their files call them."""
    names = public_names(ast.parse(path.read_text()))
    assert [name for name in names if ONE_WORD.fullmatch(name) and name.lower() not in ENGLISH] == []


def public_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name[0] != "_":
            yield node.name
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (
                name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)
            )


def functions(tree: ast.AST) -> list[tuple[str, int]]:
    """Each function's name and its lines, from `def` to its end."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    return [(node.name, (node.end_lineno or node.lineno) - node.lineno + 1) for node in found]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_console_prints(path: Path):
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    prints = [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]
    assert prints == []
