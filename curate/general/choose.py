"""Which of the general prompts are asked: by content, whatever order they come in, and before anything is paid for."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from curate.general.chain_rule import Mode, mark_prompt
from curate.general.options import GeneralOptions
from curate.general.shares import OTHERS, Quota, allot
from curate.general.unlike import find_alike, list_absent, require_others
from curate.store.layout import Run
from filters.errors import UserError
from filters.types import Prompt

Read = Callable[[], Iterable[Prompt]]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which prompts are asked. Iterated over, it reads them again, each with what was decided of its chain.

    keys: of those that are asked. there: how many distinct ones there are. alike: how many of these are not asked for being
    like others'. quotas: of categories with a share. apart_from: what they were compared with. absent: what is not there yet.
    """

    read: Read
    mode: Mode
    keys: frozenset[bytes]
    there: int
    alike: int
    quotas: Sequence[Quota]
    apart_from: tuple[str, ...]
    absent: tuple[str, ...]

    def __iter__(self) -> Iterator[Prompt]:
        left = set(self.keys)
        for prompt in self.read():
            key = bytes.fromhex(prompt.id)
            if key in left:
                left.remove(key)
                yield mark_prompt(prompt, self.mode)
        if left:
            raise UserError("The prompts were changed while they were read; give the command again.")

    def count_chains(self) -> Counter[tuple[str, str]]:
        """How many prompts of each category are decided how: by category and `Prompt.chain`."""
        return Counter((prompt.domain, prompt.chain) for prompt in self)

    def tell(self) -> list[str]:
        """What was chosen and what was not, in sentences."""
        said = [f"{len(self.keys):,} of {self.there:,} general prompts are asked"]
        if self.apart_from:
            others = ", ".join(self.apart_from)
            said.append(f"{self.alike:,} are not asked, being near-duplicates of prompts of {others}")
        if self.absent:
            said.append(f"{', '.join(self.absent)}: not there yet, so that nothing was compared with it")
        for quota in self.quotas:
            if quota.taken < quota.wanted:
                category = "the other categories" if quota.category is OTHERS else f"'{quota.category}'"
                said.append(
                    f"of {category} {quota.wanted:,} were asked for by its share, and there are {quota.there:,}"
                )
        return said


def choose_prompts(
    read: Read, run: Run, options: GeneralOptions, limit: int | None = None, *, strict: bool = True
) -> Choice:
    """Choose among prompts: by their shares, and those with the smallest content keys where there are too many.

    read: gives the prompts, each time it is called. limit: of all. strict: whether what they are to be apart from must be
    there; a plan is made before it is. Held in memory are the keys of all. Raises UserError where a share cannot be filled
    by any prompt, and where one of `apart_from` is not there.
    """
    absent = list_absent(run, options.apart_from)
    if strict:
        require_others(absent)
    made = tuple(one for one in options.apart_from if one not in absent)
    categories = _find_categories(read())
    alike = find_alike(read(), run, made) if made else set()
    left = {key: category for key, category in categories.items() if key.hex() not in alike}
    keys, quotas = _choose(left, options, limit)
    return Choice(
        read,
        options.chain,
        frozenset(keys),
        len(categories),
        len(categories) - len(left),
        quotas,
        made,
        absent,
    )


def _find_categories(prompts: Iterable[Prompt]) -> dict[bytes, str]:
    """The category of each distinct prompt; of one that several rows have, the first by name."""
    found: dict[bytes, str] = {}
    for prompt in prompts:
        key = bytes.fromhex(prompt.id)
        found[key] = min(prompt.domain, found.get(key, prompt.domain))
    return found


def _choose(
    categories: dict[bytes, str], options: GeneralOptions, limit: int | None
) -> tuple[list[bytes], list[Quota]]:
    if not options.share:
        return (list(categories) if limit is None else heapq.nsmallest(limit, categories)), []
    quotas = allot(Counter(categories.values()), options.share, limit)
    groups: dict[str | None, list[bytes]] = {quota.category: [] for quota in quotas}
    for key, category in categories.items():
        group = category if category in options.share else OTHERS
        groups[group].append(key)
    chosen = [key for quota in quotas for key in heapq.nsmallest(quota.taken, groups[quota.category])]
    return chosen, quotas
