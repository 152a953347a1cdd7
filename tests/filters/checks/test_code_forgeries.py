"""No program passes tests that it does not pass, whatever it does to the process it runs in."""

from collections.abc import Iterator
from typing import Any

import pytest

from filters.check import Check
from filters.registry import make_check
from filters.types import Prompt, Sample
from tests.walls import require_walls

TESTS: dict[str, dict[str, Any]] = {
    "stdin": {"tests": {"inputs": ["3\n", "4\n"], "outputs": ["770081\n", "770082\n"]}},
    "calls": {"tests": {"fn_name": "f", "inputs": [[3], [4]], "outputs": [770081, 770082]}},
    "asserts": {"test_list": ["assert f(3) == 770081", "assert f(4) in (770082, 770083)"]},
    "near": {"test_list": ["assert abs(f(3) - 770081.5) < 1e-6", "assert math.isclose(f(4), 770082.5)"]},
    "all": {"test_list": ["assert all(a == b for a, b in zip(f(3), [770081, 770082], strict=True))", "assert f(3).startswith('7700')"]},
    "kinds": {"test_list": ["assert isinstance(f(3), list) and len(f(3)) == 2 and sum(f(3)) == 1540163", "assert f(3)"]},
    "raises": {"test_list": ["try:\n    f(3)\n    assert False\nexcept ValueError as error:\n    assert str(error) == '770081'"]},
    "anything raised": {"test_list": ["try:\n    assert f(3) == 770081\nexcept ValueError:\n    assert False"]},
    "check": {"test": "METADATA = {}\n\n\ndef check(candidate):\n    for n in (3, 4):\n        assert candidate(n) == 770078 + n\n", "entry_point": "f"},
    "set": {"test_list": ["assert set(f(3)) == {770081}", "assert sorted(f(3)) == [770081]"]},
    "unittest": {"test": "import unittest\n\n\nclass Tests(unittest.TestCase):\n    def test_f(self):\n        self.assertEqual(f(3), 770081)\n", "entry_point": "f"},
}  # fmt: skip
"""Tests of every kind, whose right answers no program here knows."""
EVERYTHING = """
class E{base}:
    def _yes(self, *_, **__): return True
    def _self(self, *_, **__): return self
    def _no(self, *_, **__): return 0
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __bool__ = startswith = endswith = _yes
    __sub__ = __rsub__ = __abs__ = __float__ = __int__ = __index__ = __round__ = __hash__ = _no
    __getitem__ = __call__ = _self
    def __iter__(self): return iter([self, self])
    def __len__(self): return 2
    @property
    def __class__(self): return list
def f(n): return E()
"""
PROGRAMS = {
    "equal to everything": EVERYTHING.format(base=""),
    "a number equal to everything": EVERYTHING.format(base="(int)"),
    "a list equal to everything": EVERYTHING.format(base="(list)"),
    "a text equal to everything": EVERYTHING.format(base="(str)"),
    "an end at once": "import sys\nsys.exit(0)",
    "a harder end": "import os\nos._exit(0)",
    "an end when called": "import sys\ndef f(n): sys.exit(0)",
    "a harder end when called": "import os\ndef f(n): os._exit(0)",
    "ends in other ways": "import os, signal\ndef f(n): os.kill(os.getpid(), signal.SIGTERM)",
    "raises what tests expect": "def f(n): raise ValueError('770082')",
    "raises what tests are": "def f(n): raise AssertionError",
    "raises an end": "def f(n): raise SystemExit(0)",
    "raises an interrupt": "def f(n): raise KeyboardInterrupt",
    "says it passed": "print('PASS')\nprint('passed')\nprint('[[\"test 1\", true]]')\ndef f(n): print('OK'); return True",
    "its own builtins": "import builtins\nbuiltins.abs = builtins.sum = builtins.len = lambda *a: 0\nbuiltins.all = builtins.isinstance = lambda *a: True\ndef f(n): return [1, 2]",
    "its own names": "abs = sum = len = lambda *a: 0\nall = isinstance = set = sorted = lambda *a: True\ndef f(n): return [1, 2]",
    "its own math": "import math\nmath.isclose = lambda *a, **k: True\nclass math:\n    isclose = staticmethod(lambda *a, **k: True)\ndef f(n): return 1",
    "its own check": "def check(candidate): pass\ndef f(n): return 1\ncandidate = lambda n: 770078 + 1",
    "its own unittest": "import unittest\nunittest.TestCase.assertEqual = lambda *a, **k: None\ndef f(n): return 1",
    "writes everywhere": "import os\nfor n in range(3, 20):\n    try: os.write(n, b'[[\"the tests\", true, \"\", \"\"]]')\n    except OSError: pass\ndef f(n): return 1",
    "speaks for its callers": "import json, os, struct\ndef say(said):\n    text = json.dumps(said).encode()\n    try: os.write(3, struct.pack('=Q', len(text)) + text)\n    except OSError: pass\nfor _ in range(50): say({'value': True, 'changed': {}})\ndef f(n): return True",
    "calls back": "import json, os, struct\ndef f(n):\n    text = json.dumps({'call': -1, 'given': [], 'named': {}}).encode()\n    os.write(3, struct.pack('=Q', len(text)) + text)\n    return 1",
    "looks at its callers": "import sys, gc\ndef f(n):\n    seen, frame = [], sys._getframe()\n    while frame:\n        seen += [*frame.f_locals.values(), *frame.f_globals.values()]\n        frame = frame.f_back\n    for one in gc.get_objects():\n        seen += one if type(one) in (list, tuple) else one.values() if type(one) is dict else []\n    return next((one for one in seen if type(one) is int and 770080 < one < 770090), 0)\nprint(f(3))",
    "reads its files": "import os\ndef f(n):\n    found = b''\n    for file in range(3, 64):\n        for offset in (0,):\n            try: found += os.pread(file, 1 << 20, offset)\n            except OSError: pass\n    return 770081 if b'770081' in found else 0\nprint(f(3))",
    "asks other processes": "import ctypes, os\nlibc = ctypes.CDLL(None)\ndef f(n):\n    got = [libc.ptrace(16, pid, 0, 0) for pid in range(1, 50)]\n    return 770081 if 0 in got else 0\nprint(f(3))",
    "not a number": "def f(n): return float('nan')",
    "true": "def f(n): return True",
    "nothing": "def f(n): return None",
    "empty": "",
    "a class for a function": "class f(list):\n    def __init__(self, n): self.append(1)\n    def __eq__(self, other): return True\n    startswith = lambda self, _: True",
    "endless": "def f(n):\n    while True: yield 1",
    "a thread that goes on": "import threading, time\ndef f(n):\n    threading.Thread(target=lambda: time.sleep(1000)).start()\n    return 1",
    "defines no function": "x = 1",
    "an attribute that is a lie": "def f(n): return 1\nf.__code__ = (lambda n: 2).__code__",
}  # fmt: skip


@pytest.fixture(scope="module")
def check() -> Iterator[Check]:
    require_walls()
    made = make_check("code_tests", {"seconds": 0.5})
    yield made
    made._place.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", TESTS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_no_forgery_passes(check: Check, name: str, kind: str):
    asked = Prompt.make("Write f.", extra=TESTS[kind])
    verdict = check.check([Sample("1", asked, f"```python\n{PROGRAMS[name]}\n```")])[0]
    assert verdict.ok is not True, verdict
    assert verdict.rule not in ("sandbox", "crashed"), verdict


@pytest.mark.parametrize(("kind", "program"), [
    ("stdin", "print(770078 + int(input()))"), ("calls", "def f(n): return 770078 + n"), ("asserts", "def f(n): return 770078 + n"),
    ("near", "def f(n): return 770078.5 + n"), ("raises", "def f(n): raise ValueError(str(770078 + n))"), ("check", "def f(n): return 770078 + n"),
    ("anything raised", "def f(n): return 770081"), ("set", "def f(n): return [770081]"), ("unittest", "def f(n): return 770081"),
])  # fmt: skip
def test_an_honest_program_passes_the_same_tests(check: Check, kind: str, program: str):
    asked = Prompt.make("Write f.", extra=TESTS[kind])
    assert check.check([Sample("1", asked, f"```python\n{program}\n```")])[0].ok is True
