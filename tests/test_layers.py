"""The house rules that a machine can check: one-way layers, and the sizes that keep files readable."""

import ast
import statistics
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
PACKAGES = ("filters", "curate", "distill", "recipes")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def test_imports_go_one_way():
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_every_package_is_under_the_contract():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    linter = config["tool"]["importlinter"]
    assert linter["root_packages"] == list(PACKAGES)
    assert linter["contracts"][0]["layers"] == ["recipes", "distill", "curate", "filters"]
    assert sorted(config["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == sorted(PACKAGES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_says_why_it_exists_and_stays_small(path: Path):
    text = path.read_text()
    tree = ast.parse(text)
    assert not tree.body or ast.get_docstring(tree), "no module docstring"
    assert text.count("\n") < 300
    assert [f"{name}: {length}" for name, length in functions(tree) if length > 60] == []


def test_functions_are_short():
    lengths = [length for path in FILES for _, length in functions(ast.parse(path.read_text()))]
    assert statistics.median(lengths) < 10


def functions(tree: ast.AST) -> list[tuple[str, int]]:
    """Each function's name and its lines, from `def` to its end."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    return [(node.name, (node.end_lineno or node.lineno) - node.lineno + 1) for node in found]
