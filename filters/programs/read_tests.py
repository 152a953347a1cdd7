"""A row's tests in the shapes that public sets have, as one form; plain data only: nothing is unpickled, and no code is run.

What cannot be read is refused with what is wrong with it, never passed over: a program with fewer tests than its row has
would be called right by those that are left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

Kind = Literal["stdin", "calls", "asserts"]
"""How a program is tried: by what it prints for an input, by what a function of it returns, or by code that asserts."""
_COLUMNS: Final = (
    "tests", "test_cases", "verification_info", "input_output", "official_tests", "unit_tests", "public_tests", "private_tests",
    "public_test_cases", "private_test_cases",
)  # fmt: skip
"""The columns that hold tests; those of several are tried together."""
_INPUTS: Final = (("inputs", "outputs"), ("input", "output"))
_NESTED: Final = ("test_cases", "tests", "unit_tests", "official_tests")
_SECONDS: Final = re.compile(
    r"\s*([0-9]+(?:\.[0-9]+)?)\s*(ms|milliseconds?|s|sec|seconds?)?\s*", re.IGNORECASE
)
_BYTES: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(b|bytes|kb|mb|megabytes|gb)?\s*", re.IGNORECASE)
_SIZES: Final = {
    "b": 1,
    "bytes": 1,
    "kb": 1 << 10,
    "mb": 1 << 20,
    "megabytes": 1 << 20,
    "gb": 1 << 30,
    "": 1 << 20,
}
SOLUTIONS: Final = ("canonical_solution", "code", "reference_solution", "solution", "gold_standard_solution")
"""The columns in which a row has a program that is right."""
_DEFINED: Final = re.compile(r"^(?:async[ ]+def|def|class)[ ]+(\w+)", re.MULTILINE)
LONGEST: Final = 256 << 20
"""Characters of a text that is read as JSON."""


class UnreadableTestsError(ValueError):
    """A row's tests that cannot be read: what is wrong, and where."""


class ProgramCase(NamedTuple):
    """One test. given: the input's text, or the arguments of a call. accepted: the outputs, or values, that are right."""

    given: Any
    accepted: tuple[Any, ...]


class ProgramTests(NamedTuple):
    """A row's tests. function: the one that is called, or that the code of `asserts` tries. code: of `asserts`, what asserts, or
    what comes before the cases, which are lines of code there.

    starter: what the program goes on from. time_limit_s, memory_limit (bytes): the row's own. checker: a program that judges
    outputs. is_exact: whether numbers must be printed as they are expected. has_many: whether there are right outputs beside these.
    own: names that the row's own solution defines.
    """

    kind: Kind
    cases: tuple[ProgramCase, ...] = ()
    function: str = ""
    code: str = ""
    starter: str = ""
    language: str = ""
    time_limit_s: float | None = None
    memory_limit: int | None = None
    checker: str = ""
    is_exact: bool = False
    has_many: bool = False
    own: frozenset[str] = frozenset()


def read_tests(row: Mapping[str, Any]) -> ProgramTests | None:
    """The tests of a row, from its own columns; None where it has none. Raises UnreadableTestsError where they cannot be read."""
    _refuse_interactive(row)
    found = [
        one
        for name in _COLUMNS
        if _is_filled(row.get(name))
        for one in [_read_cell(_open(row[name], name), name)]
        if one is not None
    ]
    found += [one for one in (_read_asserts(row), _read_check(row)) if one is not None]
    if not found:
        return None
    tests = _join(found)
    return tests._replace(
        function=tests.function or _text(row, "fn_name", "entry_point", "func_name"),
        starter=_text(row, "starter_code"),
        language=tests.language or _text(row, "language", "lang").lower(),
        time_limit_s=tests.time_limit_s or _read_seconds(row.get("time_limit")),
        memory_limit=tests.memory_limit or _read_bytes(row.get("memory_limit")),
        checker=tests.checker or _text(row, "checker", "generated_checker"),
        is_exact=tests.is_exact or row.get("exact") is True,
        has_many=tests.has_many or row.get("multiple_answers") is True,
        own=frozenset(_DEFINED.findall(_text(row, *SOLUTIONS))),
    )


def _refuse_interactive(row: Mapping[str, Any]) -> None:
    if _is_filled(row.get("interaction_format")) or row.get("input_mode") == "interactive":
        raise UnreadableTestsError("the problem is interactive")
    if row.get("input_mode") == "file":
        raise UnreadableTestsError("the problem reads and writes files")


def _join(found: Sequence[ProgramTests]) -> ProgramTests:
    first = found[0]
    if any(one.kind != first.kind or one.function != first.function for one in found) or (
        first.kind == "asserts" and len(found) > 1
    ):
        raise UnreadableTestsError("its columns of tests are of several kinds")
    return first._replace(
        cases=tuple(case for one in found for case in one.cases),
        code="\n".join(one.code for one in found if one.code),
    )


def _open(cell: Any, name: str) -> Any:
    """What a text holds in JSON, once or twice; any other value as it is."""
    for _ in range(2):
        if not isinstance(cell, str):
            return cell
        if len(cell) > LONGEST:
            raise UnreadableTestsError(f"'{name}' has {len(cell):,} characters")
        try:
            cell = json.loads(cell)
        except (ValueError, RecursionError):
            raise UnreadableTestsError(
                f"'{name}' is a text that is not JSON (compressed or pickled tests are not read)"
            ) from None
    return cell


def _read_cell(value: Any, name: str) -> ProgramTests | None:
    """The tests of one column."""
    if isinstance(value, Mapping):
        nested = [(key, value[key]) for key in _NESTED if _is_filled(value.get(key))]
        if len(nested) > 1:
            raise UnreadableTestsError(f"'{name}' has tests under {' and '.join(key for key, _ in nested)}")
        if nested:
            key, inner = nested[0]
            tests = _read_cell(_open(inner, f"{name}.{key}"), f"{name}.{key}")
            return None if tests is None else _with_own(tests, value)
        return None if any(key in value for key in _NESTED) else _read_columns(value, name)
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        raise UnreadableTestsError(f"'{name}' is a {type(value).__name__}, not tests")
    if value and all(isinstance(one, str) for one in value):
        return ProgramTests("asserts", _make_lines(value))
    return _read_list(value, name)


def _with_own(tests: ProgramTests, value: Mapping[str, Any]) -> ProgramTests:
    """Tests with what the object around them says of all."""
    return tests._replace(
        function=tests.function or _text(value, "fn_name", "entry_point"),
        kind="calls" if tests.kind == "stdin" and _text(value, "fn_name") else tests.kind,
        language=_text(value, "language").lower(),
        time_limit_s=_read_seconds(value.get("time_limit")),
        memory_limit=_read_bytes(value.get("memory_limit")),
    )


def _read_columns(value: Mapping[str, Any], name: str) -> ProgramTests | None:
    """`inputs` and `outputs`, a list each."""
    pair = next((pair for pair in _INPUTS if all(key in value for key in pair)), None)
    if pair is None:
        raise UnreadableTestsError(
            f"'{name}' has {', '.join(map(str, list(value)[:6])) or 'nothing'}, not inputs and outputs"
        )
    given, expected = (
        _open(value[key], f"{name}.{key}") if key.endswith("s") else [value[key]] for key in pair
    )
    if not isinstance(given, list) or not isinstance(expected, list):
        raise UnreadableTestsError(f"'{name}' has inputs or outputs that are no lists")
    if len(given) != len(expected):
        raise UnreadableTestsError(f"'{name}' has {len(given)} inputs and {len(expected)} outputs")
    if not given:
        return None
    function = _text(value, "fn_name")
    make = _make_call if function else _make_stdin
    cases = [
        make(one, other, f"{name}, test {number}")
        for number, (one, other) in enumerate(zip(given, expected, strict=True), 1)
    ]
    return _with_own(ProgramTests("calls" if function else "stdin", tuple(cases), function), value)


def _read_list(value: Sequence[Any], name: str) -> ProgramTests | None:
    """A list of objects, a test each."""
    cases, functions, kinds = [], set(), set()
    for number, one in enumerate(value, 1):
        place = f"{name}, test {number}"
        if not isinstance(one, Mapping) or "input" not in one or "output" not in one:
            raise UnreadableTestsError(f"{place}: it has no input and output")
        function = _text(one, "fn_name")
        called = bool(function) or _text(one, "type", "testtype") in ("function_call", "functional")
        functions.add(function)
        kinds.add(called)
        cases.append((_make_call if called else _make_stdin)(one["input"], one["output"], place))
    if len(functions) > 1 or len(kinds) > 1:
        raise UnreadableTestsError(f"'{name}' calls several functions")
    return ProgramTests("calls" if kinds.pop() else "stdin", tuple(cases), functions.pop()) if cases else None


def _make_stdin(given: Any, expected: Any, place: str) -> ProgramCase:
    return ProgramCase(_join_lines(given, place), (_join_lines(expected, place),))


def _join_lines(value: Any, place: str) -> str:
    """A text, or the lines of one."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise UnreadableTestsError(f"{place}: its input or output is {_name(value)}, not a text")
    return str(value)


def _make_call(given: Any, expected: Any, place: str) -> ProgramCase:
    """The arguments of a call, a list or a line of JSON each, and what it returns, which sets of old put into a list."""
    if isinstance(given, str):
        given = [_load(line, place) for line in given.splitlines() if line.strip()]
        expected = _load(expected, place) if isinstance(expected, str) else expected
        return ProgramCase(tuple(given), (expected,))
    if not isinstance(given, list):
        raise UnreadableTestsError(f"{place}: its arguments are {_name(given)}, not a list")
    if expected is None:
        raise UnreadableTestsError(f"{place}: it has no output")
    wrapped = isinstance(expected, list) and len(expected) == 1
    return ProgramCase(tuple(given), (expected, expected[0]) if wrapped else (expected,))


def _load(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableTestsError(f"{place}: an argument or output is not JSON") from None


def _read_asserts(row: Mapping[str, Any]) -> ProgramTests | None:
    """MBPP's lines of asserts, with what they need before."""
    lines = row.get("test_list")
    if not _is_filled(lines):
        return None
    if (
        not isinstance(lines, Sequence)
        or isinstance(lines, str)
        or not all(isinstance(line, str) for line in lines)
    ):
        raise UnreadableTestsError("'test_list' is no list of asserts")
    before = row.get("test_setup_code") or row.get("test_imports") or ""
    setup = before if isinstance(before, str) else "\n".join(map(str, before))
    return ProgramTests("asserts", _make_lines(lines), code=setup)


def _make_lines(lines: Sequence[str]) -> tuple[ProgramCase, ...]:
    return tuple(ProgramCase(line, ()) for line in lines if line.strip())


def _read_check(row: Mapping[str, Any]) -> ProgramTests | None:
    """HumanEval's `check`, which is given the function that is asked for."""
    code, function = row.get("test"), _text(row, "entry_point")
    if not isinstance(code, str) or not code.strip():
        return None
    if not function:
        raise UnreadableTestsError("it has 'test', and no entry_point: what it tries cannot be told")
    return ProgramTests("asserts", code=code, function=function)


def _read_seconds(value: Any) -> float | None:
    """A limit of time; a number is seconds."""
    if isinstance(value, bool) or value is None:
        return None
    found = _SECONDS.fullmatch(str(value))
    if found is None or not float(found[1]):
        return None
    return float(found[1]) / (1000 if (found[2] or "").lower().startswith("m") else 1)


def _read_bytes(value: Any) -> int | None:
    """A limit of memory; a number is megabytes, as Codeforces has it, or bytes where it would be too many."""
    if isinstance(value, bool) or value is None:
        return None
    found = _BYTES.fullmatch(str(value))
    if found is None or not float(found[1]):
        return None
    size = float(found[1])
    unit = (found[2] or "").lower()
    return int(size if not unit and size >= 1 << 20 else size * _SIZES[unit])


def _text(row: Mapping[str, Any], *names: str) -> str:
    return next(
        (row[name].strip() for name in names if isinstance(row.get(name), str) and row[name].strip()), ""
    )


def _is_filled(value: Any) -> bool:
    return value is not None and not (isinstance(value, (str, Iterable)) and not value)


def _name(value: Any) -> str:
    return "null" if value is None else f"a {type(value).__name__}"
