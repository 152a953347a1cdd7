"""Code that tries a program, run in a process of its own, in whose result the program has no hand.

The program runs in another process behind the same walls, and only plain values come from there (see `remote_things`). A
test is passed when it ran to its end here, and something in it was asserted.
"""

from __future__ import annotations

import ast
import builtins
import dis
import importlib
import json
import sys
import types
import unittest
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, Final, NamedTuple

from filters.sandbox.remote_things import ProgramGoneError, Things, UndecidableError

_EQUAL, _TRUE = "__r1_equal__", "__r1_true__"
_SHOWN: Final = 120
_WHOLE: Final = "the tests"


class Told(NamedTuple):
    """What came of one test. ok: None where it cannot be decided. rule: what went wrong, in a word; detail: more of it."""

    name: str
    ok: bool | None
    rule: str = ""
    detail: str = ""


def run_tests(asked: dict[str, Any], socket: int, result: int) -> None:
    """Try a program, and write what came of it as JSON; null where the program did not come to define anything.

    asked: before, the code that the program was to go on from; setup, what all tests need; tests, code each; function, what
    HumanEval's `check` is given; own, the names that are the program's though Python has them too; stop, at the first failure.
    """
    things = Things(socket)
    told = list(_Tester(asked, things).run()) if things.open() else None
    with open(result, "wb", closefd=False) as file:
        file.write(json.dumps(told).encode())


class _WrongError(AssertionError):
    """An assertion that does not hold."""


class _Tester:
    def __init__(self, asked: dict[str, Any], things: Things) -> None:
        self._asked, self._things = asked, things
        self._asserted = 0
        module = sys.modules["tests"] = types.ModuleType("tests")
        self._names: dict[str, Any] = module.__dict__
        self._names |= {
            "__builtins__": builtins,
            _EQUAL: self._require_equal,
            _TRUE: self._require_true,
        }
        solution = sys.modules["solution"] = types.ModuleType("solution")
        solution.__getattr__ = things.find  # type: ignore[method-assign]

    def run(self) -> Iterator[Told]:
        """The tests, in order, until the first that is not passed where that is asked for."""
        with suppress(Exception):  # a prompt need not be code
            exec(compile(self._asked["before"], "before", "exec", dont_inherit=True), self._names)  # noqa: S102  behind the walls
        for name in (self._asked["function"], *self._asked["own"]):
            self._names.pop(name, None)
        try:
            setup, tests = self._compile()
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            yield Told(_WHOLE, None, "unreadable_tests", f"{type(error).__name__}: {error}"[:_SHOWN])
            return
        used = set().union(*map(_list_names, (setup, *tests)))
        if taken := sorted(self._offer(used)):
            yield Told(_WHOLE, None, "unsure", f"the program has a '{taken[0]}' of its own, which the tests use as Python's")  # fmt: skip
            return
        told = self._try(_WHOLE, partial(exec, setup, self._names))
        if told.rule != "no_tests" and not told.ok:
            yield told
            return
        actions = list(self._list_actions(tests))
        if not actions:
            yield told
        for name, action in actions:
            told = self._try(name, action)
            yield told
            if self._things.gone or (self._asked["stop"] and not told.ok):
                return

    def _compile(self) -> tuple[types.CodeType, list[types.CodeType]]:
        setup = _compile(self._asked["setup"])
        try:
            return setup, [_compile(one) for one in self._asked["tests"]]
        except SyntaxError:  # the lines of one test, listed apart
            return setup, [_compile("\n".join(self._asked["tests"]))]

    def _offer(self, used: set[str]) -> Iterator[str]:
        """Give the tests what they use of the program's; yields what is not given, since it is Python's."""
        function = self._asked["function"]
        own = {function, *self._asked["own"]}
        for name in used - self._names.keys():
            if hasattr(builtins, name) and name not in own:
                if name in self._things.names:
                    yield name
            elif name in sys.stdlib_module_names and name not in own:
                with suppress(ImportError):
                    self._names[name] = importlib.import_module(name)
            else:
                with suppress(Exception, ProgramGoneError):
                    self._names[name] = self._things.find(name)

    def _list_actions(self, tests: list[types.CodeType]) -> Iterator[tuple[str, Callable[[], object]]]:
        for number, code in enumerate(tests, 1):
            yield f"test {number} of {len(tests)}", partial(exec, code, self._names)
        check, function = self._names.get("check"), self._asked["function"]
        if tests:
            return
        if function and type(check) is types.FunctionType:
            yield _WHOLE, lambda: check(self._things.find(function))
            return
        for name, found in list(self._names.items()):
            kind = type(found)  # nothing of the program's is asked what it is
            if name.startswith("test") and kind is types.FunctionType and not found.__code__.co_argcount:
                yield name, found
            elif issubclass(kind, type) and issubclass(found, unittest.TestCase):
                cases: Iterable[Any] = unittest.defaultTestLoader.loadTestsFromTestCase(found)
                for case in cases:
                    yield str(case.id()).removeprefix("tests."), partial(self._debug, case)

    def _debug(self, case: Any) -> None:
        case.debug()
        self._asserted += 1

    def _try(self, name: str, action: Callable[[], object]) -> Told:
        things, before = self._things, (self._asserted, self._things.errors)
        error: BaseException | None = None
        try:
            action()
        except BaseException as raised:  # noqa: BLE001  a program's can be any
            error = raised
        if things.undecidable:
            return Told(name, None, "unsure", things.undecidable)
        if things.gone:
            return Told(name, False, "gone")
        if error is not None:
            return self._describe(name, error)
        if before == (self._asserted, things.errors):
            return Told(name, None, "no_tests", "nothing is asserted")
        return Told(name, True)

    def _describe(self, name: str, error: BaseException) -> Told:
        said = f"{type(error).__name__}: {_cut(getattr(error, 'said', error))}"
        if getattr(error, "is_the_programs", False):
            return Told(name, False, "crash", said)
        if isinstance(error, _WrongError):
            return Told(name, False, "wrong_answer", str(error))
        if isinstance(error, ModuleNotFoundError):
            return Told(name, None, "missing_package", f"the tests need '{error.name}'")
        if isinstance(error, NameError):
            missing, function = str(getattr(error, "name", "")), self._asked["function"]
            asked = missing == function or (not function and missing not in ("np", "pd", "pytest"))
            return Told(name, False, "no_function", f"it has no '{missing}'") if asked else Told(name, None, "unreadable_tests", said)  # fmt: skip
        if isinstance(error, (SystemExit, KeyboardInterrupt, RecursionError, MemoryError, unittest.SkipTest, SyntaxError)):  # fmt: skip
            return Told(name, None, "unsure", f"the tests ended with {said}")
        return Told(name, False, "wrong_answer", said if str(error) else type(error).__name__)

    def _require_equal(self, left: Any, right: Any, shown: str, is_right: bool) -> None:
        """`assert left == right`. shown: its text; is_right: whether the right side is what is expected."""
        self._asserted += 1
        if not left == right:  # noqa: SIM201  what is asserted
            expected, got = (right, left) if is_right else (left, right)
            raise _WrongError(f"{shown}: expected {_show(expected)}, got {_show(got)}")

    def _require_true(self, value: Any, shown: str) -> None:
        """`assert value`."""
        self._asserted += 1
        if not value:
            raise _WrongError(f"{shown} does not hold")


class _Assertions(ast.NodeTransformer):
    """Makes calls of assertions, which count them and tell both sides of an equality."""

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        test = node.test
        shown = ast.Constant(_cut(ast.unparse(test)))
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq):
            left, right = test.left, test.comparators[0]
            is_right = _has_call(left) or not _has_call(right)
            call = ast.Call(ast.Name(_EQUAL, ast.Load()), [left, right, shown, ast.Constant(is_right)], [])
        else:
            call = ast.Call(ast.Name(_TRUE, ast.Load()), [test, shown], [])
        return ast.copy_location(ast.Expr(call), node)


def _has_call(node: ast.AST) -> bool:
    return any(isinstance(one, ast.Call) for one in ast.walk(node))


def _compile(code: str) -> types.CodeType:
    tree = ast.fix_missing_locations(_Assertions().visit(ast.parse(code)))
    made: types.CodeType = compile(tree, "tests", "exec", dont_inherit=True)
    return made


def _list_names(code: types.CodeType) -> set[str]:
    """The names that code looks up beyond its functions, and does not set itself."""
    inner = (one for one in code.co_consts if isinstance(one, types.CodeType))
    found = {one.argval for one in dis.get_instructions(code) if one.opname in ("LOAD_NAME", "LOAD_GLOBAL")}
    stored = {one.argval for one in dis.get_instructions(code) if one.opname == "STORE_NAME"}
    return found.union(*map(_list_names, inner)) - stored


def _show(value: Any) -> str:
    try:
        return _cut(repr(value))
    except (UndecidableError, ProgramGoneError, Exception):  # noqa: BLE001  a number of too many digits, say
        return f"a {type(value).__name__}"


def _cut(said: object) -> str:
    line = " ".join(str(said).split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
