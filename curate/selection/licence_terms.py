"""What the best-known licences ask of a set that holds rows under them: a small table, of which nothing is guessed that is not in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, Literal

Terms = Literal["free", "share-alike", "non-commercial", "no-derivatives", "unknown"]
_EDITION: Final = r"(-\d\.\d(-[a-z]{2,3})?)?"
"""Which of a Creative Commons licence is meant, and for which country: it asks the same in all, and also where nobody says which."""
_FREE: Final = re.compile(
    r"apache-2\.0|mit(-0)?|bsd(-[234]-clause(-clear)?)?|isc|zlib|unlicense|wtfpl|cc0-1\.0|pddl|odc-by|cdla-permissive-[12]\.0|"
    rf"cc-by{_EDITION}|ecl-2\.0|ms-pl|ncsa|postgresql|0bsd|bsl-1\.0|afl-3\.0"
)
_SHARE_ALIKE: Final = re.compile(
    rf"cc-by-sa{_EDITION}|odbl|cdla-sharing-1\.0|(a|l)?gpl(-[123]\.[01])?(-only|-or-later)?|gfdl|mpl-2\.0|eupl-1\.[12]|osl-3\.0"
)
_NON_COMMERCIAL: Final = re.compile(rf"cc-by-nc(-sa)?{_EDITION}")
_NO_DERIVATIVES: Final = re.compile(rf"cc-by(-nc)?-nd{_EDITION}")
LONGEST: Final = 60
"""Characters of what a licence may be called; longer texts are no identifier."""


def find_terms(licence: str | None) -> Terms:
    """What a licence asks, by its identifier of the Hub or SPDX; unknown of any other, as other, llama3 or a sentence."""
    name = normalize_licence(licence)
    for terms, pattern in (
        ("free", _FREE),
        ("share-alike", _SHARE_ALIKE),
        ("no-derivatives", _NO_DERIVATIVES),
        ("non-commercial", _NON_COMMERCIAL),
    ):
        if pattern.fullmatch(name):
            return terms  # type: ignore[return-value]
    return "unknown"


def normalize_licence(licence: str | None) -> str:
    """An identifier in one spelling: small, with hyphens."""
    if licence is None or len(licence) > LONGEST:
        return ""
    return re.sub(r"[\s_]+", "-", licence.strip().lower())


def list_conflicts(licences: Iterable[str]) -> list[str]:
    """What rows under these licences together forbid a set, in sentences; of those whose terms are known."""
    by_terms: dict[Terms, list[str]] = {}
    for one in sorted({normalize_licence(one) for one in licences}):
        by_terms.setdefault(find_terms(one), []).append(one)
    said = []
    if fixed := by_terms.get("no-derivatives"):
        said.append(f"Rows under {', '.join(fixed)} may not be given on in a changed or merged form.")
    if closed := [
        one for name in ("non-commercial", "no-derivatives") for one in by_terms.get(name, []) if "-nc" in one
    ]:
        said.append(f"Rows under {', '.join(closed)} keep the whole set from commercial use.")
    alike = by_terms.get("share-alike", [])
    closed_alike = [one for one in closed if "-nc-sa" in one]
    if alike and closed:
        said.append(
            f"{', '.join([*alike, *closed])} contradict each other: no set may be given on under the terms of all."
        )
    elif len({re.sub(r"-\d.*", "", one) for one in alike}) > 1:
        said.append(
            f"Rows under {', '.join(alike)} each ask that the whole set is given on under their own terms: look up whether one allows the other."
        )
    elif alike or closed_alike:
        said.append(
            f"Rows under {', '.join(alike or closed_alike)} ask that the whole set is given on under their own terms."
        )
    return said


def find_contradiction(declared: str, licences: Sequence[str | None]) -> str | None:
    """Why a set of rows under these licences cannot be declared to be under one licence; None where nothing that is known speaks against it.

    declared: an identifier of the Hub. licences: None stands for rows of which none is known, which contradict nothing.
    """
    name, terms = normalize_licence(declared), find_terms(declared)
    for one in sorted({normalize_licence(one) for one in licences if one is not None}):
        of_rows = find_terms(one)
        if one == name or "unknown" in (of_rows, terms) or of_rows == "free":
            continue
        if of_rows == "no-derivatives":
            return f"it holds rows under {one}, which may not be given on in a changed or merged form"
        if "-nc" in one and "-nc" not in name:
            return f"it holds rows under {one}, which allows no commercial use, and {name} does"
        if (of_rows == "share-alike" and terms != "share-alike") or "-nc-sa" in one:
            return f"it holds rows under {one}, which asks that the whole is given on under its own terms"
    return None
