"""Tests that are code: all of it that looks like a test is run or told, and what the program is asked says nothing for itself."""

from collections.abc import Iterator
from typing import Any

import pytest

from filters.check import Check
from filters.registry import make_check
from filters.types import Prompt, Sample, Verdict
from tests.walls import require_walls

ADD = "def add(a, b):\n    return a + b"
BAD = "def add(a, b):\n    return 3"
ONE = "def test_a():\n    assert add(1, 2) == 3\n"
ALL_RUN: dict[str, dict[str, Any]] = {
    "two functions": {"test": f"{ONE}\n\ndef test_b():\n    assert add(2, 2) == 4\n"},
    "a class as pytest has it": {"test": f"{ONE}\n\nclass TestMore:\n    def setup_method(self):\n        self.n = 2\n    def test_b(self):\n        assert add(self.n, 2) == 4\n"},
    "a unittest class": {"test": f"import unittest\n{ONE}\n\nclass More(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls):\n        cls.n = 2\n    def test_b(self):\n        self.assertEqual(add(self.n, 2), 4)\n\nif __name__ == '__main__':\n    unittest.main()\n"},
    "a default argument": {"test": f"{ONE}\n\ndef test_b(n=2):\n    assert add(n, 2) == 4\n"},
    "a function that is made": {"test": f"import functools\n{ONE}\n\ndef more(n):\n    assert add(n, 2) == 4\n\ntest_b = functools.partial(more, 2)\n"},
    "run as a program": {"test": f"{ONE}\n\ndef more():\n    assert add(2, 2) == 4\n\nif __name__ == '__main__':\n    more()\n"},
    "a check and a function": {"test": "def check(candidate):\n    assert candidate(1, 2) == 3\n\ndef test_b():\n    assert add(2, 2) == 4\n", "entry_point": "add"},
    "lines and a check": {"test_list": ["assert add(1, 2) == 3"], "test": "def check(candidate):\n    assert candidate(2, 2) == 4\n", "entry_point": "add"},
    "lines and functions": {"test_list": ["assert add(1, 2) == 3"], "test": "def test_b():\n    assert add(2, 2) == 4\n"},
    "lines in two columns": {"test_list": ["assert add(1, 2) == 3"], "test": ["assert add(2, 2) == 4"]},
    "functions in a list": {"test_list": [ONE, "def test_b():\n    assert add(2, 2) == 4\n"]},
    "a text that is code": {"tests": "assert add(1, 2) == 3\nassert add(2, 2) == 4\n"},
    "imported by name": {"test": f"from solution import add\n\n\n{ONE}\n\ndef test_b():\n    assert add(2, 2) == 4\n"},
    "imported whole": {"test": f"from solution import *\n\n\n{ONE}\n\ndef test_b():\n    assert add(2, 2) == 4\n"},
    "imported as a module": {"test": "import solution\n\n\ndef test_b():\n    assert solution.add(2, 2) == 4\n"},
}  # fmt: skip
"""Tests of which the second alone tells that 3 is not always the sum."""
TOLD: dict[str, dict[str, Any]] = {
    "a fixture": {"test": f"{ONE}\n\ndef test_b(tmp_path):\n    assert add(2, 2) == 4\n"},
    "a check of nothing": {"test": "def check(candidate):\n    assert candidate(2, 2) == 4\n\ndef other():\n    assert True\n"},
    "an assertion of nothing": {"test_list": ["assert True", "assert 1 == 1"]},
    "a case that asserts nothing": {"test": "import unittest\n\nclass More(unittest.TestCase):\n    def test_b(self):\n        add(2, 2)\n"},
}  # fmt: skip
FORGED: dict[str, tuple[str, dict[str, Any]]] = {
    "numpy of its own": ("class np:\n    allclose = staticmethod(lambda *a: True)\ndef f(x): return 0", {"test_list": ["assert np.allclose(f(2), 4.0)"]}),
    "pytest of its own": ("class pytest:\n    class raises:\n        def __init__(s, e): pass\n        def __enter__(s): pass\n        def __exit__(s, *e): return True\ndef f(x): return 0",
                          {"test_list": ["with pytest.raises(ValueError):\n    f(-1)\nassert f(1) == 0"]}),
    "isclose of its own": ("def isclose(*a, **k): return True\ndef f(x): return 0", {"test_list": ["assert isclose(f(2), 4.0)"]}),
    "sqrt of its own": ("def sqrt(x): return 0\ndef f(x): return 0", {"test_list": ["assert f(4) == sqrt(16)"]}),
    "a star that takes over": ("__path__ = []\n__all__ = ['f', '__r1_equal__', 'isclose']\ndef __r1_equal__(*a): pass\ndef isclose(*a): return True\ndef f(x): return 0",
                               {"test": "from solution import *\nassert f(2) == 4\nassert f(2) is not None\n"}),
    "a copy that is none": ("def f(x): return x", {"test_list": ["a = [1, 2]\nb = f(a)\nassert b == a\nb.append(3)\nassert a == [1, 2]"]}),
    "two faces": ("class T:\n    def __init__(s, x): s.x = x\n    def __iter__(s): return iter(s.x)\n    def __len__(s): return len(s.x)\n    def __getitem__(s, i): return 0\ndef f(x): return T(x)",
                  {"test_list": ["x = [3, 1, 2]\nr = f(x)\nassert sorted(r) == sorted(x) and all(r[i] <= r[i + 1] for i in range(2))"]}),
    "a mask that is all": ("class M:\n    def all(s): return True\ndef f(x): return M()", {"test_list": ["assert f([1]).all()"]}),
    "text as code": ("def f(x): return \"type('E', (), {'__eq__': lambda s, o: True})()\"", {"test_list": ["assert eval(f([4, 6])) == 24"]}),
    "the tests' own eval": ("def f(run, x): return run('2')", {"test_list": ["assert f(eval, '1+1') == 2"]}),
    "an assertion that nobody hears": ("def f(g):\n    try:\n        g(1)\n    except AssertionError:\n        pass\n    return 1",
                                       {"test_list": ["def g(x):\n    assert x == 2\nassert f(g) == 1"]}),
    "an assertion in a thread": ("def f(x): return 1", {"test": "import threading\ndef test_a():\n    def w():\n        assert f(1) == 2\n    t = threading.Thread(target=w)\n    t.start()\n    t.join()\n"}),
    "a check that nobody calls": ("def f(x): return 1", {"test": "def check(candidate):\n    assert candidate(1) == 2\n\nassert f(1) == 1\n"}),
    "a helper of the prompt's": ("def poly(*a): return 0\ndef f(x): return 0", {"test": "def check(candidate):\n    assert poly(candidate(2)) == 0\n", "entry_point": "f"}),
}  # fmt: skip
RIGHT: dict[str, tuple[str, dict[str, Any]]] = {
    "the same object": ("def f(x):\n    x.sort()\n    return x", {"test_list": ["a = [2, 1]\nassert f(a) is a and a == [1, 2]"]}),
    "a list inside a list": ("def f(x):\n    x[0].append(1)", {"test_list": ["a = [[], 2]\nf(a)\nassert a == [[1], 2]"]}),
    "an argument by name": ("def f(*, x):\n    x['a'] = 1", {"test_list": ["d = {}\nf(x=d)\nassert d == {'a': 1}"]}),
    "one of its kind": ("class S:\n    made = None\n    def __new__(c):\n        c.made = c.made or super().__new__(c)\n        return c.made", {"test_list": ["assert S() is S()"]}),
    "a class as an argument": ("def f(x, d): return [one for one in x if not isinstance(one, d)]", {"test_list": ["assert f((4, 7.7, 1.2), int) == [7.7, 1.2]"]}),
    "views": ("def f(d): return d.keys()", {"test_list": ["assert sorted(f({2: 1, 1: 2})) == [1, 2]", "assert f({1: 2}) == {1}"]}),
    "errors of its own": ("class A(Exception): pass\nclass B(A): pass\ndef f():\n    raise B('x', 7)", {"test_list": ["try:\n    f()\n    assert False\nexcept A as error:\n    assert error.args == ('x', 7)"]}),
    "errors of the library": ("import json\ndef f(x): return json.loads(x)", {"test_list": ["import json\ntry:\n    f('{')\n    assert False\nexcept json.JSONDecodeError:\n    assert True"]}),
    "a key that is missing": ("def f(d): return d[1]", {"test_list": ["try:\n    f({})\n    assert False\nexcept KeyError as error:\n    assert str(error) == '1'"]}),
    "an end": ("def f(): exit(3)", {"test": "import unittest\nclass T(unittest.TestCase):\n    def test_f(self):\n        with self.assertRaises(SystemExit) as end:\n            f()\n        self.assertEqual(end.exception.code, 3)\n"}),
    "threads of the tests'": ("def f(x): return x * 2", {"test_list": ["from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as pool:\n    assert list(pool.map(f, range(20))) == [2 * n for n in range(20)]"]}),
    "a name that Python exports": ("def add(a, b): return a + b", {"test_list": ["assert add(1, 2) == 3"]}),
    "a name of a module's": ("def select(x): return x[0]", {"test_list": ["assert select([1, 2]) == 1"]}),
    "a name of Python's": ("def sum(a, b): return a + b", {"test_list": ["assert sum(10, 15) == 25"], "code": "def sum(a, b):\n    return a + b"}),
    "a class of errors as an argument": ("def f(e):\n    try:\n        raise e('x')\n    except e:\n        return 1", {"test_list": ["assert f(ValueError) == 1"]}),
    "a named tuple": ("from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef f(): return P(1, 2)", {"test_list": ["assert f().x == 1 and f() == (1, 2)"]}),
    "a name that is kept": ("import functools\ndef f(g):\n    @functools.wraps(g)\n    def h(*a): return g(*a)\n    return h", {"test_list": ["def g(x):\n    return x\nassert f(g)(2) == 2 and f(g).__name__ == 'g'"]}),
    "an object that is not None": ("class S: pass\ndef f(): return S()", {"test_list": ["assert f() is not None"]}),
    "tests that run themselves": ("def f(x): return x", {"test": "import unittest\nclass T(unittest.TestCase):\n    def test_f(self):\n        self.assertEqual(f(1), 1)\nunittest.main()\n"}),
    "names that sites give": ("from __future__ import annotations\nclass Solution:\n    def f(self, x: List[int]) -> int:\n        return len(deque(x))", {"tests": {"fn_name": "f", "inputs": [[[1, 2]]], "outputs": [2]}}),
    "names that a starter uses": ("def f(x: List[int]) -> int:\n    return sum(x)", {"tests": {"fn_name": "f", "inputs": [[[1, 2]]], "outputs": [3]}, "starter_code": "def f(x: List[int]) -> int:\n    pass"}),
    "an ordered dictionary": ("from collections import OrderedDict\ndef f(): return OrderedDict(b=1, a=2)", {"test_list": ["assert list(f()) == ['b', 'a']"]}),
    "exports of the library": ("from math import isclose\ndef f(x): return x / 3", {"test_list": ["assert isclose(f(1), 0.333333333333)"]}),
}  # fmt: skip
UNDECIDED: dict[str, tuple[str, dict[str, Any]]] = {
    "what tests put in the place of input": ("def f(): return input()", {"test": "from unittest.mock import patch\n\ndef test_f():\n    with patch('builtins.input', return_value='x'):\n        assert f() == 'x'\n"}),
    "what is printed": ("def f(): print(1)", {"test": "import io\nfrom contextlib import redirect_stdout\n\ndef test_f():\n    out = io.StringIO()\n    with redirect_stdout(out):\n        f()\n    assert out.getvalue() == '1\\n'\n"}),
    "chance that is set": ("import random\ndef f(): return random.random()", {"test": "import random\n\ndef test_f():\n    random.seed(1)\n    a = f()\n    random.seed(1)\n    assert a == f()\n"}),
    "one list asked for by is": ("def f(x): return object()", {"test_list": ["assert f(1) is not [1]"]}),
    "a package in the program": ("def f(x):\n    import numpy\n    return 1", {"test_list": ["assert f(1) == 1"]}),
    "a package in the tests": ("def f(x): return 1", {"test_list": ["assert np.sum(f(1)) == 1"]}),
    "tests that do not compile": ("def f(x): return 1", {"test": "def check(candidate):\n    assert candidate(1) == = 1\n", "entry_point": "f"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def check() -> Iterator[Check]:
    require_walls()
    made = make_check("code_tests", {"seconds": 2})
    yield made
    made._place.close()  # type: ignore[attr-defined]


def judge(check: Check, program: str, columns: dict[str, Any], prompt: str = "Write it.") -> Verdict:
    asked = Prompt.make(prompt, extra=columns)
    return check.check([Sample("1", asked, f"```python\n{program}\n```")])[0]


@pytest.mark.parametrize("name", ALL_RUN)
def test_nothing_that_looks_like_a_test_is_left_out(check: Check, name: str):
    assert judge(check, ADD, ALL_RUN[name]).ok is True
    verdict = judge(check, BAD, ALL_RUN[name])
    assert (verdict.ok, verdict.rule) == (False, "wrong_answer"), verdict


@pytest.mark.parametrize("name", TOLD)
def test_what_cannot_be_run_is_told(check: Check, name: str):
    for program in (ADD, BAD):
        verdict = judge(check, program, TOLD[name])
        assert verdict.ok is None and verdict.rule in ("unreadable_tests", "no_tests"), verdict


@pytest.mark.parametrize("name", FORGED)
def test_the_program_s_word_for_it_is_not_taken(check: Check, name: str):
    prompt = (
        "def poly(x):\n    return x - 1\n\n\ndef f(x):\n    # it is 1 - x\n"
        if "prompt" in name
        else "Write f."
    )
    verdict = judge(check, *FORGED[name], prompt=prompt)
    assert verdict.ok is not True, verdict


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_program_passes(check: Check, name: str):
    verdict = judge(check, *RIGHT[name])
    assert verdict.ok is True, verdict


def test_an_object_is_not_none_and_a_name_that_is_missing_is_named(check: Check):
    assert (
        judge(check, "class S: pass\ndef f(): return S()", {"test_list": ["assert f() is None"]}).ok is False
    )
    missing = judge(
        check, "x = 1", {"test": "from solution import f\n\ndef test_a():\n    assert f(1) == 1\n"}
    )
    assert (missing.ok, missing.rule) == (False, "no_function") and "'f'" in missing.reason, missing


def test_reasons_hold_nothing_that_a_terminal_obeys(check: Check):
    for columns in (
        {"test_list": ["assert f(1) == 1"]},
        {"tests": {"fn_name": "f", "inputs": [[1]], "outputs": [1]}},
    ):
        verdict = judge(check, "def f(x):\n    raise ValueError('\\x1b[2J\\x07')", columns)
        assert verdict.ok is False and verdict.reason.isprintable(), verdict


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_tests_cannot_tell_is_undecided(check: Check, name: str):
    verdict = judge(check, *UNDECIDED[name])
    assert verdict.ok is None and verdict.rule in ("unsure", "missing_package", "unreadable_tests"), verdict
