r"""Compare answers with parameters: all x = 3k + 1 with k an integer, solutions with free constants.

A family over the integers is a set: k may have another name, and 3k - 2 gives what 3k + 1 gives. Constants
and parameters that the prompt does not name may be named as one likes, within their kind: C for c_1, n for k.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import permutations

from filters.answers.compare.context import PromptContext
from filters.answers.compare.progressions import compare_progressions, read_progression, subtract
from filters.answers.compare.regions import is_region
from filters.answers.compare.views import find_renaming, read_assignment, substitute_variables
from filters.answers.finding import ComparisonResult
from filters.answers.parse.nodes import Node, find_variables, make_number, make_variable
from filters.answers.prove.proof import compare_values

Compare = Callable[[Node, Node], ComparisonResult]
Domains = Mapping[str, str]

MAX_RENAMED = 3
"""Names on each side that may be named otherwise on the other: every way to pair them is tried."""
_KINDS = (
    re.compile(r"(?:[CKcABDk]|alpha|beta|lambda|mu)(?:_\w{1,2})?|[ab]"),
    re.compile(r"[knmlj](?:_\w{1,2})?"),
    re.compile(r"[stuv](?:_\w{1,2})?|lambda|mu|alpha|beta"),
)
_FREELY_NAMED = re.compile(r"[knmljstuv](?:_\w{1,2})?|[Cc](?:_\w{1,2})?|lambda|mu|alpha|beta")
"""Names that a formula without another variable may have otherwise."""
_VARIABLES = frozenset("xyz")
_CONSTANT = re.compile(r"[Cc](?:_\w{1,2})?")
_FREE = re.compile(r"[CcKAB](?:_\w{1,2})?")
_PARAMETER = re.compile(r"[stuvkm]|lambda|mu|alpha")
_INTEGERS = re.compile(r"[knmlj](?:_\w{1,2})?")


def compare_families(
    a: Node, b: Node, domains: tuple[Domains, Domains], context: PromptContext, compare: Compare
) -> ComparisonResult | None:
    """Compare two answers of which at least one declares a parameter or holds free constants; else None.

    domains: what each side says its parameters are, Z, N, Q, R or C.
    """
    one, two = domains
    if one or two:
        return _compare_declared(a, b, domains, context, compare)
    values = _take_values(a, b)
    if values is None:
        return None
    a, b = values
    left, right = find_variables(a), find_variables(b)
    if not left and not right:
        return None
    family = _compare_free(a, b, (left, right), context, compare)
    if (family is None or family.equal is not True) and _are_parametrised(a, b, context):
        return ComparisonResult(None, "points with a parameter")
    return family


def _compare_free(
    a: Node, b: Node, names: tuple[frozenset[str], frozenset[str]], context: PromptContext, compare: Compare
) -> ComparisonResult | None:
    """Neither side declares a parameter: free constants may have other names, and be added."""
    left, right = names
    if left == right:
        return _compare_exchanged(a, b, context, compare) or _compare_up_to_constant(a, b, context)
    only = sorted(left - right), sorted(right - left)
    unsaid = {name for name in (*only[0], *only[1]) if name not in context.letters}
    arrows = any(node.op == "rel" and "=>" in node.name for node in (a, b))
    if (
        not unsaid
        or not only[0]
        or not only[1]
        or arrows
        or any(_has_bare_names(node, unsaid) for node in (a, b))
    ):
        return None
    return _compare_renamed(a, b, only, context, compare)


def _take_values(a: Node, b: Node) -> tuple[Node, Node] | None:
    """What stands right of the names, with the variables of two functions named alike; None for unlike functions."""
    one, two = read_assignment(a), read_assignment(b)
    if one is None or two is None or "call" not in (one[0].op, two[0].op):
        return _take_value(a), _take_value(b)
    renamed = find_renaming(one[0].args, two[0].args) if one[0].op == two[0].op else None
    return None if renamed is None else (one[1], substitute_variables(two[1], renamed))


def _take_value(node: Node) -> Node:
    pair = read_assignment(node)
    return node if pair is None else pair[1]


def _has_bare_names(node: Node, names: set[str]) -> bool:
    """Whether the answer, or an item of it, is nothing but one of the names: that is answered, it is no constant."""
    items = node.args if node.op in ("list", "set", "neg", "quantity") else (node,)
    return any(item.op == "sym" and item.name in names for item in items)


def _compare_renamed(
    a: Node, b: Node, only: tuple[list[str], list[str]], context: PromptContext, compare: Compare
) -> ComparisonResult | None:
    """Names of one side that the other does not have, of which the prompt does not give all.

    Equal where a renaming within one kind of names, none of which the prompt uses, makes them equal; where
    every renaming leaves them different, they are; else undecided.
    """
    mentioned = any(name in context.letters for names in only for name in names)
    equals: list[bool | None] = []
    shared = bool(find_variables(a) & find_variables(b))
    for renamed in _list_renamings(*only):
        if not shared and not all(_FREELY_NAMED.fullmatch(name) for names in only for name in names):
            continue
        other = _rename(b, renamed)
        equal = compare(a, other).equal
        family = None if equal else _compare_up_to_constant(a, other, context)
        equals.append(equal if family is None else family.equal)
    if True in equals:
        return ComparisonResult(
            True if context.known and not mentioned else None, "constants named otherwise"
        )
    if set(equals) == {False} or not context.known or _tell_apart(*only):
        return None
    return ComparisonResult(None, "names that the prompt does not give")


def _tell_apart(left: list[str], right: list[str]) -> bool:
    """Whether the names are known to be different things: x and y, m and M, x_1 and x_2."""
    if set(left) | set(right) <= _VARIABLES:
        return True
    bases = [sorted(name.partition("_")[0] for name in names) for names in (left, right)]
    numbered = all(name.partition("_")[2].isdigit() for name in (*left, *right))
    plain = all(len(name) == 1 for name in (*left, *right))
    cased = [sorted(map(str.casefold, names)) for names in bases]
    return (numbered and bases[0] == bases[1]) or (plain and cased[0] == cased[1])


def _are_parametrised(a: Node, b: Node, context: PromptContext) -> bool:
    """Whether both are points with one parameter of their own, as lines are given: (1 + t, 2t) and (2 - s, 2 - 2s)."""
    if a.op != "tuple" or b.op != "tuple":
        return False
    names = [find_variables(node) for node in (a, b)]
    free = [[name for name in found if _PARAMETER.fullmatch(name)] for found in names]
    return all(
        len(found) == len(own) == 1 and not set(own) & context.letters
        for found, own in zip(names, free, strict=True)
    )


def _compare_exchanged(a: Node, b: Node, context: PromptContext, compare: Compare) -> ComparisonResult | None:
    """Free constants with the same names on both sides, exchanged: C_1 e^x + C_2 e^{-x}."""
    names = sorted(
        name for name in find_variables(a) if _FREE.fullmatch(name) and name not in context.letters
    )
    if not 2 <= len(names) <= MAX_RENAMED:
        return None
    for order in permutations(names):
        if compare(a, _rename(b, dict(zip(names, order, strict=True)))).equal:
            return ComparisonResult(True if context.known else None, "constants named otherwise")
    return None


def _list_renamings(left: list[str], right: list[str]) -> Iterable[dict[str, str]]:
    """The ways to give names of the right side those of the left, each for one of its kind."""
    if len(left) != len(right) or len(left) > MAX_RENAMED:
        return
    for order in permutations(left):
        pairs = dict(zip(right, order, strict=True))
        cased = any(x != y and x.casefold() == y.casefold() and x[0] not in "CcKk" for x, y in pairs.items())
        if not cased and all(
            any(kind.fullmatch(x) and kind.fullmatch(y) for kind in _KINDS) for x, y in pairs.items()
        ):
            yield pairs


def _rename(node: Node, names: Mapping[str, str]) -> Node:
    return substitute_variables(node, {old: make_variable(new) for old, new in names.items()})


def _compare_up_to_constant(a: Node, b: Node, context: PromptContext) -> ComparisonResult | None:
    """Antiderivatives: f + C and g + C are one family where f - g is a constant."""
    names = [name for name in find_variables(a) & find_variables(b) if _CONSTANT.fullmatch(name)]
    others = sorted(find_variables(a, b) - set(names))
    if len(names) != 1 or len(others) != 1 or names[0] in context.letters:
        return None
    parts = [_split_constant(node, names[0]) for node in (a, b)]
    if parts[0] is None or parts[1] is None:
        return None
    changes = [
        subtract(part, substitute_variables(part, {others[0]: make_number(1)})) for part in parts if part
    ]
    equal = compare_values(*changes)
    sure = equal is False or (equal is True and context.integral)
    return ComparisonResult(equal if sure else None, "up to a constant")


def _split_constant(node: Node, name: str) -> Node | None:
    """The expression without its added constant, where it holds the constant nowhere else."""
    at = [substitute_variables(node, {name: make_number(value)}) for value in (0, 1)]
    return at[0] if compare_values(at[1], Node("add", (at[0], make_number(1)))) else None


def _compare_declared(
    a: Node, b: Node, domains: tuple[Domains, Domains], context: PromptContext, compare: Compare
) -> ComparisonResult:
    """At least one side says what its parameter runs over."""
    one, two = domains
    names = (
        [name for name in find_variables(a) if name in one],
        [name for name in find_variables(b) if name in two],
    )
    undeclared = sorted(find_variables(a) - set(names[0])), sorted(find_variables(b) - set(names[1]))
    if not one or not two:
        return _compare_half_declared(a, b, (names, undeclared), context, compare)
    if len(names[0]) != 1 or len(names[1]) != 1:
        finding = compare(a, b)
        kept = finding.equal is True and one == two
        return ComparisonResult(True if kept else None, "parameters")
    if names[1][0] != names[0][0] and names[0][0] in find_variables(b):
        return ComparisonResult(None, "parameters")
    renamed = _rename(b, {names[1][0]: names[0][0]})
    same = one[names[0][0]] == two[names[1][0]]
    equal = compare(a, renamed).equal
    if equal is True and same:
        return ComparisonResult(True, "parameters")
    return ComparisonResult(
        compare_progressions(a, renamed, names[0][0], (one[names[0][0]], two[names[1][0]])), "parameters"
    )


def _compare_half_declared(
    a: Node,
    b: Node,
    found: tuple[tuple[list[str], list[str]], tuple[list[str], list[str]]],
    context: PromptContext,
    compare: Compare,
) -> ComparisonResult:
    """Only one side says what its parameter is: the same expression with an integer's letter is the same."""
    (left, right), undeclared = found
    if not left and not right:
        return compare(a, b)  # the declared name does not occur
    if is_region(a) or is_region(b):
        return ComparisonResult(None, "parameters")  # what is declared is the unknown itself
    declared = left or right
    free = [name for name in undeclared[0 if right else 1] if _INTEGERS.fullmatch(name)]
    if len(declared) != 1 or len(free) > 1:
        return ComparisonResult(None, "parameters")
    if not free:
        return ComparisonResult(_compare_with_constant(a, b, declared[0]), "parameters")
    if free[0] != declared[0] and declared[0] in find_variables(b if left else a):
        return ComparisonResult(None, "parameters")
    names = {free[0]: declared[0]}
    one, two = _rename(a, names), _rename(b, names)
    sure = free[0] == declared[0] or (context.known and free[0] not in context.letters)
    equal = compare(one, two).equal
    if equal is True:
        return ComparisonResult(True if sure else None, "parameters")
    return ComparisonResult(
        compare_progressions(one, two, declared[0], ("Z", "Z")) if sure else None, "parameters"
    )


def _compare_with_constant(a: Node, b: Node, name: str) -> bool | None:
    """A family of many values is not one value."""
    many, one = (a, b) if name in find_variables(a) else (b, a)
    values, value = _take_value(many), _take_value(one)
    single = value.op not in ("list", "set", "tuple") and not find_variables(value)
    return False if single and read_progression(values, name) is not None else None
