"""Compare two trees of any shape: the rules in order, from the most specific shape to plain values.

A rule is tried when its shapes fit and its finding stands; the order keeps every pair of shapes with the
one rule that understands both.
"""

from __future__ import annotations

from collections.abc import Callable

from filters.answers.compare.equations import compare_relations
from filters.answers.compare.quantities import compare_quantities
from filters.answers.compare.regions import compare_regions, is_region
from filters.answers.compare.unordered import compare_in_any_order
from filters.answers.compare.views import (
    has_structure,
    read_assignment,
    split_ratio,
)
from filters.answers.finding import ComparisonResult, combine_findings
from filters.answers.parse.nodes import (
    INFINITY,
    Node,
    get_infinity_sign,
    make_number,
    walk_tree,
)
from filters.answers.prove.exact import InexactError, compute_rational
from filters.answers.prove.proof import compare_values

MAX_SAME = 20
"""Items that may all be one value."""

Rule = Callable[[Node, Node], ComparisonResult | None]


def compare_trees(a: Node, b: Node) -> ComparisonResult:
    """Compare the reference's tree with the answer's, both settled."""
    if a == b:
        return ComparisonResult(True, "form")
    if a.op == b.op == "num":
        return ComparisonResult(False, "value")
    for rule in _RULES:
        finding = rule(a, b)
        if finding is not None:
            return finding
    return ComparisonResult(None, "shape")


def _compare_infinities(a: Node, b: Node) -> ComparisonResult | None:
    """Infinity equals only itself, and no number."""
    if not (get_infinity_sign(a) or get_infinity_sign(b)) or has_structure(a) or has_structure(b):
        return None
    return ComparisonResult(
        False if get_infinity_sign(a) and get_infinity_sign(b) else _is_finite(a, b), "infinity"
    )


def _is_finite(a: Node, b: Node) -> bool | None:
    """False, for different, where the one that is not infinite does not contain infinity."""
    return None if all(INFINITY in walk_tree(node) for node in (a, b)) else False


def _compare_phrases(a: Node, b: Node) -> ComparisonResult | None:
    ops = {a.op, b.op}
    if not ops & {"phrase", "date", "clock", "range"}:
        return None
    if a.op == b.op == "range":
        return _compare_in_order(a.args, b.args, "range")
    if "clock" in ops and ops & {"ratio", "num", "quantity"}:
        return ComparisonResult(None, "times")
    if a.op == b.op:
        return ComparisonResult(a.value == b.value, a.op)
    if "infinite" in (a.value, b.value) and INFINITY in (a, b):
        return ComparisonResult(None, "infinitely many, and infinity")
    if {a.value, b.value} & {"yes", "no"} and ops & {"num"}:
        return ComparisonResult(None, "yes or no, and a number")
    if "undefined" in (a.value, b.value) and "empty" in ops:
        return ComparisonResult(None, "phrase")
    if "range" in ops and ops & {"tuple", "rel", "list", "ratio"}:
        return ComparisonResult(None, "phrase")
    if "range" in ops and not ops & {"phrase", "date", "clock"}:
        return ComparisonResult(_compare_differences(a, b), "range")
    return ComparisonResult(False, "phrase")


def _compare_differences(a: Node, b: Node) -> bool | None:
    """A range against a value: different, unless 3-5 may have been meant as a difference."""
    one, two = (Node("add", (n.args[0], Node("neg", n.args[1:]))) if n.op == "range" else n for n in (a, b))
    return False if compare_trees(one, two).equal is False else None


def _compare_congruences(a: Node, b: Node) -> ComparisonResult | None:
    if a.op != "mod" or b.op != "mod":
        return ComparisonResult(None, "congruence") if "mod" in (a.op, b.op) else None
    modulus = compare_values(a.args[2], b.args[2])
    if a.args[0] != b.args[0] or modulus is not True:
        renamed = a.args[0] != b.args[0] and a.args[0].op == b.args[0].op == "sym"
        return ComparisonResult(False if renamed else None, "congruence")
    try:
        step = (compute_rational(a.args[1]) - compute_rational(b.args[1])) / compute_rational(a.args[2])
    except (InexactError, ZeroDivisionError):
        return ComparisonResult(None, "congruence")
    return ComparisonResult(step.denominator == 1, "congruence")


def _compare_matrices(a: Node, b: Node) -> ComparisonResult | None:
    if "matrix" not in (a.op, b.op):
        return None
    one, two = _list_rows(a), _list_rows(b)
    if one is None or two is None:
        return ComparisonResult(False, "matrix")
    if [len(row) for row in one] != [len(row) for row in two]:
        flat = len(one) == 1 or len(two) == 1 or len(one[0]) == len(two[0]) == 1
        return ComparisonResult(
            None if flat and sum(map(len, one)) == sum(map(len, two)) else False, "matrix"
        )
    cells = [(x, y) for r, s in zip(one, two, strict=True) for x, y in zip(r, s, strict=True)]
    return combine_findings([compare_trees(x, y) for x, y in cells], "matrix")


def _list_rows(node: Node) -> list[tuple[Node, ...]] | None:
    """The rows of a matrix; a tuple is a column."""
    if node.op == "matrix":
        return [row.args for row in node.args]
    if node.op != "tuple":
        return None
    if node.value == "[]" and all(item.op == "tuple" and item.value == "[]" for item in node.args):
        return [item.args for item in node.args]  # [[1, 2], [3, 4]]
    return [(item,) for item in node.args]


def _compare_cases(a: Node, b: Node) -> ComparisonResult | None:
    if a.op != "cases" or b.op != "cases":
        return None
    if len(a.args) != len(b.args):
        return ComparisonResult(None, "cases")
    parts = [_compare_in_order(one.args, two.args, "cases") for one, two in zip(a.args, b.args, strict=True)]
    equal = combine_findings(parts, "cases").equal
    return ComparisonResult(equal or None, "cases")  # other rows may say the same in another order


def _compare_regions(a: Node, b: Node) -> ComparisonResult | None:
    if "empty" in (a.op, b.op) and make_number(0) in (a, b):
        return ComparisonResult(None, "none or zero")
    if not is_region(a) and not is_region(b):
        return None
    others = {node.op for node in (a, b) if not is_region(node)}
    if others <= {"tuple", "set", "union"}:
        return compare_regions(a, b)
    return ComparisonResult(False, "interval")


def _compare_tuples(a: Node, b: Node) -> ComparisonResult | None:
    if a.op != "tuple" or b.op != "tuple":
        return None
    if len(a.args) == 2 and a.value != b.value:
        return ComparisonResult(False, "interval")
    return _compare_in_order(a.args, b.args, "tuple")


def _compare_collections(a: Node, b: Node) -> ComparisonResult | None:
    """Lists and sets match in any order; a tuple's order counts."""
    kinds = {a.op, b.op}
    if kinds <= {"list", "set"}:
        return compare_in_any_order(a, b, compare_trees)
    if "tuple" in kinds and kinds & {"list", "set"}:
        ordered = _compare_in_order(_strip_names(a), _strip_names(b), "tuple")
        named = any(read_assignment(item) for node in (a, b) for item in node.args)
        if named or (ordered.equal and "list" in kinds and not _may_be_interval(a, b)):
            return ordered
        return ComparisonResult(None if compare_in_any_order(a, b, compare_trees).equal else False, "tuple")
    if kinds & {"list", "set", "tuple"}:
        return _compare_one_and_many(a, b)
    return None


def _may_be_interval(*nodes: Node) -> bool:
    """Whether one is [1, 2], which may be a list, and may be an interval."""
    return any(node.op == "tuple" and node.value == "[]" and len(node.args) == 2 for node in nodes)


def _strip_names(node: Node) -> tuple[Node, ...]:
    """The items, with assignments to different names stripped to their values."""
    found = [read_assignment(item) for item in node.args]
    names = {pair[0] for pair in found if pair}
    if None in found or len(names) < len(found):
        return node.args
    return tuple(pair[1] for pair in found if pair)


def _compare_one_and_many(a: Node, b: Node) -> ComparisonResult:
    """A single value against several: equal only where the several are that value, written twice."""
    many, one = (a, b) if a.op in ("list", "set", "tuple") else (b, a)
    if one.op == "rel" and read_assignment(one) is None:
        return ComparisonResult(None, "an equation and several")  # xy = 0, and x = 0 or y = 0
    conditions = [item for item in many.args if item.op == "rel" and item.value != "="]
    if many.op == "list" and 0 < len(conditions) < len(many.args):
        rest = [item for item in many.args if item not in conditions]
        equal = combine_findings([compare_trees(one, item) for item in rest[:MAX_SAME]], "list").equal
        return ComparisonResult(False if equal is False else None, "a value and its condition")
    if many.op == "tuple" or (one.op != "rel" and has_structure(one)):
        return ComparisonResult(False, "list")
    found = combine_findings([compare_trees(one, item) for item in many.args[:MAX_SAME]], "list")
    return found if found.equal is False or len(many.args) <= MAX_SAME else ComparisonResult(None, "list")


def _compare_in_order(a: tuple[Node, ...], b: tuple[Node, ...], rule: str) -> ComparisonResult:
    if len(a) != len(b):
        return ComparisonResult(False, rule)
    return combine_findings([compare_trees(x, y) for x, y in zip(a, b, strict=True)], rule)


def _compare_relations(a: Node, b: Node) -> ComparisonResult | None:
    return compare_relations(a, b, compare_trees)


def _compare_ratios(a: Node, b: Node) -> ComparisonResult | None:
    one, two = split_ratio(a) or (a, make_number(1)), split_ratio(b) or (b, make_number(1))
    if "ratio" not in (a.op, b.op) or any(map(has_structure, (*one, *two))):
        return None
    if len(one) != len(two):
        return ComparisonResult(False, "ratio")
    crossed = [
        compare_values(Node("mul", (one[0], y)), Node("mul", (two[0], x)))
        for x, y in zip(one[1:], two[1:], strict=True)
    ]
    return combine_findings([ComparisonResult(equal, "ratio") for equal in crossed], "ratio")


def _compare_bases(a: Node, b: Node) -> ComparisonResult | None:
    if "based" not in (a.op, b.op) or a.op == b.op:
        return None
    based, other = (a, b) if a.op == "based" else (b, a)
    if other.op != "num":
        return None
    same_digits = (
        other == make_number(int(digits)) if (digits := based.name.partition("_")[0]).isdigit() else False
    )
    return ComparisonResult(None, "base") if same_digits else ComparisonResult(compare_values(a, b), "base")


def _compare_shapes(a: Node, b: Node) -> ComparisonResult | None:
    """A number or expression is not a set, interval, matrix or phrase."""
    structured = [has_structure(node) for node in (a, b)]
    return ComparisonResult(False, "shape") if structured[0] != structured[1] else None


_RULES: tuple[Rule, ...] = (
    _compare_infinities, _compare_phrases, _compare_congruences, _compare_matrices, _compare_cases, _compare_regions, _compare_tuples, _compare_collections, _compare_relations, _compare_ratios, _compare_bases,
    compare_quantities, _compare_shapes,
)  # fmt: skip
