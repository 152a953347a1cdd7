"""What a row says beside its texts: how its response ended, its tokens, whether it is correct, and what it is called."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from curate.readers.shapes.cells import is_empty, is_filled, is_list
from curate.readers.shapes.columns import find_columns
from curate.readers.shapes.misfit import Misfit
from curate.readers.shapes.packed_json import open_list
from curate.readers.shapes.said import read_count, read_flag, read_language, read_rate, read_word

_WHOLE: Final = (
    "is_reasoning_complete",
    "is_complete",
    "complete",
    "completed",
    "is_finished",
    "finished",
    "finish",
)
"""Where a flag says that the response is whole."""
_CUT_FLAGS: Final = ("truncated", "is_truncated")
FINISHES: Final = (
    "finish_reason", "finish_reasons", "finishreason", "stop_reason", "stop_reasons", "stopreason", "done_reason", *_WHOLE,
    *_CUT_FLAGS, "iscomplete", "isfinished", "istruncated",
)  # fmt: skip
"""How the response ended, in words or as a flag."""
_CUT: Final = frozenset(
    {
        "length", "max_tokens", "max_token", "max_output_tokens", "max_new_tokens", "max_completion_tokens", "max_length",
        "max_model_length", "max_context_length", "model_length", "model_context_window_exceeded", "context_window_exceeded",
        "context_length", "context_length_exceeded", "token_limit", "length_limit", "length_capped", "truncated", "cutoff",
        "cut_off", "incomplete", "unfinished", "content_filter", "content_filtered", "safety", "recitation", "error", "abort",
        "aborted", "cancelled", "canceled", "interrupted", "timeout", "timed_out", "pause_turn", "max_tokens_reached",
    }
)  # fmt: skip
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
TOKENS: Final = (
    "tokens", "num_tokens", "n_tokens", "completion_tokens", "output_tokens", "response_tokens", "generated_tokens",
    "token_count", "token_counts", "generation_tokens",
)  # fmt: skip
IDS: Final = (
    "row_id",
    "id",
    "uuid",
    "response_id",
    "sample_id",
    "problem_id",
    "question_id",
    "prompt_id",
    "idx",
)
DOMAINS: Final = ("domain", "category", "subject", "topic", "task_type")
SOURCES: Final = (
    "row_source", "source", "data_source", "problem_source", "question_source", "source_dataset", "dataset",
)  # fmt: skip
LICENSES: Final = ("license", "licence", "question_license")
LANGUAGES: Final = ("language", "lang", "reasoning_language")
_PASS_RATE: Final = re.compile(r"(?:\w+_)?pass_?rate(?:_\w+)?")
_SURE: Final = re.compile(r"(?:is_)?(?:correct|verified)")
"""Columns where 1 and 0 say it too; elsewhere a number may be a count or one of a scale's."""
_FLAG: Final = re.compile(
    rf"{_SURE.pattern}|correctness(?:_\w+)?|\w+_(?:correct|correctness|grade)|judge?ment|grade"
)
_COUNT: Final = re.compile(
    r"(?:n|num|number|total|count|times|avg|mean|pct|percent|fraction)_.*|.*_?(?:counts?|answers?|reason)"
)
"""What looks like a flag's column and counts, averages, or tells why."""


class Facts(NamedTuple):
    """What a row says of a sample.

    cut: the word that says that its response is not whole, else None. flags: by column, whether it is correct; what is null
    is not there. kept: what `kept` says, where it is there. pass_rate: the share of a model's responses to the prompt
    that were right, from 0 to 1. unclear: the columns of flags that hold something which says neither. said: the columns
    that say the id, domain, language, source and tokens, each the first of the row's that does.
    """

    cut: tuple[str, str] | None
    tokens: int | None
    flags: Mapping[str, bool]
    kept: bool | None
    source_id: str
    domain: str
    language: str | None
    source: str
    license: str
    pass_rate: float | None = None
    unclear: tuple[str, ...] = ()
    said: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[Any, ...]:
        """What is said of the prompt: what it is called, and where it is from."""
        return (
            self.source_id,
            self.domain,
            self.language,
            self.source,
            self.license,
            self.pass_rate,
            self.said,
        )


_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


class _Places(NamedTuple):
    finish: tuple[str, ...]
    tokens: tuple[str, ...]
    flags: tuple[str, ...]
    ids: tuple[str, ...]
    domains: tuple[str, ...]
    languages: tuple[str, ...]
    sources: tuple[str, ...]
    licenses: tuple[str, ...]
    pass_rates: tuple[str, ...]
    kept: str | None
    usage: str | None


def is_flag_name(name: str) -> bool:
    """Whether a column is called as flags of correctness are."""
    low = name.lower()
    return _FLAG.fullmatch(low) is not None and _COUNT.fullmatch(low) is None


_NO_PLACES: Final = _Places((), (), (), (), (), (), (), (), (), None, None)
_NO_FACTS: Final = Facts(None, None, _NONE, None, "", "", None, "", "")


@lru_cache(512)
def _find_places(names: tuple[str, ...]) -> _Places:
    known = {name.lower(): name for name in reversed(names)}

    def all_of(wanted: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(known[name] for name in wanted if name in known)

    return _Places(
        all_of(FINISHES),
        all_of(TOKENS),
        tuple(name for low, name in known.items() if is_flag_name(low)),
        # Of our own sets: the others say what the set calls a row.
        all_of(IDS[:1]) or all_of(IDS[1:]), all_of(DOMAINS), all_of(LANGUAGES), all_of(SOURCES[:1]) or all_of(SOURCES[1:]),
        all_of(LICENSES),
        tuple(known[low] for low in reversed(known) if _PASS_RATE.fullmatch(low)),
        known.get("kept"),
        "usage" if "usage" in names else None,
    )  # fmt: skip


def read_facts(values: Mapping[str, Any], generation: int | None = None, count: int | None = None) -> Facts:
    """What a row says of its sample, or of the one of these that is at `generation`, where columns are parallel lists.

    count: how many samples the row has, where all of them are read. Raises Misfit where what it says of each is a list of another length.
    """
    places = _find_places(tuple(values))
    if places == _NO_PLACES:
        return _NO_FACTS

    def cell(name: str) -> Any:
        value = values[name]
        if type(value) is int or (type(value) is str and value[:1].isalnum()):  # as most are, and no list
            return value
        value = open_list(value)
        if not is_list(value):
            return value
        if generation is None:
            return value[0] if len(value) == 1 else value
        return value[generation] if generation < len(value) and count in (None, len(value)) else None

    said: list[str] = []

    def word(names: tuple[str, ...], read: Callable[[Any], str] = read_word) -> str:
        for name in names:
            if (found := read(cell(name))) or _is_parallel(values[name], generation, count):
                said.append(name)
            if found:
                return found
        return ""

    def count_tokens() -> int | None:
        for name in places.tokens:
            if (found := read_count(cell(name))) is not None or _is_parallel(values[name], generation, count):
                said.append(name)
            if found is not None:
                return found
        usage = None if generation is not None or places.usage is None else values[places.usage]
        return read_count(usage.get("completion_tokens")) if isinstance(usage, Mapping) else None

    if count is not None and generation is not None:
        kept_too = () if places.kept is None else (places.kept,)
        _require_parallel(values, (*places.finish, *places.flags, *kept_too), count)
    kept = None if places.kept is None else cell(places.kept)
    flags = dict(_find_flags(values, places, cell, generation)) if places.flags else _NONE
    return Facts(
        next(_find_cuts(places, cell), None) if places.finish else None,
        count_tokens(),
        {name: flag for name, flag in flags.items() if flag is not None} if flags else _NONE,
        read_flag(kept, numbers=True),
        word(places.ids) if places.ids else "",
        word(places.domains) if places.domains else "",
        word(places.languages, read_language) or None if places.languages else None,
        word(places.sources) if places.sources else "",
        next((one for name in places.licenses if (one := read_word(cell(name)))), "")
        if places.licenses
        else "",
        _find_rate(places, cell) if places.pass_rates else None,
        tuple([name for name, flag in flags.items() if flag is None]) if flags else (),
        tuple(said),
    )


def _is_parallel(value: Any, generation: int | None, count: int | None) -> bool:
    """Whether a cell says something of each of a row's samples, perhaps nothing of the one at `generation`."""
    if generation is None:
        return False
    found = open_list(value)
    return is_list(found) and generation < len(found) and count in (None, len(found))


def _find_rate(places: _Places, cell: Callable[[str], Any]) -> float | None:
    return next((rate for name in places.pass_rates if (rate := read_rate(cell(name))) is not None), None)


def _require_parallel(values: Mapping[str, Any], names: Iterable[str], count: int | None) -> None:
    for name in names:
        value = open_list(values[name])
        if isinstance(value, str) and value.lstrip().startswith("["):
            raise Misfit(f"'{name}' is a list in a text that is not JSON: write it with json.dumps")
        if is_list(value) and value and len(value) != count:
            raise Misfit(
                f"'{name}' has {len(value)} values for {count} responses: which is whose cannot be told"
            )


def _find_flags(
    values: Mapping[str, Any], places: _Places, cell: Callable[[str], Any], generation: int | None
) -> Iterator[tuple[str, bool | None]]:
    """The flags of a sample, None for a cell that says neither; a teacher's grade is its own response's alone."""
    teachers = [
        chain.lower().removesuffix("thinking_trajectory") for chain, _ in find_columns(tuple(values)).pairs
    ]
    for name in places.flags:
        low, value = name.lower(), cell(name)
        owner = next((at for at, teacher in enumerate(teachers) if low.startswith(teacher)), None)
        if not is_filled(value) or owner not in (None, generation):
            continue
        yield name, read_flag(value, _SURE.fullmatch(low) is not None or _is_flags(low, values[name]))


def _is_flags(low: str, value: Any) -> bool:
    """Whether a column of correctness holds a list of nothing but 0 and 1, a response each."""
    given = open_list(value) if "correct" in low or "verified" in low else None
    return is_list(given) and all(is_empty(one) or read_flag(one, numbers=True) is not None for one in given)


def _find_cuts(places: _Places, cell: Callable[[str], Any]) -> Iterator[tuple[str, str]]:
    for name in places.finish:
        if word := _read_cut(name.lower(), cell(name)):
            yield name, word


def is_cut_off(values: Mapping[str, Any]) -> bool:
    """Whether a row or a message of one response says by itself that the response was cut off before its end."""
    return any(
        bool(_read_cut(name.lower(), one))
        for name, value in values.items()
        if name.lower() in FINISHES
        for one in (value if is_list(value) else [value])
    )


def _read_cut(low: str, value: Any) -> str:
    """How a cell says that a response was cut off; empty where it does not. low: the column's name in lower case."""
    value = value.get("type") if isinstance(value, Mapping) else value  # as SGLang says it
    cuts = low in _CUT_FLAGS or low == "istruncated"
    flag = read_flag(value, numbers=True) if cuts or low in _WHOLE or low.startswith("is") else None
    if flag is not None and flag == cuts:
        return str(flag).lower()
    word = _read_finish(value) if isinstance(value, str) else ""
    return word if word in _CUT else ""


def _read_finish(value: str) -> str:
    """A finish word as servers write it, without the name of an enumeration: FinishReason.MAX_TOKENS, maxTokens."""
    bare = _CAMEL.sub("_", value.strip().rpartition(".")[2]).lower()
    return bare.removeprefix("finish_reason_").replace("-", "_").replace(" ", "_")
