"""A program judged by its row's tests: run on each in a sandbox, and compared here, where it has no hand in it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from filters.programs.compare_outputs import equals_any, find_difference
from filters.programs.compare_values import equals_value, read_value
from filters.programs.program_tests import ProgramCase, ProgramTests
from filters.sandbox.outcome import Outcome, Trial
from filters.sandbox.runner import PythonRunner, Runner
from filters.sandbox.sandbox import Call, UnsupportedError
from filters.sandbox.walls import Limits

BASE_MEMORY: Final = 128 << 20
"""What Python itself takes of a program's memory."""
LEAST_OUTPUT: Final = 4 << 20
"""Bytes that any program may print; more where more is expected."""
_SHOWN: Final = 80
_RIGHT: Final = frozenset({"1", "1.0", "100", "100.0", "true", "yes", "ok", "ac", "accepted", "correct"})
_WRONG: Final = frozenset({"0", "0.0", "false", "no", "wa", "wrong", "wrong answer", "incorrect"})
_UNCOMPILED: Final = ("SyntaxError", "IndentationError", "TabError")
_EVALUATES: Final = re.compile(r"(?<![\w.])(?:eval|exec|compile|__import__)\s*\(")
_MISSING: Final = re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'")


class ProgramVerdict(NamedTuple):
    """What tests said of a program. ok: None where they cannot say. rule, detail: of the first that failed; total: tests that were to be run."""

    ok: bool | None
    rule: str
    detail: str = ""
    passed: int = 0
    total: int = 0


class JudgeOptions(NamedTuple):
    """How programs are judged; what a row says of its limits goes before."""

    seconds: float
    memory: int
    total_s: float
    stop: bool
    most: int | None
    partial: bool


class _Fault(NamedTuple):
    """What went wrong in one test; ok is None where that says nothing of the program. ends: whether others would fail so, too."""

    ok: bool | None
    rule: str
    detail: str
    ends: bool = False


def judge_program(
    runner: Runner, python: Runner, source: str, before: str, tests: ProgramTests, options: JudgeOptions
) -> ProgramVerdict:
    """Run a program on its tests. source: the whole program; before: the code that the prompt gave.

    runner: of the program's language; python: of Python, in which checkers and code that tests are written. Raises
    SandboxLostError where what runs it failed, and UnsupportedError where that does not do what the tests need.
    """
    if tests.kind == "asserts":
        if not isinstance(python, PythonRunner):
            raise UnsupportedError("asserts")
        return _judge_asserts(python, source, before, tests, options)
    cases = tests.cases[: options.most] if options.most else tests.cases
    began, passed, first = time.monotonic(), 0, None
    for number, case in enumerate(cases, 1):
        if time.monotonic() - began > options.total_s:
            first = first or _Fault(None, "too_long", f"{number - 1} of {len(cases)} tests in {options.total_s:g} s")  # fmt: skip
            break
        fault = _try_case(runner, python, source, tests, case, make_limits(tests, options, case))
        passed += fault is None
        if fault is not None and (first is None or (first.ok is None and fault.ok is False)):
            said = "" if fault.ends else f"test {number} of {len(cases)}: "
            first = fault._replace(detail=f"{said}{fault.detail}".rstrip(": "))
        if fault is not None and (fault.ends or options.stop):
            break
    if first is None:
        return _pass(tests, options, passed, len(cases), len(tests.cases))
    return ProgramVerdict(first.ok, first.rule, first.detail, passed, len(cases))


def _pass(tests: ProgramTests, options: JudgeOptions, passed: int, tried: int, there: int) -> ProgramVerdict:
    """What is said where nothing failed."""
    if tests.is_partial and not options.partial:
        return ProgramVerdict(None, "incomplete_tests", f"{passed} tests passed", passed, tried)
    said = f"{passed} of {there} tests" if tried < there else f"{passed} {'test' if passed == 1 else 'tests'}"
    return ProgramVerdict(True, "passed", said, passed, tried)


def make_limits(tests: ProgramTests, options: JudgeOptions, case: ProgramCase | None = None) -> Limits:
    """A test's limits: the row's own, else the options'. By the clock a program has four times as long, and ten seconds."""
    seconds = tests.time_limit_s or options.seconds
    expected = max((len(str(one)) for one in case.accepted), default=0) if case else 0
    return Limits(
        cpu_s=seconds,
        wall_s=4 * seconds + 10,
        memory=(tests.memory_limit or options.memory) + BASE_MEMORY,
        output=max(LEAST_OUTPUT, 4 * expected),
    )


def _try_case(
    runner: Runner, python: Runner, source: str, tests: ProgramTests, case: ProgramCase, limits: Limits
) -> _Fault | None:
    if tests.kind == "calls":
        call = Call(tests.function, case.given)
        outcome = _run_again_if_late(lambda: runner.run(source, limits=limits, call=call))
        return _find_ill_end(outcome, limits, tests.function) or _compare_value(outcome, case, tests)
    outcome = _run_again_if_late(lambda: runner.run(source, case.given.encode("utf-8", "replace"), limits))
    fault = _find_ill_end(outcome, limits)
    if fault is not None:
        return fault
    printed = outcome.stdout.decode("utf-8", "replace")
    if equals_any(case.accepted, printed, tests.is_exact):
        return None
    if tests.checker:
        return _ask_checker(python, tests.checker, case, outcome.stdout)
    line, expected, got = find_difference(case.accepted[0], printed, tests.is_exact) or (0, "", "")
    said = f"line {line}: expected {_quote(expected)}, got {_quote(got)}"
    if tests.has_many:
        return _Fault(None, "many_answers", said)
    return _Fault(False, "wrong_answer", said)


def _run_again_if_late(run: Callable[[], Outcome]) -> Outcome:
    """The outcome; a time-out has to be confirmed."""
    outcome = run()
    return run() if outcome.end == "timeout" else outcome


def _find_ill_end(outcome: Outcome, limits: Limits, function: str = "") -> _Fault | None:
    """What is wrong where a program did not come to its end, or gave nothing that could be compared."""
    error = outcome.error
    if outcome.end == "timeout":
        waited = outcome.cpu_s < limits.cpu_s
        said = f"it waited for {limits.wall_s:g} s" if waited else f"{limits.cpu_s:g} s of processor time were not enough"  # fmt: skip
        return _Fault(False, "timeout", said)
    if outcome.end in ("memory", "output_limit"):
        rule = "memory" if outcome.end == "memory" else "output_limit"
        size = limits.memory - BASE_MEMORY if outcome.end == "memory" else limits.output
        return _Fault(False, rule, f"more than {size >> 20} MiB")
    if outcome.end == "compile_error":
        return _Fault(False, "compile_error", _cut(error), ends=True)
    if outcome.end == "crash":
        if error.startswith(_UNCOMPILED):
            return _Fault(False, "compile_error", _cut(error), ends=True)
        if missing := _MISSING.match(error):
            return _Fault(None, "missing_package", f"the program needs '{missing[1]}'", ends=True)
        if function and error.endswith(f"Error: name '{function}' is not defined"):
            return _Fault(False, "no_function", f"it has no '{function}'", ends=True)
        if function and error.startswith("TypeError: returned a"):
            return _Fault(False, "wrong_answer", _cut(error.removeprefix("TypeError: ")))
        return _Fault(False, "crash", _cut(error) or _name_end(outcome))
    if function and not outcome.value:
        return _Fault(False, "crash", "it ended before the function gave anything back")
    return None


def _name_end(outcome: Outcome) -> str:
    return f"signal {outcome.signal}" if outcome.signal else f"exit code {outcome.code}"


def _compare_value(outcome: Outcome, case: ProgramCase, tests: ProgramTests) -> _Fault | None:
    found = read_value(outcome.value)
    if found is None:
        return _Fault(False, "wrong_answer", "what the function gave back is no plain value")
    if any(equals_value(expected, found[0], tests.is_exact) for expected in case.accepted):
        return None
    said = f"expected {_quote(_show(case.accepted[-1]))}, got {_quote(_show(found[0]))}"
    if tests.has_many:
        return _Fault(None, "many_answers", said)
    return _Fault(False, "wrong_answer", said)


def _ask_checker(runner: Runner, checker: str, case: ProgramCase, printed: bytes) -> _Fault | None:
    """Have the row's own checker judge an output: a Python program that gets the names of three files, the input, what is expected, and this."""
    if _EVALUATES.search(checker):
        return _Fault(None, "checker_failed", "it runs text as code, which may be the program's")
    given, expected = (text.encode("utf-8", "replace") for text in (case.given, case.accepted[0]))
    files = {"input.txt": given, "expected.txt": expected, "output.txt": printed}
    outcome = _run_again_if_late(lambda: runner.run(checker, limits=Limits(), named=files))
    words = outcome.stdout.decode("utf-8", "replace").split("\n")
    said = next((line.strip().lower() for line in reversed(words) if line.strip()), "")
    if outcome.end == "ended" and said in _RIGHT:
        return None
    if outcome.end in ("ended", "crash") and said in _WRONG:
        return _Fault(False, "wrong_answer", "the checker refuses the output")
    return _Fault(None, "checker_failed", _cut(outcome.error or said) or outcome.end)


def _judge_asserts(
    runner: PythonRunner, source: str, before: str, tests: ProgramTests, options: JudgeOptions
) -> ProgramVerdict:
    lines = [case.given for case in (tests.cases[: options.most] if options.most else tests.cases)]
    asked = {"before": before, "setup": tests.code, "tests": lines, "function": tests.function,
             "own": sorted(tests.own), "stop": options.stop}  # fmt: skip
    limits = make_limits(tests, options)
    trial = runner.try_program(source, asked, limits)
    if "timeout" in (trial.program.end, trial.tester.end):
        trial = runner.try_program(source, asked, limits)
    total = max(len(lines), len(trial.told or ()), 1)
    passed = sum(one.ok is True for one in trial.told or ())
    fault = _find_fault(trial, tests, limits)
    if fault is None:
        return _pass(tests, options, passed, total, max(total, len(tests.cases)))
    return ProgramVerdict(fault.ok, fault.rule, fault.detail, passed, total)


def _find_fault(trial: Trial, tests: ProgramTests, limits: Limits) -> _Fault | None:
    """What the first failing test says; before all what cannot be told."""
    ill = _find_ill_end(trial.program, limits)
    if trial.told is None:  # it ended before it had defined anything
        return ill or _Fault(False, "crash", "it ended before it could be tried")
    if trial.tester.end != "ended":
        return _Fault(None, "unsure", f"the tests' own code did not come to its end: {trial.tester.end} {_cut(trial.tester.error)}".strip())  # fmt: skip
    failed = [one for one in trial.told if one.ok is False]
    undecided = [one for one in trial.told if one.ok is None]
    if failed:
        first = failed[0]
        if first.rule == "gone":
            return _Fault(False, *(ill[1:3] if ill else ("crash", "it ended itself")))._replace(detail=f"{first.name}: {ill.detail if ill else 'it ended itself'}")  # fmt: skip
        return _Fault(False, first.rule, f"{first.name}: {first.detail}")
    if undecided:
        return _Fault(None, undecided[0].rule, f"{undecided[0].name}: {undecided[0].detail}")
    return None if trial.told else _Fault(None, "no_tests", "nothing is asserted")


def _show(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return f"a {type(value).__name__}"


def _quote(text: str) -> str:
    """A text in marks, with what cannot be seen made visible, cut."""
    shown = repr(text[: _SHOWN + 1])
    return shown if len(text) <= _SHOWN else f"{shown[:_SHOWN]}…'"


def _cut(text: str) -> str:
    line = "".join(one if one.isprintable() else "\ufffd" for one in " ".join(text[: 4 * _SHOWN].split()))
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
