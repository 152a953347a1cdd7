"""Code that tries programs, made ready to be run: its assertions count and tell both sides, and what it uses is known."""

from __future__ import annotations

import ast
import dis
import importlib
import sys
import types
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

EQUAL, TRUE, SAME = "__r1_equal__", "__r1_true__", "__r1_same__"
"""What is called in place of `assert a == b`, `assert a` and `a is b`."""
SHOWN: Final = 120
ALIASES: Final[Mapping[str, str]] = {
    "np": "numpy", "pd": "pandas", "pytest": "pytest", "plt": "matplotlib.pyplot", "torch": "torch", "tf": "tensorflow",
    "sp": "scipy", "nx": "networkx", "sns": "seaborn", "sympy": "sympy", "numpy": "numpy", "pandas": "pandas",
}  # fmt: skip
"""Names that stand for packages wherever they stand in tests."""
_EXPORTERS: Final = (
    "math", "collections", "itertools", "functools", "heapq", "bisect", "statistics", "operator", "copy", "random", "string",
    "re", "typing", "datetime", "fractions", "decimal", "json", "unittest", "unittest.mock", "contextlib", "io",
)  # fmt: skip
OWN_PROCESS: Final = frozenset({
    "patch", "mock", "Mock", "MagicMock", "redirect_stdout", "redirect_stderr", "capsys", "monkeypatch", "tmp_path", "seed",
    "environ", "stdout", "stdin", "stderr", "getvalue", "assertWarns", "warns", "assertLogs", "TemporaryDirectory",
    "NamedTemporaryFile", "mkdtemp", "chdir", "open", "wraps", "signature", "getsource", "asdict",
})  # fmt: skip
"""What tests use that is their own process' and not the program's: where they fail, that may be why."""


def compile_tests(code: str) -> types.CodeType:
    """Code with its assertions replaced. Raises SyntaxError and what else `compile` does."""
    parsed = ast.parse(code)
    parsed.body = [one for one in parsed.body if not (isinstance(one, ast.Expr) and _runs_all(one))]
    tree = ast.fix_missing_locations(_Replacer().visit(parsed))
    made: types.CodeType = compile(tree, "tests", "exec", dont_inherit=True)
    return made


class _Replacer(ast.NodeTransformer):
    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        if not any(isinstance(one, ast.Name) for one in ast.walk(node.test)):
            return node  # it asserts nothing of anything
        shown = ast.Constant(cut(ast.unparse(node.test)))
        test = node.test
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq):
            left, right = test.left, test.comparators[0]
            is_right = _has_call(left) or not _has_call(right)
            call = _call(EQUAL, self.visit(left), self.visit(right), shown, ast.Constant(is_right))
        else:
            call = _call(TRUE, self.visit(test), shown)
        return ast.copy_location(ast.Expr(call), node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.Is, ast.IsNot)):
            return node
        found: ast.expr = _call(SAME, node.left, node.comparators[0])
        if isinstance(node.ops[0], ast.IsNot):
            found = ast.UnaryOp(ast.Not(), found)
        return ast.copy_location(found, node)

    def visit_If(self, node: ast.If) -> ast.AST:
        """What is run where tests are a program of their own is run, but for what would run them all again and end."""
        self.generic_visit(node)
        if not (isinstance(node.test, ast.Compare) and ast.unparse(node.test.left) == "__name__"):
            return node
        left = [one for one in node.body if not _runs_all(one)]
        return ast.copy_location(ast.If(ast.Constant(bool(left)), left or [ast.Pass()], []), node)


def _runs_all(node: ast.stmt) -> bool:
    """Whether a statement would run all tests, and end."""
    return ast.unparse(node).partition("(")[0] in ("unittest.main", "pytest.main", "main", "sys.exit")


def _call(name: str, *given: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(given), [])


def _has_call(node: ast.AST) -> bool:
    return any(isinstance(one, ast.Call) for one in ast.walk(node))


def list_names(code: types.CodeType) -> set[str]:
    """The names that code looks up beyond its functions, and does not set itself."""
    inner = (one for one in code.co_consts if isinstance(one, types.CodeType))
    found = {one.argval for one in dis.get_instructions(code) if one.opname in ("LOAD_NAME", "LOAD_GLOBAL")}
    stored = {one.argval for one in dis.get_instructions(code) if one.opname == "STORE_NAME"}
    return found.union(*map(list_names, inner)) - stored


def list_lookups(code: types.CodeType) -> set[str]:
    """The names that code itself looks up, and not only its functions."""
    return {one.argval for one in dis.get_instructions(code) if one.opname == "LOAD_NAME"}


def list_words(code: types.CodeType) -> set[str]:
    """All names in code, those of attributes and arguments included."""
    inner = (one for one in code.co_consts if isinstance(one, types.CodeType))
    return {*code.co_names, *code.co_varnames}.union(*map(list_words, inner))


def find_known(name: str) -> tuple[str, Any] | None:
    """What a name stands for in Python itself: a module, or what one exports; with that module's name. None where it is nobody's."""
    with suppress(ImportError):
        if name in ALIASES:
            return ALIASES[name], importlib.import_module(ALIASES[name])
        if name in sys.stdlib_module_names:
            return name, importlib.import_module(name)
        for module in _EXPORTERS:
            exporter = importlib.import_module(module)
            if (
                name in getattr(exporter, "__all__", dir(exporter))
                and len(name) > 1
                and not name.startswith("_")
            ):
                return module, getattr(exporter, name)
    return None


def cut(said: object) -> str:
    """A text on one line, cut, without what a terminal would take for an order."""
    line = "".join(one if one.isprintable() else "\ufffd" for one in " ".join(str(said).split()))
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"
