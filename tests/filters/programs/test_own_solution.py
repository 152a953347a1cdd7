"""A row's own program is found in the columns that public sets have, and nothing else is taken for one."""

import json
from typing import Any

import pytest

from filters.programs.own_solution import find_solution

CODE = "n = int(input())\nprint(n)"
CPP = "#include <cstdio>\nint main() {}\n"


@pytest.mark.parametrize(
    "row",
    [
        {"canonical_solution": CODE},
        {"code": CODE, "solution": "print(2)"},
        {"reference_solution": f"So:\n```python\n{CODE}\n```\n"},
        {"solution": f"```cpp\n{CPP}```\n", "solutions": [CODE]},
        {"gold_standard_solution": CODE, "canonical_solution": None, "code": " "},
        {"solutions": [CODE, "print(2)"]},
        {"solutions": json.dumps([CODE, "print(2)"])},
        {"solutions": CODE},
        {"solutions": [f"```cpp\n{CPP}```", f"```python\n{CODE}\n```"]},
        {"solutions": {"language": [1, 2, 3], "solution": ["print 1", CPP, CODE]}},
    ],
)
def test_the_first_program_in_the_language_is_found(row: dict[str, Any]):
    found = find_solution(row, "python")
    assert found is not None and found.strip() == CODE


def test_the_blanks_of_a_body_stay():
    assert find_solution({"canonical_solution": "    return 1\n"}, "python") == "    return 1\n"


def test_a_language_has_its_own():
    row = {"solutions": {"language": [3, 2], "solution": [CODE, CPP]}}
    assert find_solution(row, "cpp") == CPP
    assert find_solution(row, "javascript") is None


@pytest.mark.parametrize(
    "reference", [CODE, f"```\n{CODE}\n```", "def f(x):\n    return x", "f = lambda x: x"]
)
def test_a_reference_that_is_code_counts(reference: str):
    assert find_solution({}, "python", reference) is not None


@pytest.mark.parametrize(
    "reference", [None, "", "42", "x = 5", "From here the sum is 12; print it.", "[1, 2]"]
)
def test_a_reference_that_is_none_does_not(reference: str | None):
    assert find_solution({}, "python", reference) is None


@pytest.mark.parametrize(
    "row",
    [{}, {"solutions": []}, {"solutions": [1, None]}, {"solutions": {"language": 3}}, {"code": ["print(1)"]},
     {"solutions": {"language": [[3]], "solution": [CODE]}}, {"solutions": "[" * 100_000 + "]"}],
)  # fmt: skip
def test_odd_cells_are_passed_over(row: dict[str, Any]):
    found = find_solution(row, "python")
    assert found is None or found.startswith("[[")
