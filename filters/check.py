"""A filter, a verifier and a reward are the same thing: a check. The base classes of all of them.

A check is a frozen pydantic model whose fields are its options (their docstrings are the help), so that
a recipe, a flag and Python build it in the same way, and its digest says when old verdicts are out of date.
One file in `filters.checks` adds one check; `filters.registry` names it.
"""

from __future__ import annotations

import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, ConfigDict

from filters.digest import digest, digest_file
from filters.engine import Engine, EngineOptions
from filters.errors import UserError
from filters.take_verdicts import take_verdicts
from filters.types import Sample, Verdict

Scope = Literal["sample", "prompt", "set"]
"""What a check compares: a sample with nothing, all samples of a prompt, or all samples of a set (`filters.set_check`)."""
Role = Literal["verifier", "readability", "reward", "data"]
"""What a check is for: whether an answer is correct; whether a chain can be read and learnt from; how good a response
is, as a reward for training; whether the data itself can be trusted."""

COMMON_RULES: Final[Mapping[str, str]] = {
    "crashed": "undecided: the check raised an error, or its process died, on this sample",
    "timeout": "undecided: the check took too long on this sample",
    "engine_failed": "undecided: the language model could not be reached or gave an error",
    "not_asked": "undecided: the check before this one has decided, so no model was asked",
    "judge_unreliable": "undecided: the model errs more often than its bounds allow, so that it decides nothing",
}
"""The rules that any check's verdicts can have: whatever runs the check adds them."""

WITHOUT_SUBJECT: Final = ("no_reference", "no_tests", "no_instructions")
"""The rules that say that a prompt has nothing that the check could verify an answer by."""
LONGEST_S: Final = 5.0
"""What one check may take on one sample. Rules take milliseconds; the worst honest text stays under 1 s."""
Result = TypeVar("Result")
OWN_PACKAGES: Final = ("filters", "curate", "distill", "recipes")
"""The packages whose checks are told apart by their version."""


class Code(NamedTuple):
    """A module's file and its content key."""

    file: str
    digest: str


@lru_cache
def find_code(module: str) -> Code | None:
    """The file of a module that is not one of this project's own; None for those, and where there is no file."""
    file = getattr(sys.modules.get(module), "__file__", None)
    if module.partition(".")[0] in OWN_PACKAGES or file is None or not Path(file).is_file():
        return None
    return Code(str(file), digest_file(Path(file)))


class Check(BaseModel, ABC):
    """`check(batch of samples) -> verdicts`, in the batch's order, one per sample.

    role: what the check is for.
    rules: the words that its reasons begin with, each with one line that says what it means; verdicts are counted
    by them. Those of `COMMON_RULES` need not be declared.
    default_filter: whether `filter` runs it where no check is named.
    scope: what must be looked at together for the verdicts to mean anything.
    version: raised when the same options give other verdicts; old sidecars are then computed again.
    graded: whether the score, and not ok as 0 or 1, is what a reward reads.
    resident: holds a neural model: it is built once, in the calling process, and not in every check worker.
    hides_text: whether what it rejects must not be repeated: no page, table or message shows a text of a sample unless
    this check accepts it, and the reasons of its verdicts quote nothing.
    calibrated: what a check that asks a model is tried with before it decides: labelled answers, or responses of which one is
    preferred; empty for rules, which are right by what they say. Such a check has the options of `filters.judges.bounds`.
    needs_reference: whether a file without a column for reference answers is refused where this check verifies.
    State that is costly to build belongs in a cached property: it is built once per worker.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: ClassVar[str]
    version: ClassVar[int] = 1
    role: ClassVar[Role] = "readability"
    rules: ClassVar[Mapping[str, str]] = {}
    default_filter: ClassVar[bool] = False
    scope: ClassVar[Scope] = "sample"
    graded: ClassVar[bool] = False
    resident: ClassVar[bool] = False
    hides_text: ClassVar[bool] = False
    calibrated: ClassVar[Literal["", "answers", "preferences"]] = ""
    needs_reference: ClassVar[bool] = True

    def __init_subclass__(cls, **options: Any) -> None:
        """Name a check after its class, MyCheck as my_check, where it does not name itself."""
        super().__init_subclass__(**options)
        if "name" not in cls.__dict__:
            cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    @abstractmethod
    def check(self, batch: Sequence[Sample]) -> list[Verdict]:
        """Judge a batch; as many verdicts as samples, in their order."""

    @property
    def compares_answers(self) -> bool:
        """Whether it goes by the final answer, so that equal answers are equally right and the samples of a prompt can vote."""
        return self.role == "verifier" and self.needs_reference

    @property
    def reads_response(self) -> bool:
        """Whether it looks at responses; one that does not judges prompts, and a file of prompts alone will do."""
        return True

    @property
    def compared_files(self) -> Sequence[Path]:
        """The files that texts are compared with, which cannot be what is judged: all of it would be found."""
        return ()

    @property
    def longest_s(self) -> float:
        """Seconds that an honest sample may take; one that takes longer is undecided."""
        return LONGEST_S

    def prepare(self) -> None:
        """Refuse, before any work, what cannot be done on this machine. Raises UserError."""

    @property
    def own_code(self) -> Code | None:
        """The file that holds a check of one's own; None for ours, whose `version` says when they judge otherwise."""
        return find_code(type(self).__module__)

    @property
    def digest(self) -> str:
        """The content key of name, version, options and, for a check of one's own, code: other verdicts are stale."""
        return self.digest_of(self.model_dump(mode="json"))

    def digest_of(self, *options: object) -> str:
        """The content key of a check with these options."""
        own = () if self.own_code is None else (self.own_code.digest,)
        return digest(self.name, self.version, *options, *own)


class SampleCheck(Check):
    """The adapter for checks that look at one sample at a time: a crash costs that one sample.

    A hang is ended by the executor: it kills the worker and goes on without that sample.
    """

    @abstractmethod
    def judge(self, sample: Sample) -> Verdict:
        """Judge one sample."""

    def check(self, batch: Sequence[Sample]) -> list[Verdict]:
        """Judge one after the other; what raises is undecided, with the exception as the reason."""
        return [judge_safely(self.judge, sample, hides_text=self.hides_text) for sample in batch]


def require_declared(cls: type[Check], name: str) -> None:
    """Refuse a check class that cannot be built or does not say what it is, in one sentence. Raises UserError."""
    if missing := sorted(getattr(cls, "__abstractmethods__", ())):
        raise UserError(f"The check '{name}' has no method '{missing[0]}'.")
    for word, allowed in (("role", get_args(Role)), ("scope", get_args(Scope))):
        if getattr(cls, word) not in allowed:
            raise UserError(
                f"The check '{name}' has the {word} {getattr(cls, word)!r}; it is one of: {', '.join(allowed)}."
            )
    rules: object = cls.rules
    if not isinstance(rules, Mapping) or not all(
        isinstance(said, str) for pair in rules.items() for said in pair
    ):
        raise UserError(f"The rules of the check '{name}' are not a mapping from words to what they mean.")
    bases = [base for base in cls.__mro__ if base.__module__ in (__name__, "filters.set_check")]
    reserved = {"name"}.union(*(vars(base) for base in bases)) - {"engine"}
    if taken := sorted(name for name in reserved.intersection(cls.model_fields) if not name.startswith("_")):
        raise UserError(
            f"The check '{name}' has an option '{taken[0]}', the name of a part of every such check; rename it."
        )


def judge_safely(judge: Callable[..., Result], *given: Any, hides_text: bool = False) -> Result | Verdict:
    """The result of a judging function; an undecided verdict, with the exception as the reason, where it raises.

    hides_text: leave out what the exception says, which may quote the sample.
    """
    try:
        return judge(*given)
    except Exception as error:  # noqa: BLE001  one hostile text must not cost the batch
        said = type(error).__name__ if hides_text else f"{type(error).__name__}: {error}"
        return Verdict(None, f"crashed: {said}"[:300])


class EngineCheck(Check):
    """A check that asks a language model. Its caller opens the engine described by `engine`."""

    engine: EngineOptions
    """The engine that answers: its kind, model and endpoints."""

    @abstractmethod
    async def ask(self, batch: Sequence[Sample], engine: Engine) -> list[Verdict]:
        """Judge a batch with the help of an open engine, many requests in flight."""

    def check(self, batch: Sequence[Sample]) -> list[Verdict]:
        """An engine is needed: use `ask`."""
        raise TypeError(f"{self.name} needs an engine; await {self.name}.ask(batch, engine)")


class PromptCheck(Check):
    """Judges the samples of one prompt together; a crash costs that one prompt.

    The batch must hold all whole samples of each prompt in it: its caller sees to that.
    """

    scope: ClassVar[Scope] = "prompt"

    @abstractmethod
    def judge_prompt(self, samples: Sequence[Sample]) -> list[Verdict]:
        """Judge all samples of one prompt; as many verdicts, in their order."""

    def check(self, batch: Sequence[Sample]) -> list[Verdict]:
        """Judge prompt by prompt; what raises leaves its prompt undecided, with the exception as the reason."""
        groups: dict[str, list[int]] = {}
        for position, sample in enumerate(batch):
            groups.setdefault(sample.prompt.id, []).append(position)
        verdicts: dict[int, Verdict] = {}
        for places in groups.values():
            judged = [batch[place] for place in places]
            given = judge_safely(self.judge_prompt, judged, hides_text=self.hides_text)
            if isinstance(given, Verdict):
                given = [given] * len(places)
            verdicts |= zip(places, take_verdicts(given, len(places)), strict=True)
        return [verdicts[position] for position in range(len(batch))]
