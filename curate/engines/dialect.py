"""What one server takes of what it is asked, learnt from its refusals: the limit's name, and what must be left out.

A server applies its model's `generation_config.json` (top_k, repetition_penalty, ...) or its own defaults wherever a
request is silent; vLLM in process does not. So every sampling parameter is said, also the neutral ones: then the same
model has the same distribution wherever it runs. What a server refuses is left out only where that changes nothing
that was asked for.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any, Final

from curate.engines.errors import RefusalError
from curate.engines.refusals import find_refused_parameters, is_about_context
from filters.engine import Request
from filters.errors import UserError

logger = logging.getLogger(__name__)

NEUTRAL: Final[Mapping[str, Any]] = {
    "temperature": 1.0,
    "top_p": 1.0,
    "top_k": -1,
    "min_p": 0.0,
    "repetition_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
}
"""Values that change no distribution. vLLM 0.31 takes all of these from `generation_config.json` where a request does
not say them (`ModelConfig.get_diff_sampling_param`); `max_new_tokens` there yields to the limit, which is always said."""
FORMS: Final = ("structured_outputs", "regex")
"""Where servers are told the form of an answer: vLLM's name and SGLang's. Each of them passes over what it does not know."""
DISPENSABLE: Final = frozenset({"seed", "repetition_detection", "stream_options", *FORMS})
"""What a request can do without, whatever its value; without its seed a sample cannot be made again."""
LIMITS: Final = ("max_tokens", "max_completion_tokens")
_ABOUT_FORM = re.compile(
    r"structured|guided|grammar|regex|regular expression|constrain|decoding", re.IGNORECASE
)
_NO_SUCH = re.compile(
    r"not support|unsupported|unrecogni[sz]ed|unknown|unexpected|not permitted", re.IGNORECASE
)


class Dialect:
    """What one endpoint takes. `in_force` is the engine's: what was learnt stands there for whoever keeps it."""

    def __init__(self, endpoint: str, in_force: dict[str, Any]) -> None:
        self._endpoint, self._in_force = endpoint, in_force
        self._limit = LIMITS[0]
        self._left_out: set[str] = set()
        self._told_form = False

    def write(self, request: Request, limit: int, *, stream: bool) -> dict[str, Any]:
        """The parameters of a request, its messages apart. What was asked for stays, though it was refused before."""
        asked, loops = request.sampling, request.loops
        said = {**NEUTRAL, "temperature": asked.temperature, "top_p": asked.top_p}
        if asked.top_k is not None:
            said["top_k"] = asked.top_k
        if asked.stop:
            said["stop"] = list(asked.stop)
        if loops is not None:  # vLLM's alone
            said["repetition_detection"] = {
                "max_pattern_size": loops.longest, "min_pattern_size": 1, "min_count": loops.times,
            }  # fmt: skip
        self._in_force["sent"] = dict(said)
        if request.switches:  # each prompt's own, and asked for: a server that does not take them is told of
            said["chat_template_kwargs"] = dict(request.switches)
        if request.seed is not None:
            said["seed"] = request.seed
        if (form := request.form) is not None:
            said |= {"structured_outputs": {"regex": form}, "regex": form}
        if stream:
            said["stream_options"] = {"include_usage": True}
        left_out = {name for name in self._left_out & said.keys() if _is_free(name, said[name])}
        return {name: value for name, value in said.items() if name not in left_out} | {self._limit: limit}

    def learn(self, refusal: RefusalError, sent: Mapping[str, Any]) -> bool:
        """Whether the request may be asked again, written anew. UserError where what was asked for is not taken."""
        if is_about_context(refusal):
            return False
        named = find_refused_parameters(refusal, sent) or _find_refused_form(refusal, sent)
        if self._renames_limit(refusal, named, sent):
            return True
        wanted = sorted(name for name in named.difference(LIMITS) if not _is_free(name, sent[name]))
        if wanted:
            raise UserError(
                f"{self._endpoint} does not take {wanted[0]} {sent[wanted[0]]}, which was asked for: {refusal.said}"
            )
        free = named.difference(LIMITS)
        if new := sorted(free - self._left_out):
            self._leave_out(new, refusal)
        return bool(free)

    def _renames_limit(self, refusal: RefusalError, named: frozenset[str], sent: Mapping[str, Any]) -> bool:
        """Say the limit under its newer name, where the older one is not known."""
        old, new = LIMITS
        if old not in sent or old not in named or not _NO_SUCH.search(refusal.said):
            return False
        self._limit = new
        self._in_force.setdefault("limit_name", {})[self._endpoint] = new
        return True

    def _leave_out(self, names: list[str], refusal: RefusalError) -> None:
        self._left_out.update(names)
        self._in_force.setdefault("left_out", {})[self._endpoint] = sorted(self._left_out)
        taken = [name for name in names if name not in FORMS]
        if taken != names and not self._told_form:
            self._told_form = True
            logger.warning(
                f"{self._endpoint} does not hold an answer to a form: it is asked without, and what it answers is read as "
                f"strictly. It said: {refusal.said}"
            )
        if taken:
            seed = " Samples from there cannot be made again." if "seed" in taken else ""
            logger.warning(
                f"{self._endpoint} does not take {', '.join(taken)}, which is left out: the server's own default is in force "
                f"there.{seed} It said: {refusal.said}"
            )


def _is_free(name: str, value: Any) -> bool:
    """Whether a request can do without a parameter of this value."""
    return name in DISPENSABLE or (name in NEUTRAL and value == NEUTRAL[name])


def _find_refused_form(refusal: RefusalError, sent: Mapping[str, Any]) -> frozenset[str]:
    """The names of the form where a server refuses it in words that name no parameter: its grammar is too much for it."""
    about = refusal.status in {400, 422, 501} and _ABOUT_FORM.search(refusal.said) is not None
    return frozenset(FORMS).intersection(sent) if about else frozenset()
