"""Views of trees that bring several spellings to one form before they are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from filters.answers.parse.function_names import COMPUTING_CALLS
from filters.answers.parse.measures import sum_quantities
from filters.answers.parse.nodes import Node, find_variables, make_variable, walk_tree
from filters.answers.prove.proof import compare_values
from filters.answers.units import Unit
from filters.answers.wordlists import make_word_set

MAX_SIGNS = 4
"""Items that may hold a plus-minus; each one doubles what is compared."""
_IMPLIES = ("=>", "<=>")
_SIGNED = ("pm", "mp")


def settle_derivation(node: Node) -> Node:
    """An answer's tree without its derivation: `x + 1 = 4 => x = 3` is x = 3, `2 + 3 = 5` is 5.

    A plus-minus becomes a list of both values; a tuple of names set equal to a tuple becomes assignments.
    """
    if node.op == "rel":
        node = _solution_set(_take_last_step(node))
    if node.op == "list":
        items = [arg if _limits_another(arg, node.args) else settle_derivation(arg) for arg in node.args]
        named = [item for item in items if not names_integers(item)] or items
        node = sum_quantities(replace(node, args=tuple(named))) if len(named) > 1 else named[0]
    if node.op == "rel" and node.value == "=" and node.args[0].op == node.args[1].op == "tuple":
        left, right = node.args
        if len(left.args) == len(right.args) and all(arg.op == "sym" for arg in left.args):
            pairs = zip(left.args, right.args, strict=True)
            return Node("list", tuple(Node("rel", pair, "=") for pair in pairs), ",")
    return _expand_signs(node)


def _limits_another(item: Node, items: tuple[Node, ...]) -> bool:
    r"""Whether an item says which values a name in another item takes: x = 3k, k \in \{0, 1\}."""
    if item.op != "rel" or item.value != "in" or item.args[0].op != "sym":
        return False
    return any(item.args[0].name in find_variables(other) for other in items if other is not item)


def _solution_set(node: Node) -> Node:
    """A named set is the set; a named interval says where the variable lies."""
    if node.op != "rel" or len(node.args) < 2 or node.value not in ("=", "in") or node.args[0].op != "sym":
        return node
    values = node.args[1]
    if values.op in ("set", "empty"):
        return node if node.args[0].name.isupper() and node.value == "=" else values
    interval = values.op in ("union", "without", "reals") or (values.op == "tuple" and values.value != "()")
    return replace(node, value="in") if interval else node


def names_integers(node: Node) -> bool:
    r"""Whether an item only says what a letter stands for: `k \in \mathbb{Z}`."""
    return node.op == "rel" and node.value == "in" and node.args[-1].op == "numbers"


def _take_last_step(node: Node) -> Node:
    """What the last implication of a chain says, with equal constants at its end folded into one.

    An arrow between terms that are no relations is no implication: it is kept. An approximation after an
    exact value is left out; one alone is taken for the value.
    """
    args, operators = _take_conclusion(list(node.args), node.name.split())
    if operators[:1] == ["~"] and find_variables(args[0]):
        operators[0] = "="
    if "~" in operators:
        cut = operators.index("~")
        args, operators = args[: cut + 1], operators[:cut]
    while operators and set(operators) == {"="} and _is_worked_out(args):
        operators.pop()
        args.pop(-2)
    return args[0] if not operators else Node("rel", tuple(args), " ".join(operators))


def _take_conclusion(args: list[Node], operators: list[str]) -> tuple[list[Node], list[str]]:
    """The part after the last implication sign that follows a relation."""
    last = 0
    for place, operator in enumerate(operators):
        if operator in _IMPLIES and any(other not in _IMPLIES for other in operators[last:place]):
            last = place + 1
    if last and not _solves(args[:last], args[last:]):
        return args, operators
    return args[last:], operators[last:]


def _solves(premises: list[Node], conclusion: list[Node]) -> bool:
    """Whether the last part of a chain tells what a name of the parts before it is; else the chain is a statement."""
    first = conclusion[0]
    if len(conclusion) == 1 or first.op != "sym":
        return not find_variables(*conclusion)
    return first.name in find_variables(*premises)


def _is_worked_out(args: list[Node]) -> bool:
    """Whether the last of a chain of equals is the one before it, worked out: 3 + 4 = 7, or x = ab = 12.

    Between constants that is proved; a formula in the middle of a chain is taken at its word.
    """
    if len(args) < 2:
        return False
    if find_variables(args[-2]) and _is_name_times_number(args[-2]):
        return False  # x = y = 3 says two things
    if find_variables(*args[-2:]):
        plain = not any(node.op in ("tuple", "list", "rel") for node in args[-2:])
        return (len(args) > 2 and plain and compare_values(args[-2], args[-1]) is not False) or (
            len(args) > 2 and plain and not find_variables(args[-1])
        )
    return compare_values(split_quantity(args[-2])[0], split_quantity(args[-1])[0]) is True


def _is_name_times_number(node: Node) -> bool:
    """Whether a node is nothing but a name, with a number before it or without."""
    if node.op in ("mul", "neg"):
        return sum(arg.op == "num" for arg in node.args) >= len(node.args) - 1 and all(
            arg.op == "num" or _is_name_times_number(arg) for arg in node.args
        )
    return node.op in ("sym", "call")


def _expand_signs(node: Node) -> Node:
    if not any(part.op in _SIGNED for part in walk_tree(node)):
        return node
    items = node.args if node.op in ("list", "set") else (node,)
    if len(items) > MAX_SIGNS:
        return node
    return Node("list", tuple(value for item in items for value in _list_signs(item)), ",")


def _list_signs(node: Node) -> tuple[Node, ...]:
    signs = sum(part.op in _SIGNED for part in walk_tree(node))
    if signs == 0 or (signs > 1 and node.op == "tuple"):
        return (node,)
    return _choose_sign(node, plus=True), _choose_sign(node, plus=False)


def _choose_sign(node: Node, *, plus: bool) -> Node:
    args = tuple(_choose_sign(arg, plus=plus) for arg in node.args)
    if node.op in _SIGNED:
        return args[0] if (node.op == "pm") == plus else Node("neg", args)
    return replace(node, args=args)


def split_quantity(node: Node) -> tuple[Node, Unit | None]:
    """A value and its unit; a minus sign may stand before both."""
    if node.op == "neg" and node.args[0].op == "quantity":
        inner = node.args[0]
        return Node("neg", inner.args), inner.unit
    if node.op == "quantity":
        return node.args[0], node.unit
    return node, None


def read_assignment(node: Node) -> tuple[Node, Node] | None:
    """The name and the value of `x = 3`, `3 = x` or `f(x) = ...`, or None."""
    if node.op != "rel" or node.value != "=":
        return None
    for name, value in (node.args, node.args[::-1]):
        if name.op == "sym" and name.name not in find_variables(value):
            return name, value
    name, value = node.args
    if name.op == "const" and name.name in ("e", "i"):
        return make_variable(name.name), value  # an eccentricity or a current, not the constant
    call = _as_call(name)
    return None if call is None else (call, value)


def _as_call(name: Node) -> Node | None:
    """The left side of f(x) = ... as a call: f(x), P(x), g(x, y), f^{-1}(x), a mean; AB and dF as names."""
    if name.op == "call" and name.name == "conj" and name.args[0].op == "sym":
        return make_variable(f"{name.args[0].name}:mean")
    if name.op == "call" and name.name not in COMPUTING_CALLS and name.args:
        inner = name.args[0]
        return replace(name, args=inner.args) if inner.op == "tuple" else name
    if name.op != "mul":
        return None
    head, inner = name.args
    if inner.op == "sym" and (letters := _list_factors(name)) is not None:
        joined = "".join(letters)
        capitals = "".join(letter.partition("_")[0] for letter in letters).isupper()
        return make_variable(joined) if capitals or (letters[0] == "d" and len(letters) == 2) else None
    inverse = head.op == "pow" and head.args[0].op == "sym"
    if (head.op != "sym" and not inverse) or inner.op not in ("sym", "tuple"):
        return None
    label = f"{head.args[0].name}^" if inverse else head.name
    return Node("call", inner.args or (inner,), label)


def _list_factors(node: Node) -> list[str] | None:
    """The names in a product of nothing but names."""
    if node.op == "sym":
        return [node.name]
    if node.op != "mul":
        return None
    found = [_list_factors(arg) for arg in node.args]
    return None if None in found else [name for names in found for name in names or ()]


def find_renaming(names: tuple[Node, ...], others: tuple[Node, ...]) -> dict[str, Node] | None:
    """What turns a function's variables into another's, or None where they are not variables."""
    if len(names) != len(others) or any(node.op != "sym" for node in (*names, *others)):
        return None
    return {other.name: name for name, other in zip(names, others, strict=True)}


def substitute_variables(node: Node, values: Mapping[str, Node]) -> Node:
    """The tree with other trees in the place of variables."""
    if node.op == "sym" and node.name in values:
        return values[node.name]
    return replace(node, args=tuple(substitute_variables(arg, values) for arg in node.args))


def split_ratio(node: Node) -> tuple[Node, ...]:
    """The parts of a:b:c, or nothing."""
    if node.op != "ratio":
        return ()
    return (*(split_ratio(node.args[0]) or (node.args[0],)), node.args[1])


def has_structure(node: Node) -> bool:
    """Whether a tree holds anything but scalar arithmetic: a number or an expression does not."""
    return any(part.op in _STRUCTURES for part in walk_tree(node))


_STRUCTURES = make_word_set(
    "list tuple set matrix row cases rel mod ratio union without reals empty phrase date clock range numbers"
)
