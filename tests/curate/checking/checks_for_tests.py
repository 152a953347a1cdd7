"""Checks that misbehave on demand, as texts can make real ones do."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from filters.check import PromptCheck, SampleCheck
from filters.types import Sample, Verdict


class Moody(SampleCheck):
    """Passes, unless the response tells it to hang, die, raise, fail or stay undecided."""

    name = "moody"

    def judge(self, sample: Sample) -> Verdict:
        match sample.response:
            case "hang":
                time.sleep(3600)
            case "die":
                os._exit(7)
            case "raise":
                raise ValueError("told to")
            case "unsure":
                return Verdict(None, "unsure")
            case "bad":
                return Verdict(False, "bad: as told")
        return Verdict(True, "fine")


class Unsure(SampleCheck):
    """Never decides."""

    def judge(self, sample: Sample) -> Verdict:
        return Verdict(None, "unsure")


class Short(SampleCheck):
    """Passes responses of at most `longest` characters."""

    name = "short"
    longest: int = 10
    """Most characters."""

    def judge(self, sample: Sample) -> Verdict:
        ok = len(sample.response) <= self.longest
        return Verdict(ok, "short" if ok else f"long: {len(sample.response)}", float(len(sample.response)))


class Slow(SampleCheck):
    """Takes its time with every sample."""

    def judge(self, sample: Sample) -> Verdict:
        time.sleep(0.02)
        return Verdict(True, "fine: slowly")


class Gate(SampleCheck):
    """Says that it waits, and for whom, and does until the file `open` is in its folder; only with a chain, not with a bare reference."""

    name = "gate"
    folder: str
    """Where to say it and to look."""

    def judge(self, sample: Sample) -> Verdict:
        if "<think>" not in sample.response:
            return Verdict(True, "fine")
        place = Path(self.folder)
        (place / f"waits-{os.getppid()}").touch()
        while not (place / "open").exists():
            time.sleep(0.05)
        return Verdict(True, "fine")


class Resident(SampleCheck):
    """Says which process it runs in."""

    resident = True

    def judge(self, sample: Sample) -> Verdict:
        return Verdict(True, f"process: {os.getpid()}")


class Together(PromptCheck):
    """Counts a prompt's samples, unless one of them tells it to hang."""

    name = "together"

    def judge_prompt(self, samples: Sequence[Sample]) -> list[Verdict]:
        if any(sample.response == "hang" for sample in samples):
            time.sleep(3600)
        return [Verdict(True, f"of {len(samples)}")] * len(samples)


class Gullible(SampleCheck):
    """Accepts whatever is said, where there is a reference."""

    name = "gullible"

    def judge(self, sample: Sample) -> Verdict:
        return Verdict(True, "fine") if sample.prompt.answer else Verdict(None, "no_reference")


class Stubborn(SampleCheck):
    """Rejects whatever is said, where there is a reference."""

    name = "stubborn"

    def judge(self, sample: Sample) -> Verdict:
        return Verdict(False, "bad") if sample.prompt.answer else Verdict(None, "no_reference")


class Trusting(SampleCheck):
    """Accepts whatever program is given, where there are tests."""

    name = "trusting"
    rules: ClassVar[Mapping[str, str]] = {"no_tests": "undecided: the row has no tests"}

    def judge(self, sample: Sample) -> Verdict:
        return Verdict(True, "passed") if sample.prompt.extra.get("tests") else Verdict(None, "no_tests")


class Distrusting(SampleCheck):
    """Rejects whatever program is given, where there are tests."""

    name = "distrusting"

    def judge(self, sample: Sample) -> Verdict:
        found = sample.prompt.extra.get("tests")
        return Verdict(False, "crash: as told") if found else Verdict(None, "no_tests")


class Literal(SampleCheck):
    """Accepts the word `right` in a program; cannot decide on the number 2."""

    name = "literal"

    def judge(self, sample: Sample) -> Verdict:
        if not sample.prompt.extra.get("tests"):
            return Verdict(None, "no_tests")
        return Verdict(None, "unsure") if "2" in sample.response else Verdict("right" in sample.response)
