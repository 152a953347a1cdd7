"""Compare arithmetic progressions over the whole numbers as sets: 3k + 1 and 3k - 2 give the same values."""

from __future__ import annotations

from filters.answers.compare.views import read_assignment, substitute_variables
from filters.answers.parse.nodes import Node, find_variables, make_number
from filters.answers.prove.proof import compare_values, find_near_integer, has_roots
from filters.answers.prove.stepped import has_steps


def compare_progressions(a: Node, b: Node, name: str, domains: tuple[str, str]) -> bool | None:
    """Whether two families over the integers, or lists of them, give the same values."""
    items, others = (list(node.args) if node.op in ("list", "set") else [node] for node in (a, b))
    if len(items) != len(others):
        return None
    found = [[_compare_pair(x, y, name, domains) for y in others] for x in items]
    columns = list(zip(*found, strict=True))
    if all(True in line for line in (*found, *columns)):
        return True
    lost = len(items) == 1 and found[0][0] is False
    return False if lost else None


def _compare_pair(a: Node, b: Node, name: str, domains: tuple[str, str]) -> bool | None:
    """Whether u0 + u1 k and v0 + v1 k run through the same values: v1 is u1 or -u1, and v0 - u0 a multiple."""
    one, two = read_assignment(a), read_assignment(b)
    if one and two and one[0] != two[0]:
        return None
    u, v = (read_progression(pair[1] if pair else node, name) for pair, node in ((one, a), (two, b)))
    if u is None or v is None or find_variables(*u, *v):
        return None
    if set(domains) != {"Z"}:
        return _compare_half_lines(u, v, domains)
    steps = [compare_values(u[1], v[1]), compare_values(u[1], Node("neg", (v[1],)))]
    if steps == [False, False]:
        return False
    if True not in steps:
        return None
    turns = Node("div", (subtract(v[0], u[0]), u[1]))
    whole = find_near_integer(turns)
    return None if whole is None else compare_values(turns, make_number(whole))


def _compare_half_lines(u: tuple[Node, Node], v: tuple[Node, Node], domains: tuple[str, str]) -> bool | None:
    """Families over N: the same start and step, or different; over N and Z: different, as Z has no start."""
    if set(domains) == {"N"}:
        found = [compare_values(u[0], v[0]), compare_values(u[1], v[1])]
        return True if found == [True, True] else False if False in found else None
    return False if set(domains) == {"N", "Z"} else None


def read_progression(node: Node, name: str) -> tuple[Node, Node] | None:
    """Start and step of an expression that is linear in the parameter, and not constant."""
    if has_steps(node) or has_roots(node):
        return None
    at = [substitute_variables(node, {name: make_number(value)}) for value in (0, 1, 2, 5)]
    start, step = at[0], subtract(at[1], at[0])
    for value, found in ((2, at[2]), (5, at[3])):
        if not compare_values(found, Node("add", (start, Node("mul", (step, make_number(value)))))):
            return None
    return (start, step) if compare_values(step, make_number(0)) is False else None


def subtract(a: Node, b: Node) -> Node:
    """The difference of two expressions."""
    return Node("add", (a, Node("neg", (b,))))
