"""Tests in every shape become one form, or are refused with what is wrong: none is passed over."""

import base64
import json
import pickle
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.programs.errors import UnreadableTestsError
from filters.programs.program_tests import ProgramCase, ProgramTests
from filters.programs.read_tests import read_tests

STDIN = (ProgramCase("1 2\n", ("3\n",)), ProgramCase("2 2\n", ("4\n",)))
CALLS = (ProgramCase((1, 2), (3,)), ProgramCase((2, 2), (4,)))
PAIRS = [{"input": "1 2\n", "output": "3\n"}, {"input": "2 2\n", "output": "4\n"}]
APPS = {"inputs": ["1 2\n", "2 2\n"], "outputs": ["3\n", "4\n"]}
ADD = {"fn_name": "add", "inputs": [[1, 2], [2, 2]], "outputs": [3, 4]}


@pytest.mark.parametrize(
    ("row", "tests"),
    [
        ({"tests": APPS}, ProgramTests("stdin", STDIN)),
        ({"tests": json.dumps(APPS)}, ProgramTests("stdin", STDIN)),
        ({"input_output": json.dumps(json.dumps(APPS))}, ProgramTests("stdin", STDIN)),
        ({"tests": {**APPS, "fn_name": None}}, ProgramTests("stdin", STDIN)),
        ({"tests": {"inputs": [["1 2", ""], ["2 2", ""]], "outputs": [["3", ""], ["4", ""]]}}, ProgramTests("stdin", STDIN)),
        ({"tests": PAIRS}, ProgramTests("stdin", STDIN)),
        ({"official_tests": PAIRS, "time_limit": 2.0, "memory_limit": 256.0, "generated_checker": "check()"},
         ProgramTests("stdin", STDIN, time_limit_s=2.0, memory_limit=256 << 20, checker="check()")),
        ({"public_test_cases": json.dumps([{**PAIRS[0], "testtype": "stdin"}]), "private_test_cases": json.dumps([{**PAIRS[1], "testtype": "stdin"}])},
         ProgramTests("stdin", STDIN)),
        ({"input_output": json.dumps(ADD)}, ProgramTests("calls", CALLS, "add")),
        ({"tests": {"fn_name": "add", "inputs": [[1, 2], [2, 2]], "outputs": [[3], [4]]}},
         ProgramTests("calls", (ProgramCase((1, 2), ([3], 3)), ProgramCase((2, 2), ([4], 4))), "add")),
        ({"tests": [{"input": "1\n2", "output": "3", "testtype": "functional"}, {"input": "2\n2", "output": "4", "testtype": "functional"}],
          "fn_name": "add", "starter_code": "def add(a, b):"}, ProgramTests("calls", CALLS, "add", starter="def add(a, b):")),
        ({"verification_info": {"language": "python", "test_cases": [{**one, "fn_name": None, "type": "stdin_stdout"} for one in PAIRS]}},
         ProgramTests("stdin", STDIN, language="python")),
        ({"verification_info": json.dumps({"language": "python", "test_cases": [
            {"input": [1, 2], "output": [3], "fn_name": "add", "type": "function_call"}]})},
         ProgramTests("calls", (ProgramCase((1, 2), ([3], 3)),), "add", language="python")),
        ({"test_list": ["assert add(1, 2) == 3"], "test_setup_code": "import math"},
         ProgramTests("asserts", (ProgramCase("assert add(1, 2) == 3", ()),), code="import math")),
        ({"test_list": ["assert add(1, 2) == 3"], "test_imports": []}, ProgramTests("asserts", (ProgramCase("assert add(1, 2) == 3", ()),))),
        ({"tests": ["assert add(1, 2) == 3", "assert add(0, 0) == 0"]},
         ProgramTests("asserts", (ProgramCase("assert add(1, 2) == 3", ()), ProgramCase("assert add(0, 0) == 0", ())))),
        ({"test": "def check(candidate):\n    assert candidate(1)\n", "entry_point": "f"},
         ProgramTests("asserts", code="def check(candidate):\n    assert candidate(1)\n", function="f")),
        ({"tests": APPS, "language": "CPP", "time_limit": "500 ms", "memory_limit": "512 MB"},
         ProgramTests("stdin", STDIN, language="cpp", time_limit_s=0.5, memory_limit=512 << 20)),
        ({"tests": APPS, "time_limit": "2 seconds", "memory_limit": 268435456},
         ProgramTests("stdin", STDIN, time_limit_s=2.0, memory_limit=256 << 20)),
        ({"tests": APPS, "exact": True, "multiple_answers": True}, ProgramTests("stdin", STDIN, is_exact=True, has_many=True)),
        ({"public_tests": {"input": ["1 2\n"], "output": ["3\n"]}, "private_tests": {"input": ["2 2\n"], "output": ["4\n"]},
          "generated_tests": {"input": [], "output": []}, "time_limit": {"seconds": 2, "nanos": 500_000_000}, "memory_limit_bytes": 256_000_000},
         ProgramTests("stdin", STDIN, time_limit_s=2.5, memory_limit=256_000_000)),
        ({"official_tests": PAIRS, "generated_tests": 12}, ProgramTests("stdin", STDIN)),
        ({"verification_info": {"test_cases": {**APPS, "time_limit": 2}, "language": "cpp", "time_limit": 9, "memory_limit": "256 MiB"}},
         ProgramTests("stdin", STDIN, language="cpp", time_limit_s=2.0, memory_limit=256 << 20)),
        ({"tests": {"inputs": ["1\n2", "2\n2"], "outputs": ["3", "4"]}, "fn_name": "add"}, ProgramTests("calls", CALLS, "add")),
        ({"public_test_cases": [{"input": "1\n2", "output": "3", "testtype": "functional"}], "private_test_cases": [
            {"input": "2\n2", "output": "4", "testtype": "functional"}], "metadata": '{"func_name": "add"}', "starter_code": "class Solution:"},
         ProgramTests("calls", CALLS, "add", starter="class Solution:")),
        ({"tests": {"fn_name": "add", "inputs": [[1, 2], [2, 2]], "outputs": [[3], [4, 5]]}},
         ProgramTests("calls", (ProgramCase((1, 2), ([3],)), ProgramCase((2, 2), ([4, 5],))), "add")),
        ({"tests": {"fn_name": "f", "inputs": ['"a\u2028b"'], "outputs": ["1"]}}, ProgramTests("calls", (ProgramCase(("a\u2028b",), (1,)),), "f")),
        ({"test_list": ["assert f(1)"], "challenge_test_list": ["assert f(2)"], "test_imports": ["import math"], "test_setup_code": "x = 1"},
         ProgramTests("asserts", (ProgramCase("assert f(1)", ()), ProgramCase("assert f(2)", ())), code="import math\nx = 1")),
        ({"test_list": ["assert f(1)"], "test": "for x in [1]:\n    assert f(x)", "code": "def f(x):\n    return x"},
         ProgramTests("asserts", (ProgramCase("assert f(1)", ()),), code="for x in [1]:\n    assert f(x)", own=frozenset({"f"}))),
        ({"test": "def check(candidate):\n    assert candidate(1)\n", "entry_point": "Solution().f", "input_output": [{"input": "x = 1", "output": "1"}]},
         ProgramTests("asserts", code="def check(candidate):\n    assert candidate(1)\n", function="Solution().f")),
        ({"tests": APPS, "time_limit": 2000, "memory_limit": 262144}, ProgramTests("stdin", STDIN, time_limit_s=2.0, memory_limit=256 << 20)),
        ({"tests": [{"input": "1\n2", "output": "3", "testtype": "functional", "metadata": {"func_name": "add"}},
                    {"input": "2\n2", "output": "4", "testtype": "functional", "metadata": '{"func_name": "add"}'}]}, ProgramTests("calls", CALLS, "add")),
        ({"tests": [{"input": "1\n2", "output": "[3]", "testtype": "functional"}], "fn_name": "add"},
         ProgramTests("calls", (ProgramCase((1, 2), ([3],)),), "add")),
        ({"verification_info": str({"language": "python", "test_cases": PAIRS})}, ProgramTests("stdin", STDIN, language="python")),
        ({"verification_info": {"ground_truth": json.dumps(PAIRS)}}, ProgramTests("stdin", STDIN)),
        ({"inputs": ["1 2\n", "2 2\n"], "outputs": ["3\n", "4\n"]}, ProgramTests("stdin", STDIN)),
        ({"test": APPS}, ProgramTests("stdin", STDIN)),
        ({"test_list": '["assert f(1)"]'}, ProgramTests("asserts", (ProgramCase("assert f(1)", ()),))),
        ({"tests": "assert f(1)\nassert f(2)"}, ProgramTests("asserts", code="assert f(1)\nassert f(2)")),
        ({"test_list": ["def test_a():\n    assert f(1)", "def test_b():\n    assert f(2)"]},
         ProgramTests("asserts", code="def test_a():\n    assert f(1)\n\ndef test_b():\n    assert f(2)")),
        ({"tests": APPS, "language": "English"}, ProgramTests("stdin", STDIN)),
        ({"tests": APPS, "language": "Python 3"}, ProgramTests("stdin", STDIN, language="python")),
        ({"tests": APPS, "language": "GNU C++17"}, ProgramTests("stdin", STDIN, language="cpp")),
        ({"tests": APPS, "language": "Rust"}, ProgramTests("stdin", STDIN, language="rust")),
        ({"tests": APPS, "time_limit": "1 - 2 seconds", "memory_limit": "64000 gb"}, ProgramTests("stdin", STDIN, time_limit_s=2.0, memory_limit=16 << 30)),
        ({"tests": APPS, "time_limit": "100000 s"}, ProgramTests("stdin", STDIN, time_limit_s=120.0)),
        ({"official_tests": PAIRS, "official_tests_complete": False}, ProgramTests("stdin", STDIN, is_partial=True)),
        ({"tests": [{"input": "2", "outputs": ["1 2", "2 1"]}]}, ProgramTests("stdin", (ProgramCase("2", ("1 2", "2 1")),))),
        ({"tests": {"inputs": [5], "outputs": [6.5]}}, ProgramTests("stdin", (ProgramCase("5", ("6.5",)),))),
    ],
)  # fmt: skip
def test_a_shape_is_read(row: dict[str, Any], tests: ProgramTests):
    assert read_tests({"prompt": "Add.", **row}) == tests


@pytest.mark.parametrize(
    "row",
    [{}, {"tests": None}, {"tests": []}, {"tests": ""}, {"tests": {"inputs": [], "outputs": []}}, {"test_list": []}, {"test": ""},
     {"tests": {"test_cases": []}}, {"official_tests": None}],
)  # fmt: skip
def test_no_tests_are_none(row: dict[str, Any]):
    assert read_tests(row) is None


PICKLED = base64.b64encode(zlib.compress(pickle.dumps(PAIRS))).decode()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"tests": {"inputs": ["1", "2"], "outputs": ["1"]}}, "2 inputs and 1 outputs"),
        ({"tests": {"inputs": ["1"], "outputs": [None]}}, "test 1: its input or output is null"),
        ({"tests": {"inputs": ["1"]}}, "has inputs, not inputs and outputs"),
        ({"tests": {"fn_name": "f", "inputs": [[1]], "outputs": [None]}}, "test 1: it has no output"),
        ({"tests": {"fn_name": "f", "inputs": [1], "outputs": [1]}}, "arguments are a int, not a list"),
        ({"tests": [{"input": "1"}]}, "test 1: it has no input and output"),
        ({"tests": [PAIRS[0], "assert x"]}, "test 2: it has no input and output"),
        ({"tests": [PAIRS[0], {**PAIRS[1], "fn_name": "f", "input": [1]}]}, "calls several functions"),
        ({"tests": "not JSON"}, "a text that is not JSON"),
        ({"private_test_cases": PICKLED}, "compressed or pickled tests are not read"),
        ({"tests": "[" * 100_000}, "a text that is not JSON"),
        ({"tests": 5}, "'tests' is a int, not tests"),
        ({"tests": b"x"}, "'tests' is a bytes, not tests"),
        ({"tests": APPS, "interaction_format": "query and answer"}, "interactive"),
        ({"tests": APPS, "input_mode": "file"}, "reads and writes files"),
        ({"tests": APPS, "test_list": ["assert f(1)"]}, "differ in their kind"),
        ({"test": "f(1)"}, "no entry_point"),
        ({"test_list": "assert f(1)"}, "no list of asserts"),
        (
            {"tests": {"test_cases": PAIRS, "inputs": ["1"], "outputs": ["2"]}},
            "under test_cases and under inputs and outputs",
        ),
        (
            {"public_tests": APPS, "time_limit": "soon"},
            "time limit cannot be read: soon",
        ),
        (
            {"public_tests": {**APPS, "time_limit": 1}, "private_tests": {**APPS, "time_limit": 2}},
            "differ in their time limit",
        ),
        ({"tests": APPS, "memory_limit": True}, "memory limit cannot be read"),
        ({"tests": APPS, "memory_limit": "9" * 400}, "memory limit cannot be read"),
        ({"tests": APPS, "time_limit": {"seconds": "abc"}}, "time limit cannot be read"),
        ({"tests": APPS, "time_limit": {"seconds": -1}}, "time limit cannot be read"),
        ({"tests": APPS, "time_limit": "1" + " " * 60_000 + "x"}, "time limit cannot be read"),
        ({"tests": APPS, "input_file": "input.txt"}, "reads and writes files"),
        ({"tests": {"fn_name": "f" * 300, "inputs": [[1]], "outputs": [1]}}, "no name that one could have"),
        (
            {"tests": [{"input": "1", "output": "1", "testtype": "functional"}]},
            "a function that the row does not name",
        ),
        ({"test": "x\n" * 100_000 + "y"}, "no entry_point"),
        ({"tests": [{"input": "x", "output": "1", "type": "function_call", "fn_name": "f"}]}, "is not JSON"),
        ({"tests": {"tests": PAIRS, "test_cases": PAIRS}}, "tests under test_cases and under tests"),
    ],
)
def test_what_cannot_be_read_is_refused(row: dict[str, Any], reason: str):
    with pytest.raises(UnreadableTestsError, match=reason):
        read_tests({"prompt": "Add.", **row})


LINES = st.text("ab 1\n", max_size=8)


@settings(deadline=None)
@given(pairs=st.lists(st.tuples(LINES, LINES), min_size=1, max_size=5))
def test_every_shape_of_the_same_tests_is_read_the_same(pairs: list[tuple[str, str]]):
    listed = [{"input": one, "output": other} for one, other in pairs]
    columns = {"inputs": [one for one, _ in pairs], "outputs": [other for _, other in pairs]}
    shapes: list[dict[str, Any]] = [
        {"tests": listed}, {"tests": columns}, {"tests": json.dumps(listed)}, {"input_output": json.dumps(columns)},
        {"verification_info": {"test_cases": listed}}, {"official_tests": listed[:1], "private_tests": listed[1:]},
    ]  # fmt: skip
    read = [read_tests(row) for row in shapes]
    assert all(one == read[0] for one in read)
    assert read[0] is not None and len(read[0].cases) == len(pairs)


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["inputs", "outputs", "input", "output", "fn_name", "tests", "test_cases", "type"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=300)
@given(
    cell=NESTED, column=st.sampled_from(["tests", "verification_info", "test_list", "test", "official_tests"])
)
def test_whatever_a_cell_holds_it_is_read_or_refused(cell: Any, column: str):
    try:
        tests = read_tests({column: cell})
    except UnreadableTestsError:
        return
    assert tests is None or tests.cases or tests.code.strip() or tests.kind == "asserts"
