"""Chemical formulas, CO2 and Ca(OH)2: equal as written, different where their atoms are counted and differ."""

from __future__ import annotations

import re
from collections import Counter

from filters.answers.finding import ComparisonResult
from filters.answers.wordlists import make_word_set

ELEMENTS = make_word_set(
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo "
    "Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl "
    "Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr"
)
_FORMULA = re.compile(
    r"(?=.*[A-Z])(?=.*\d)(?:[A-Z][a-z]?\d{0,3}|\((?:[A-Z][a-z]?\d{0,3}){1,8}\)\d{0,3}){1,12}"
)
_PART = re.compile(r"([A-Z][a-z]?)(\d*)|\(([^()]+)\)(\d*)")
_TYPING = re.compile(r"[_{}$ ]|\\(?:mathrm|text|ce)\b")


def read_formula(text: str) -> str:
    """A formula of elements with its subscripts in line: CO_2 is CO2 but not C2O; empty for anything else."""
    plain = "" if re.search(r"\}\d", text) else _TYPING.sub("", text).strip()
    if not _FORMULA.fullmatch(plain) or re.search(r"(?<!\d)1(?!\d)", plain):
        return ""
    return plain if _count_atoms(plain).keys() <= ELEMENTS else ""


def compare_formulas(one: str, two: str) -> ComparisonResult:
    """Two formulas; one substance may be written in several ways, CH4O and CH3OH, which is undecided."""
    if one == two:
        return ComparisonResult(True, "formula")
    return ComparisonResult(None if _count_atoms(one) == _count_atoms(two) else False, "formula")


def _count_atoms(formula: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for element, number, group, times in _PART.findall(formula):
        if element:
            counts[element] += int(number or 1)
        else:
            for inner, several in _count_atoms(group).items():
                counts[inner] += several * int(times or 1)
    return counts
