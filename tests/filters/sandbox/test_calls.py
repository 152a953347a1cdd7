"""A function's value comes out as the plain value it is, and no program can make it pass for more."""

import json
from typing import Any

import pytest

from filters.programs.compare_values import equals_value, read_value
from filters.sandbox.sandbox import Call, Sandbox
from filters.sandbox.walls import Limits
from tests.walls import require_walls

LIMITS = Limits(cpu_s=2, wall_s=10)
SECRET = 770_077
"""What the function should give back: no program here knows it."""
FORGERIES = {
    "an object that equals anything": "class E:\n    def __eq__(self, other):\n        return True\ndef f(x):\n    return E()",
    "an int that equals anything": "class I(int):\n    def __eq__(self, other):\n        return True\n    __hash__ = int.__hash__\ndef f(x):\n    return I(1)",
    "a dict that equals anything": "class D(dict):\n    def __eq__(self, other):\n        return True\ndef f(x):\n    return D()",
    "an exit": "import sys\ndef f(x):\n    sys.exit(0)",
    "an exit before": "import sys\nsys.exit(0)",
    "an exit at once": "import os\ndef f(x):\n    os._exit(0)",
    "json patched": "import json\njson.dumps = lambda *a, **k: 'true'\ndef f(x):\n    return 1",
    "the result written by itself": "import os\nos.write(4, b'true')\nos.write(4, b'null')\ndef f(x):\n    os._exit(0)",
    "the result written before": "import os\ndef f(x):\n    os.write(4, b'[1]')\n    return 1",
    "a walk through frames": "import sys\ndef f(x):\n    frame, seen = sys._getframe(), []\n    while frame:\n        seen += [v for v in [*frame.f_locals.values(), *frame.f_globals.values()] if type(v) is int and v > 700000]\n        frame = frame.f_back\n    return seen[0] if seen else 0",
    "a walk through objects": "import gc\ndef f(x):\n    for one in gc.get_objects():\n        if type(one) in (list, tuple, dict):\n            for v in list(one.values() if type(one) is dict else one):\n                if type(v) is int and 770000 < v < 771000:\n                    return v\n    return 0",
    "a mark that says it passed": "print('PASS')\nprint('True')\ndef f(x):\n    print('all tests passed')",
    "not a number": "def f(x):\n    return float('nan')",
    "true for one": "def f(x):\n    return True",
    "no function": "def g(x):\n    return 1",
    "a function that is none": "f = 5",
    "an error": "def f(x):\n    raise ValueError('no')",
    "endless nesting": "def f(x):\n    x = []\n    x.append(x)\n    return x",
    "a value that is too large": "def f(x):\n    return 'x' * (64 << 20)",
}  # fmt: skip


@pytest.fixture(scope="module")
def sandbox() -> Any:
    tier = require_walls()
    with Sandbox(tier) as made:
        yield made


@pytest.mark.parametrize(("source", "arguments", "value"), [
    ("def f(a, b):\n    return a + b", [1, 2], 3),
    ("class Solution:\n    def f(self, a):\n        return sorted(a)", [[3, 1, 2]], [1, 2, 3]),
    ("def f():\n    return (1, 'é', None, [2.5, {'a': True}])", [], [1, "é", None, [2.5, {"a": True}]]),
    ("import sys\nprint('noise')\ndef f(s):\n    sys.stdout.write('more')\n    return s * 2", ["ab"], "abab"),
    ("def f(n):\n    return n * 10 ** 30", [7], 7 * 10**30),
    ("f = lambda *a: list(a)", [1, "x", [None]], [1, "x", [None]]),
    ("def f(a):\n    return None", [0], None),
])  # fmt: skip
def test_what_a_function_gives_back_comes_out(
    sandbox: Sandbox, source: str, arguments: list[Any], value: Any
):
    outcome = sandbox.run(source, limits=LIMITS, call=Call("f", arguments))
    assert outcome.end == "ended", outcome
    assert read_value(outcome.value) == (value,)


@pytest.mark.parametrize("name", FORGERIES)
@pytest.mark.parametrize("expected", [SECRET, 1.0, "text"])
def test_no_forgery_is_right(sandbox: Sandbox, name: str, expected: Any):
    outcome = sandbox.run(FORGERIES[name], limits=LIMITS, call=Call("f", [1]))
    found = read_value(outcome.value)
    right = outcome.end == "ended" and found is not None and equals_value(expected, found[0])
    honest = name in ("json patched", "the result written before") and expected == 1.0
    assert not right or honest, outcome


def test_a_call_without_an_end_has_no_value(sandbox: Sandbox):
    assert sandbox.run("import os\nos._exit(0)", call=Call("f", [])).value == b""
    missing = sandbox.run("def g():\n    pass", call=Call("f", []))
    assert (missing.end, missing.error) == ("crash", "NameError: name 'f' is not defined")
    assert json.loads(sandbox.run("def f():\n    return 1", call=Call("f", [])).value) == 1


def test_no_program_can_say_that_the_sandbox_failed(sandbox: Sandbox):
    said = "import os, sys\nsys.stderr.write('OSError: sandbox')\nsys.stderr.flush()\nfor n in range(3, 64):\n    try:\n        os.write(n, b'failed')\n    except OSError:\n        pass\nos._exit(125)"
    outcome = sandbox.run(said, limits=LIMITS)
    assert (outcome.end, outcome.code) == ("crash", 125)


def test_an_end_is_told_by_what_was_used_and_written_not_by_what_a_program_does_to_itself(sandbox: Sandbox):
    large = sandbox.run(
        "def f():\n    return 'x' * (8 << 20)", limits=LIMITS._replace(output=4 << 20), call=Call("f", [])
    )
    assert large.end == "output_limit"
    for signal in ("SIGXCPU", "SIGXFSZ"):
        ended = sandbox.run(f"import os, signal\nos.kill(os.getpid(), signal.{signal})", limits=LIMITS)
        assert ended.end == "crash", signal
    late = "import time\nwhile time.process_time() < 0.2:\n    pass"
    assert sandbox.run(late, limits=LIMITS._replace(cpu_s=0.1)).end == "timeout"


def test_other_tests_of_a_program_compile_nothing_and_are_not_told_apart(sandbox: Sandbox):
    program = "print('from ' + __name__, __file__, input())\n"
    outputs = [sandbox.run(program, given, LIMITS).stdout for given in (b"1", b"2", b"3")]
    assert outputs == [f"from __main__ program.py {n}\n".encode() for n in (1, 2, 3)]
    assert sandbox._compiled[0] == program and sandbox._compiled[1]
    assert sandbox.run("def f():\n    return __name__", call=Call("f", [])).value == b'"program"'
    broken = [sandbox.run("x = (", limits=LIMITS).error for _ in range(2)]
    assert broken == ["SyntaxError: '(' was never closed"] * 2
    # What a program writes into its own files is no code for the next.
    greedy = "import os\nfor n in range(3, 64):\n    try:\n        os.write(n, b'x' * 100)\n    except OSError:\n        pass\nprint('same')"
    assert [sandbox.run(greedy, limits=LIMITS).stdout for _ in range(3)] == [b"same\n"] * 3
