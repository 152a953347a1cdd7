r"""Read vectors however they are written: (3, 4), a column, or 3i + 4j with unit vectors.

Unit vectors are letters i, j, k with or without hats and arrows. `3 + 4i` stays a complex number: a vector has
a j or a k, and nothing without a unit vector.
"""

from __future__ import annotations

from filters.answers.compare.views import has_structure, read_assignment, substitute_variables
from filters.answers.parse.nodes import Node, find_variables, make_number, make_variable, walk_tree
from filters.answers.prove.proof import compare_values

_UNITS = {"i": 0, "j": 1, "k": 2, "imath": 0, "jmath": 1}
_I = Node("const", value="i")


def read_vector(node: Node) -> tuple[Node, ...] | None:
    """The coordinates of a vector, or None."""
    named = read_assignment(node)
    if named is not None:
        node = named[1]
    if node.op == "tuple" and node.value in ("()", "[]"):
        return node.args
    if node.op == "matrix":
        rows = [row.args for row in node.args]
        if len(rows) == 1:
            return rows[0]
        return tuple(row[0] for row in rows) if all(len(row) == 1 for row in rows) else None
    return None if has_structure(node) else _read_sum(node)


def _read_sum(node: Node) -> tuple[Node, ...] | None:
    """The coefficients of i, j and k in a sum that is linear in them."""
    node = _name_units(node)
    names = find_variables(node)
    units = [name for name in names if name.startswith("\0")]
    if "\0j" not in units and "\0k" not in units:
        return None
    zero, one = make_number(0), make_number(1)
    parts = []
    for unit in ("\0i", "\0j", "\0k"):
        at = {name: one if name == unit else zero for name in ("\0i", "\0j", "\0k")}
        parts.append(substitute_variables(node, at))
    total = Node(
        "add",
        tuple(
            Node("mul", (part, make_variable(unit)))
            for part, unit in zip(parts, ("\0i", "\0j", "\0k"), strict=True)
        ),
    )
    if compare_values(node, total) is not True:
        return None
    return tuple(parts) if "\0k" in units else tuple(parts[:2])


def _name_units(node: Node) -> Node:
    """The tree with every unit vector under one name of its own."""
    known = {
        part.name: unit
        for part in walk_tree(node)
        if part.op == "sym" and (unit := _find_unit(part.name)) is not None
    }
    if not {"\0j", "\0k"} & set(known.values()):
        return node
    node = substitute_variables(node, {name: make_variable(unit) for name, unit in known.items()})
    return _replace_i(node)


def _find_unit(name: str) -> str | None:
    """The unit vector that a variable's name spells, with its accent or without."""
    letter = name.rpartition(":")[2].lstrip("\\")
    return "\0" + "ijk"[_UNITS[letter]] if letter in _UNITS else None


def _replace_i(node: Node) -> Node:
    if node == _I:
        return make_variable("\0i")
    return Node(node.op, tuple(_replace_i(arg) for arg in node.args), node.value, node.unit)
