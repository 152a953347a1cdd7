"""A row's tests in the shapes that public sets have, as one form; plain data only: nothing is unpickled, and no code is run.

What cannot be read is refused with what is wrong with it, never passed over: a program with fewer tests than its row has
would be called right by those that are left.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from filters.programs.errors import UnreadableTestsError
from filters.programs.languages_said import name_language
from filters.programs.program_tests import ProgramCase, ProgramTests, find_text, is_filled, name_kind
from filters.programs.read_asserts import is_code, list_defined, make_asserts, read_asserts, read_check
from filters.programs.read_limits import read_bytes, read_seconds

_COLUMNS: Final = (
    "tests", "test_cases", "verification_info", "input_output", "official_tests", "unit_tests", "public_tests", "private_tests",
    "public_test_cases", "private_test_cases", "generated_tests", "hidden_tests", "generated_test_cases", "testcase",
)  # fmt: skip
"""The columns that hold tests; those of several are tried together."""
PLACES: Final = (*_COLUMNS, "test_list", "challenge_test_list", "test", "test_code")
"""These, and the columns whose tests are code."""
_INPUTS: Final = (("inputs", "outputs"), ("input", "output"))
_NESTED: Final = ("test_cases", "tests", "unit_tests", "official_tests", "ground_truth")
_FUNCTIONS: Final = ("fn_name", "entry_point", "func_name")
_CALLED: Final = ("function_call", "functional", "fn_call")
_PRINTED: Final = ("stdin_stdout", "stdin", "stdio", "standard_io")
"""The words for both kinds of tests."""
LONGEST_NAME: Final = 200
_PYTHON: Final = 10 << 20
"""Characters of a text that is read as Python's."""
LONGEST: Final = 256 << 20
"""Characters of a text that is read as JSON."""


def read_tests(row: Mapping[str, Any]) -> ProgramTests | None:
    """The tests of a row, from its own columns; None where it has none. Raises UnreadableTestsError where they cannot be read."""
    _refuse_interactive(row)
    check = read_check(row)
    function = find_text(row, "fn_name", "func_name") or _read_metadata(row.get("metadata"))
    columns = [name for name in _COLUMNS if is_filled(row.get(name))]
    if isinstance(row.get("generated_tests"), int):
        columns.remove("generated_tests")  # the number of those that are elsewhere
    if check is not None and check.function and "input_output" in columns:
        columns.remove("input_output")  # the same tests, written for people
    if is_filled(row.get("test")) and not isinstance(row["test"], str):
        columns.append("test")
    found = [_read_column(row[name], name, function) for name in columns]
    if is_filled(row.get("inputs")) and is_filled(row.get("outputs")):
        found.append(_read_object({name: row[name] for name in ("inputs", "outputs")}, "inputs", function))
    found += [read_asserts(row), check]
    there = [one for one in found if one is not None]
    if not there:
        return None
    tests = _with_own(_join(there), row)
    return tests._replace(
        language=tests.language or name_language(find_text(row, "lang")),
        checker=tests.checker or find_text(row, "generated_checker"),
        is_exact=row.get("exact") is True,
        has_many=row.get("multiple_answers") is True,
        is_partial=row.get("official_tests_complete") is False,
        own=list_defined(row),
    )


def _refuse_interactive(row: Mapping[str, Any]) -> None:
    if is_filled(row.get("interaction_format")) or row.get("input_mode") == "interactive":
        raise UnreadableTestsError("the problem is interactive")
    named = find_text(row, "input_file", "output_file").lower()
    if row.get("input_mode") == "file" or named not in ("", "stdin", "stdout", "standard input", "standard output"):  # fmt: skip
        raise UnreadableTestsError("the problem reads and writes files")


def _read_metadata(cell: Any) -> str:
    """The function that LiveCodeBench's rows name beside their tests."""
    try:
        found = json.loads(cell) if isinstance(cell, str) else cell
    except (ValueError, RecursionError):
        return ""
    return find_text(found, "func_name", "fn_name") if isinstance(found, Mapping) else ""


def _read_column(cell: Any, name: str, function: str) -> ProgramTests | None:
    """The tests of one column, which may be a text that is code."""
    if isinstance(cell, str) and cell.strip()[:1] not in ("[", "{", '"') and is_code(cell):
        return ProgramTests("asserts", code=cell)
    return _read_cell(_open(cell, name), name, function)


def _join(found: Sequence[ProgramTests]) -> ProgramTests:
    """The tests of several columns as one row's; what they say of all of them must not differ."""
    said: dict[str, set[Any]] = {
        key: {value for one in found if (value := getattr(one, key))}
        for key in ("kind", "function", "starter", "language", "time_limit_s", "memory_limit", "checker")
    }
    for key, values in said.items():
        if len(values) > 1:
            raise UnreadableTestsError(f"its columns of tests differ in their {key.removesuffix('_s').replace('_', ' ')}")  # fmt: skip
    return ProgramTests(
        cases=tuple(case for one in found for case in one.cases),
        code="\n".join(one.code for one in found if one.code),
        **{key: next(iter(values)) for key, values in said.items() if values},
    )


def _open(cell: Any, name: str) -> Any:
    """What a text holds in JSON, once or twice, or as Python writes plain values; any other value as it is."""
    for _ in range(2):
        if not isinstance(cell, str):
            return cell
        if len(cell) > LONGEST:
            raise UnreadableTestsError(f"'{name}' has {len(cell):,} characters")
        try:
            cell = json.loads(cell)
        except (ValueError, RecursionError):
            cell = _open_python(cell, name)
    return cell


def _open_python(cell: str, name: str) -> Any:
    """Lists and objects as Python writes them: read, never run."""
    try:
        if cell.strip()[:1] in ("[", "{") and len(cell) <= _PYTHON:
            return ast.literal_eval(cell.strip())
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        pass
    raise UnreadableTestsError(f"'{name}' is a text that is not JSON (compressed or pickled tests are not read)")  # fmt: skip


def _read_cell(value: Any, name: str, function: str) -> ProgramTests | None:
    """The tests of one column. function: the one that what stands around it names."""
    if isinstance(value, Mapping):
        return _read_object(value, name, function)
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        raise UnreadableTestsError(f"'{name}' is a {type(value).__name__}, not tests")
    if value and all(isinstance(one, str) for one in value):
        return make_asserts(value)
    return _read_list(value, name, function)


def _read_object(value: Mapping[str, Any], name: str, function: str) -> ProgramTests | None:
    """Tests in one place of an object, with what it says of all of them."""
    function = find_text(value, "fn_name", "func_name") or function
    places = [key for key in _NESTED if is_filled(value.get(key))]
    pair = next((pair for pair in _INPUTS if all(key in value for key in pair)), None)
    if pair is not None and (not places or any(is_filled(value[key]) for key in pair)):
        places.append(" and ".join(pair))
    if len(places) > 1:
        raise UnreadableTestsError(f"'{name}' has tests under {' and under '.join(places)}")
    if not places:
        if any(key in value for key in _NESTED):
            return None
        raise UnreadableTestsError(f"'{name}' has {', '.join(map(str, list(value)[:6])) or 'nothing'}, not inputs and outputs")  # fmt: skip
    (key,) = places
    if pair is not None and key == " and ".join(pair):
        tests = _read_columns(value, pair, name, function)
    else:
        tests = _read_cell(_open(value[key], f"{name}.{key}"), f"{name}.{key}", function)
    return None if tests is None else _with_own(tests, value)


def _with_own(tests: ProgramTests, value: Mapping[str, Any]) -> ProgramTests:
    """Tests with what the object around them says of all; what they say themselves goes before."""
    return tests._replace(
        function=tests.function or find_text(value, "fn_name", "entry_point", "func_name"),
        language=tests.language or name_language(find_text(value, "language")),
        time_limit_s=tests.time_limit_s or read_seconds(value.get("time_limit")),
        memory_limit=tests.memory_limit or read_bytes(value.get("memory_limit")) or read_bytes(value.get("memory_limit_bytes")),
        starter=tests.starter or find_text(value, "starter_code"),
        checker=tests.checker or find_text(value, "checker"),
    )  # fmt: skip


def _read_columns(
    value: Mapping[str, Any], pair: tuple[str, str], name: str, function: str
) -> ProgramTests | None:
    """Inputs and outputs, a list each, or one of each."""
    one, other = value[pair[0]], value[pair[1]]
    if pair[0].endswith("s"):
        one, other = _open(one, f"{name}.{pair[0]}"), _open(other, f"{name}.{pair[1]}")
        if not isinstance(one, list) or not isinstance(other, list):
            raise UnreadableTestsError(f"'{name}' has inputs or outputs that are no lists")
    elif not (isinstance(one, list) and isinstance(other, list)):
        one, other = [one], [other]
    if len(one) != len(other):
        raise UnreadableTestsError(f"'{name}' has {len(one)} inputs and {len(other)} outputs")
    make = _make_call if function else _make_stdin
    cases = [make(*both, f"{name}, test {number}") for number, both in enumerate(zip(one, other, strict=True), 1)]  # fmt: skip
    return _make_tests(cases, bool(function), function)


def _read_list(value: Sequence[Any], name: str, function: str) -> ProgramTests | None:
    """A list of objects, a test each."""
    cases, functions, kinds = [], set(), set()
    for number, one in enumerate(value, 1):
        place = f"{name}, test {number}"
        several = isinstance(one, Mapping) and isinstance(one.get("outputs"), list) and one["outputs"]
        if not isinstance(one, Mapping) or "input" not in one or not ("output" in one or several):
            raise UnreadableTestsError(f"{place}: it has no input and output")
        kind = find_text(one, "type", "testtype")
        own = find_text(one, "fn_name") or _read_metadata(one.get("metadata")) or function
        called = kind in _CALLED or (bool(own) and kind not in _PRINTED)
        functions.add(own if called else "")
        kinds.add(called)
        make = _make_call if called else _make_stdin
        right = [make(one["input"], output, place) for output in (one["outputs"] if several else [one["output"]])]  # fmt: skip
        cases.append(right[0]._replace(accepted=tuple(case.accepted[0] for case in right)))
    if len(functions) > 1 or len(kinds) > 1:
        raise UnreadableTestsError(f"'{name}' calls several functions")
    wraps = not any(isinstance(one, Mapping) and one.get("testtype") for one in value)
    return _make_tests(cases, kinds == {True}, functions.pop() if functions else "", wraps)


def _make_tests(
    cases: Sequence[ProgramCase], called: bool, function: str, wraps: bool = True
) -> ProgramTests | None:
    """Tests of one kind. Where every value that a call should give is a list of one, it may have been put into one (wraps)."""
    if not cases:
        return None
    if not called:
        return ProgramTests("stdin", tuple(cases))
    if not function:
        raise UnreadableTestsError("its tests call a function that the row does not name")
    if len(function) > LONGEST_NAME:
        raise UnreadableTestsError("the function that its tests call has no name that one could have")
    values = [case.accepted[0] for case in cases]
    wraps = wraps and all(len(case.accepted) == 1 for case in cases)
    if wraps and all(isinstance(value, list) and len(value) == 1 for value in values):
        cases = [case._replace(accepted=(case.accepted[0], case.accepted[0][0])) for case in cases]
    return ProgramTests("calls", tuple(cases), function)


def _make_stdin(given: Any, expected: Any, place: str) -> ProgramCase:
    return ProgramCase(_join_lines(given, place), (_join_lines(expected, place),))


def _join_lines(value: Any, place: str) -> str:
    """A text, or the lines of one."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise UnreadableTestsError(f"{place}: its input or output is {name_kind(value)}, not a text")
    return str(value)


def _make_call(given: Any, expected: Any, place: str) -> ProgramCase:
    """The arguments of a call, a list or a line of JSON each, and what it returns."""
    if isinstance(given, str):
        given = [_load(line, place) for line in given.split("\n") if line.strip()]
        expected = _load(expected, place) if isinstance(expected, str) else expected
        return ProgramCase(tuple(given), (expected,))
    if not isinstance(given, list):
        raise UnreadableTestsError(f"{place}: its arguments are {name_kind(given)}, not a list")
    if expected is None:
        raise UnreadableTestsError(f"{place}: it has no output")
    return ProgramCase(tuple(given), (expected,))


def _load(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableTestsError(f"{place}: an argument or output is not JSON") from None
