"""Code that tries a program, run in a process of its own, in whose result the program has no hand.

The program runs in another process behind the same walls, and only plain values come from there (see `remote_things`). A
test is passed when it ran to its end here, and something in it was asserted. Whatever looks like a test is run, or said.
"""

from __future__ import annotations

import builtins
import inspect
import json
import sys
import threading
import types
import unittest
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, NamedTuple

from filters.sandbox import assertions
from filters.sandbox.assertions import compile_tests, cut, find_known, list_names, list_words
from filters.sandbox.remote_things import ProgramGoneError, Things, UndecidableError, is_same
from filters.sandbox.solution_module import SolutionModule

_WHOLE: Final = "the tests"
_CASE: Final = unittest.TestCase


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
        self._shared: frozenset[str] = frozenset()
        module = sys.modules["tests"] = types.ModuleType("tests")
        self._names: dict[str, Any] = module.__dict__
        self._names["__builtins__"] = {**builtins.__dict__, **self._make_hooks()}
        sys.modules["solution"] = SolutionModule(things)
        for name in [name for name in dir(_CASE) if name.startswith("assert")]:
            setattr(_CASE, name, self._count(getattr(_CASE, name)))

    def _make_hooks(self) -> dict[str, Any]:
        """What tests find beside Python's own functions; these are not names that anything of the program's takes."""

        def refuse(*_: Any, **__: Any) -> Any:
            raise self._things.refuse("the tests run text as code")

        hooks = {assertions.EQUAL: self._require_equal, assertions.TRUE: self._require_true, assertions.SAME: self._is_same}  # fmt: skip
        return {**hooks, "eval": refuse, "exec": refuse, "compile": refuse}

    def _count(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def count_and_call(*given: Any, **named: Any) -> Any:
            self._asserted += 1
            return method(*given, **named)

        return count_and_call

    def run(self) -> Iterator[Told]:
        """The tests, in order, until the first that is not passed where that is asked for."""
        try:
            setup, tests = self._compile()
            exec(compile(self._asked["before"], "before", "exec", dont_inherit=True), self._names)  # noqa: S102  behind the walls
        except (Exception, RecursionError) as error:  # noqa: BLE001  a data set's code
            missing = isinstance(error, ModuleNotFoundError)
            rule, said = ("missing_package", f"the tests need '{error.name}'") if missing else ("unreadable_tests", f"{type(error).__name__}: {cut(error)}")  # type: ignore[attr-defined]  # fmt: skip
            yield Told(_WHOLE, None, rule, said)
            return
        self._names.pop(self._asked["function"], None)
        codes = (setup, *tests)
        self._calls_check = any("check" in assertions.list_lookups(code) for code in codes)
        self._shared = assertions.OWN_PROCESS & set().union(*map(list_words, codes))
        taken = sorted(self._offer(set().union(*map(list_names, codes))))
        if taken:
            yield Told(_WHOLE, None, "unsure", f"the program has a '{taken[0]}' of its own, which the tests use as somebody else's")  # fmt: skip
            return
        yield from self._run_all(setup, tests)

    def _run_all(self, setup: types.CodeType, tests: list[types.CodeType]) -> Iterator[Told]:
        told = self._try(_WHOLE, partial(exec, setup, self._names))
        asserted = told.rule != "no_tests"
        if asserted and not told.ok:
            yield told
            return
        actions = list(self._list_actions(tests))
        if not actions or asserted:
            yield told
        for name, action in actions:
            told = action if isinstance(action, Told) else self._try(name, action)
            yield told
            if self._things.gone or (self._asked["stop"] and not told.ok):
                return

    def _compile(self) -> tuple[types.CodeType, list[types.CodeType]]:
        setup = compile_tests(self._asked["setup"])
        try:
            return setup, [compile_tests(one) for one in self._asked["tests"]]
        except SyntaxError:  # the lines of one test, listed apart
            return setup, [compile_tests("\n".join(self._asked["tests"]))]

    def _offer(self, used: set[str]) -> Iterator[str]:
        """Give the tests what they use of the program's; yields what is not given, since it should be somebody else's."""
        function, origins = self._asked["function"], self._things.origins
        own = {function, function.partition("(")[0], *self._asked["own"]}
        used = used - self._names.keys() - {assertions.EQUAL, assertions.TRUE, assertions.SAME}
        defined = {name for name in used if origins.get(name) == "program" and not hasattr(builtins, name)}
        for name in used:
            known = None if name in own or hasattr(builtins, name) else find_known(name)
            if name in own or (known and defined == {name} and not function):
                self._take(name)  # of all that the tests use it is the only one that the program has
            elif hasattr(builtins, name):
                if name in origins:
                    yield name
            elif known is not None:
                module, self._names[name] = known
                if origins.get(name, module) not in (module, f"module {module}", "builtins"):
                    yield name
            elif name in origins and function and name not in assertions.ALIASES:
                yield name
            elif name not in assertions.ALIASES:
                self._take(name)

    def _take(self, name: str) -> None:
        try:
            self._names[name] = self._things.find(name)
        except (Exception, ProgramGoneError):  # noqa: BLE001  then the tests will miss it
            return

    def _list_actions(self, tests: list[types.CodeType]) -> Iterator[tuple[str, Any]]:
        """Everything that looks like a test, with what runs it, or what is to be told of it."""
        for number, code in enumerate(tests, 1):
            yield f"test {number} of {len(tests)}", partial(exec, code, self._names)
        check, function = self._names.get("check"), self._asked["function"]
        if type(check) is types.FunctionType and function:
            yield _WHOLE, lambda: check(self._things.find(function))
        elif type(check) is types.FunctionType and not self._calls_check:
            yield _WHOLE, Told(_WHOLE, None, "unreadable_tests", "'check' tries what the row does not name (entry_point)")  # fmt: skip
        for name, found in list(self._names.items()):
            kind = type(found)  # nothing of the program's is asked what it is
            if issubclass(kind, type) and issubclass(found, _CASE):
                yield from self._list_cases(found)
            elif issubclass(kind, type) and name.startswith("Test"):
                yield from self._list_methods(found)
            elif name.startswith("test") and kind is not types.ModuleType and (kind is types.FunctionType or callable(found)):  # fmt: skip
                yield name, self._make_action(name, found)

    def _list_cases(self, found: type[unittest.TestCase]) -> Iterator[tuple[str, Any]]:
        for case in unittest.defaultTestLoader.loadTestsFromTestCase(found):
            name = str(case.id()).removeprefix("tests.")  # type: ignore[union-attr]
            method = getattr(case, str(case.id()).rpartition(".")[2], None)  # type: ignore[union-attr]
            if getattr(method, "__unittest_expecting_failure__", False) or getattr(method, "__unittest_skip__", False):  # fmt: skip
                yield name, Told(name, None, "unreadable_tests", f"'{name}' is expected to fail, or to be skipped")  # fmt: skip
            else:
                yield name, unittest.TestSuite([case]).debug

    def _list_methods(self, found: type) -> Iterator[tuple[str, Any]]:
        """The tests of a class as pytest has them, each on an object of its own."""
        for name in [name for name in dir(found) if name.startswith("test")]:

            def run(name: str = name) -> None:
                made = found()
                getattr(made, "setup_method", lambda: None)()
                getattr(made, name)()

            action = self._make_action(name, getattr(found, name), owned=1)
            yield f"{found.__name__}.{name}", action if isinstance(action, Told) else run

    def _make_action(self, name: str, found: Any, owned: int = 0) -> Callable[[], object] | Told:
        """What runs a test function; what is told of it where it wants what only pytest gives. owned: its arguments that it has."""
        marks = [mark for mark in getattr(found, "pytestmark", []) if type(found) is types.FunctionType]
        try:
            wanted = [one for one in inspect.signature(found).parameters.values() if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]  # fmt: skip
        except (TypeError, ValueError):
            wanted = []
        names = [one.name for one in wanted][owned:]
        if not marks and not names:
            return found  # type: ignore[no-any-return]
        if len(marks) == 1 and marks[0].name == "parametrize" and not owned:
            given = marks[0].args[0]
            listed = [one.strip() for one in given.split(",")] if isinstance(given, str) else list(given)
            if sorted(listed) == sorted(names):
                return lambda: [found(**dict(zip(listed, row if len(listed) > 1 else [row], strict=True))) for row in marks[0].args[1]]  # fmt: skip
        return Told(name, None, "unreadable_tests", f"'{name}' wants what only pytest gives: {', '.join(names) or 'a mark'}")  # fmt: skip

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
        if error is None and things.failed:
            error = _WrongError(f"where only the program or a thread heard it: {things.failed}")
        if error is None and before == (self._asserted, things.errors):
            return Told(name, None, "no_tests", "nothing is asserted")
        told = Told(name, True) if error is None else self._describe(name, error)
        if told.ok is False and told.rule in ("wrong_answer", "crash") and self._shared:
            seen = sorted(self._shared)[0]
            return Told(name, None, "unsure", f"{told.detail} (the tests use '{seen}', of which the program sees nothing)")  # fmt: skip
        return told

    def _describe(self, name: str, error: BaseException) -> Told:
        said = f"{type(error).__name__}: {cut(getattr(error, 'said', error))}"
        function, missing = self._asked["function"], _name_missing(error)
        if isinstance(error, ModuleNotFoundError) and missing not in ("solution", ""):
            who = "program needs" if getattr(error, "is_the_programs", False) else "tests need"
            return Told(name, None, "missing_package", f"the {who} '{missing}'")
        if isinstance(error, ImportError) and missing == "solution":
            lacking = str(error).partition("import name '")[2].partition("'")[0] or missing
            return Told(name, False, "no_function", f"it has no '{lacking}'")
        if getattr(error, "is_the_programs", False):
            lacks = isinstance(error, NameError) and said == f"NameError: name '{function}' is not defined"
            return Told(name, False, *(("no_function", f"it has no '{function}'") if lacks else ("crash", said)))  # fmt: skip
        if isinstance(error, AssertionError):
            return Told(name, False, "wrong_answer", str(error) if isinstance(error, _WrongError) else said)
        if isinstance(error, AttributeError) and getattr(error.obj, "is_the_programs", False):
            return Told(name, None, "unsure", f"{said}, which may be there in the program")
        if isinstance(error, NameError):
            if missing in assertions.ALIASES:
                return Told(name, None, "missing_package", f"the tests need '{assertions.ALIASES[missing]}'")
            asked = missing == function or not function
            return Told(name, False, "no_function", f"it has no '{missing}'") if asked else Told(name, None, "unreadable_tests", said)  # fmt: skip
        if isinstance(error, (SystemExit, KeyboardInterrupt, RecursionError, MemoryError, unittest.SkipTest, SyntaxError)):  # fmt: skip
            return Told(name, None, "unsure", f"the tests ended with {said}")
        return Told(name, False, "wrong_answer", said if str(error) else type(error).__name__)

    def _require_equal(self, left: Any, right: Any, shown: str, is_right: bool) -> None:
        """`assert left == right`. shown: its text; is_right: whether the right side is what is expected."""
        self._asserted += 1
        if not left == right:  # noqa: SIM201  what is asserted
            expected, got = (right, left) if is_right else (left, right)
            raise self._fail(f"{shown}: expected {_show(expected)}, got {_show(got)}")

    def _require_true(self, value: Any, shown: str) -> None:
        """`assert value`."""
        self._asserted += 1
        if not value:
            raise self._fail(f"{shown} does not hold")

    def _fail(self, said: str) -> _WrongError:
        """The error of an assertion; nobody hears it who is in another thread."""
        if threading.current_thread() is not threading.main_thread():
            self._things.failed = self._things.failed or said
        return _WrongError(said)

    def _is_same(self, left: Any, right: Any) -> bool:
        """`left is right`."""
        found = is_same(left, right)
        if found is None:
            raise self._things.refuse(
                "the test asks whether two things are one, of which one is the program's"
            )
        return found


def _name_missing(error: BaseException) -> str:
    """The name that an error says is not there; one of the program's has only its text."""
    named = getattr(error, "name", None) or str(error).partition("No module named '")[2].partition("'")[0]
    return str(named or "")


def _show(value: Any) -> str:
    try:
        return cut(repr(value))
    except (UndecidableError, ProgramGoneError, Exception):  # noqa: BLE001  a number of too many digits, say
        return f"a {type(value).__name__}"
