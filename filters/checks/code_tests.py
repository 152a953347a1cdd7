"""Programs verified by running them on their row's tests, behind walls that the kernel keeps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar, Final

from pydantic import BeforeValidator, Field

from filters.check import Role, SampleCheck
from filters.chosen_names import suggest_name
from filters.errors import UserError
from filters.programs.assemble import assemble_program, find_preamble
from filters.programs.errors import UnreadableTestsError
from filters.programs.extract_code import LABELS, find_code, is_whole
from filters.programs.judge_program import JudgeOptions, judge_program
from filters.programs.languages_said import name_language
from filters.programs.program_tests import ProgramTests
from filters.programs.read_limits import LONGEST_S
from filters.programs.read_tests import read_tests
from filters.sandbox.packages import find_packages
from filters.sandbox.places import (  # fmt: skip
    IMAGE,
    KINDS,
    WHERE,
    Place,
    PlaceName,
    open_elsewhere,
    open_local,
    require_elsewhere,
    require_options,
)
from filters.sandbox.pythons import OLDEST, Interpreter, find_python
from filters.sandbox.sandbox import SandboxLostError, UnsupportedError
from filters.sandbox.self_test import find_tier
from filters.think import CUT_OFF
from filters.types import Sample, Verdict

LANGUAGES: Final = {label: language for language, labels in LABELS.items() for label in labels}
"""The languages that programs can be in, by the words that rows have for them."""
SPARE_S: Final = 60.0
"""What the last test of a sample may take beyond its time for all."""
ELSEWHERE_S: Final = 150.0
"""What it may take beyond that where a container is started for it, or a service has a line of others."""


def _read_version(value: Any) -> Any:
    """A version as people write it: YAML takes 3.11 for a number, and 3.10 for 3.1."""
    if isinstance(value, float):
        value = "3.10" if value == 3.1 else str(value)
    return value.removeprefix("python") if isinstance(value, str) else value


def _read_names(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class CodeTests(SampleCheck):
    """The response's program passes all tests of the prompt's row, run in a sandbox.

    The tests stand in the row's columns: `tests` or another of the names in use, `test_list`, or `test` with
    `entry_point`; no reference answer is needed. The score is the share of the tests that passed.
    """

    name: ClassVar[str] = "code_tests"
    role: ClassVar[Role] = "verifier"
    needs_reference: ClassVar[bool] = False
    rules: ClassVar[Mapping[str, str]] = {
        "passed": "all tests passed",
        "wrong_answer": "what a test printed or gave back is not what is expected",
        "crash": "the program ended with an error, or ended itself",
        "timeout": "a test took longer than its limit, and did so again when it was run once more",
        "memory": "a test needed more memory than its limit",
        "output_limit": "a test printed more than any right output could have",
        "compile_error": "the program is not one of its language",
        "no_function": "the program does not define the function that the tests call",
        "no_code": "the response has no program in the row's language, or was cut off before it",
        "unclosed_think": "the think block is never closed, so there is no response",
        "no_tests": "undecided: the row has no tests, or they assert nothing",
        "unreadable_tests": "undecided: the row's tests cannot be read, or are of a kind that is not run",
        "incomplete_tests": "undecided: all tests passed, and the row says that there are others elsewhere",
        "many_answers": "undecided: the row says that there are other right outputs, and has no checker for them",
        "checker_failed": "undecided: the row's checker did not say whether an output is right",
        "missing_package": "undecided: the program or its tests need a package that programs do not have here",
        "unsure": "undecided: the tests go by what the program's own objects say of themselves, or failed themselves",
        "unsupported": "undecided: programs in the row's language, or tests of its kind, are not run here",
        "too_long": "undecided: the tests together took longer than `total_seconds`",
        "sandbox": "undecided: the sandbox failed, not the program",
    }

    seconds: float = Field(default=10.0, gt=0, le=600)
    """Processor time of a test, in seconds, where the row does not say; tests that are lines of `assert` have it together."""
    memory_mib: int = Field(default=1024, ge=16, le=1 << 20)
    """Memory of a test, in MiB, where the row does not say."""
    total_seconds: float = Field(default=300.0, gt=0)
    """Time for all tests of a sample, by the clock."""
    stop_at_first: bool = True
    """End at the first test that fails. Otherwise all are run, and the score is the share that passed."""
    most_tests: int | None = Field(default=None, gt=0)
    """Run the row's first tests alone, at most so many. Default: all."""
    incomplete: bool = False
    """Take rows whose tests are incomplete, by their own word, as if they were all."""
    language: str = "python"
    """The programs' language, where the row does not say."""
    python: Annotated[str, BeforeValidator(_read_version)] = ""
    """The Python that runs programs, as a version or a path. Default: the one that runs this."""
    packages: Annotated[tuple[str, ...], BeforeValidator(_read_names)] = ()
    """Installed packages that programs and their tests may import beside the standard library, as [numpy]."""
    unsafe_no_sandbox: bool = False
    """Run programs without any walls: they can do all that you can. The verdicts say so."""
    sandbox: PlaceName = "local"
    """Where programs run: this machine's own sandbox, a container a program, or a service elsewhere, which gets programs and inputs."""
    image: str = IMAGE
    """The image of containers, with Python 3.11 or later as `python3`; its packages are those that programs have."""
    endpoint: str = ""
    """The service's address, as http://localhost:8080; its key, if it wants one, in R1CURATE_SANDBOX_API_KEY."""

    @property
    def longest_s(self) -> float:
        """What one sample may take: more than its tests do."""
        waiting = 0.0 if self.sandbox == "local" else ELSEWHERE_S
        one = 4 * max(self.seconds, LONGEST_S) + 10 + waiting
        return self.total_seconds + SPARE_S + 2 * one

    def prepare(self) -> None:
        """Refuse, before any work, where programs cannot be run as asked for. Raises UserError, of which SandboxError is one."""
        local = {"python": self.python, "packages": self.packages, "unsafe_no_sandbox": self.unsafe_no_sandbox}  # fmt: skip
        require_options(self.sandbox, self.image, self.endpoint, local)
        if self.sandbox == "local" and not self.unsafe_no_sandbox:
            find_tier()
        find_packages(self.packages)
        if name_language(self.language) not in LABELS:
            raise UserError(
                f"code_tests runs no programs in '{self.language}'; {suggest_name(self.language, LABELS)}"
            )
        self._find_python()
        if self.sandbox != "local":
            require_elsewhere(self.sandbox, self.image, self.endpoint, name_language(self.language))

    def judge(self, sample: Sample) -> Verdict:
        """Read the row's tests, find the program, run it on them."""
        try:
            tests = read_tests(sample.prompt.extra)
        except UnreadableTestsError as error:
            return Verdict(None, f"unreadable_tests: {error}"[:300])
        if tests is None:
            return Verdict(None, "no_tests")
        word = tests.language or name_language(self.language)
        language = LANGUAGES.get(word)
        kinds = KINDS[self.sandbox].get(language or "", ())
        if language is None or not kinds:
            return Verdict(None, f"unsupported: {word}{WHERE[self.sandbox]}"[:300])
        if tests.kind not in kinds:
            where = WHERE[self.sandbox] if tests.kind in KINDS["local"][language] else ""
            return Verdict(None, f"unsupported: {tests.kind}{where or f' in {word}'}"[:300])
        if self.sandbox == "local" and self._place.find_runner(language) is None:
            return Verdict(None, f"unsupported: {word}, which this machine has nothing to run with"[:300])
        answer = sample.parts.answer
        if sample.parts.cut or (sample.finish == "length" and not is_whole(answer or "")):
            return Verdict(False, f"no_code: {CUT_OFF}", 0.0)
        if answer is None:
            return Verdict(False, "unclosed_think", 0.0)
        code = find_code(answer, language, tests.names, tests.kind == "stdin")
        if code is None:
            return Verdict(False, "no_code", 0.0)
        try:
            return self._judge_code(code, sample.prompt.text, tests, language)
        except UnsupportedError as error:
            return Verdict(None, f"unsupported: {error}"[:300])
        except SandboxLostError as error:
            return Verdict(None, f"sandbox: {error}"[:300])

    def _judge_code(self, code: str, prompt: str, tests: ProgramTests, language: str) -> Verdict:
        source, before = assemble_program(code, prompt, tests, language), find_preamble(prompt, tests)
        options = JudgeOptions(self.seconds, self.memory_mib << 20, self.total_seconds, self.stop_at_first, self.most_tests, self.incomplete)  # fmt: skip
        runner, python = self._place.find_runner(language), self._place.find_runner("python")
        assert runner is not None and python is not None, "KINDS has no language that a place does not run"
        found = judge_program(runner, python, source, before, tests, options)
        said = f"{found.rule}: {found.detail}"[:270]
        share = None if found.ok is None else found.passed / max(found.total, 1)
        return Verdict(found.ok, f"{said} [{self._place.tag}]", share)

    @cached_property
    def _place(self) -> Place:
        if self.sandbox != "local":
            return open_elsewhere(self.sandbox, self.image, self.endpoint)
        tier = "none" if self.unsafe_no_sandbox else find_tier().tier
        return open_local(tier, self._find_python(), find_packages(self.packages))

    def _find_python(self) -> Interpreter | None:
        """The Python that is asked for; None for this one. Raises UserError."""
        if not self.python:
            return None
        found = find_python(self.python)
        if found is None:
            raise UserError(
                f"There is no Python '{self.python}' here that is {OLDEST[0]}.{OLDEST[1]} or later."
            )
        if self.packages:
            raise UserError(
                "Programs can have packages only of the Python that runs this: leave out python= or packages=."
            )
        return found
