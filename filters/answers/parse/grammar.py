r"""Parse the tokens of an answer into a tree: lists of relations of sums of products, by recursive descent.

A parser of our own because answers are hostile: depth and length are bounded, nothing is evaluated, and a
text outside the grammar raises NotMathError instead of being read halfway. Atoms (fractions, brackets,
functions) are in `atoms`.
"""

from __future__ import annotations

from filters.answers.parse import atoms
from filters.answers.parse.function_names import is_function
from filters.answers.parse.measures import add_quantities, join_money, read_money
from filters.answers.parse.nodes import Node, measure_depth
from filters.answers.parse.parser_base import ParserBase
from filters.answers.parse.tokens import NotMathError
from filters.answers.parse.unit_cursor import CLOSING_SIGNS, RELATIONS, SEPARATORS
from filters.answers.parse.unit_pieces import UNIT_COMMANDS
from filters.answers.parse.unit_words import read_unit
from filters.answers.units import Unit, find_unit

MAX_TREE = 150
"""Depth of a tree, so that walking it recursively stays within Python's own bound."""
MAX_ITEMS = 400
"""Items of one list."""

_SUM = {"+": "add", "-": "sub", "\\pm": "pm", "\\mp": "mp"}
_PRODUCT = frozenset({"*", "/", ":"})


class Parser(ParserBase):
    """Reads one answer's tokens by the rules of the grammar."""

    def parse_answer(self) -> Node:
        """The whole answer."""
        node = self.parse_items()
        if self.at < len(self.tokens):
            raise NotMathError(f"stopped at {self.peek().value}")
        if measure_depth(node) > MAX_TREE:
            raise NotMathError("too deep a tree")
        return node

    def parse_items(self) -> Node:
        """Parts between commas, "and" or "or": one part alone, or a list."""
        parts, alternatives = [self.parse_relation()], False
        while self.peek().value in SEPARATORS and self.at < len(self.tokens):
            while self.peek().value in SEPARATORS and self.at < len(self.tokens):
                alternatives |= self.peek().value == "or"
                self.at += 1
            if self.at >= len(self.tokens) or self.peek().value in CLOSING_SIGNS:
                break
            parts.append(self.parse_relation())
            if len(parts) > MAX_ITEMS:
                raise NotMathError("too many items")
        return parts[0] if len(parts) == 1 else Node("list", tuple(parts), "or" if alternatives else ",")

    def parse_relation(self) -> Node:
        r"""Sums joined by =, <, \in and so on; one sum alone is itself."""
        self.enter_level()
        self.variables_seen = self.assigned = False
        terms, operators = [], []
        if self.peek().value not in RELATIONS:
            terms.append(self.parse_union())
            self.assigned = terms[0].op == "sym" and self.peek().value == "="
            self.variables_seen &= not self.assigned
        while (operator := RELATIONS.get(self.peek().value)) is not None:
            self.at += 1
            if operator in ("<", ">") and self.take("="):
                operator += "="
            terms.append(self.parse_union())
            operators.append(operator)
        self.depth -= 1
        if len(operators) == len(terms):
            operators = _without_first(operators)
        if not operators:
            return self.parse_remainder(terms[0])
        return self.parse_remainder(Node("rel", tuple(terms), " ".join(operators)))

    def parse_remainder(self, node: Node) -> Node:
        r"""A trailing `\pmod{m}`."""
        if self.take("\\pmod", "\\bmod", "\\mod"):
            modulus = self.parse_argument()
            if node.op == "rel" and len(node.args) == 2:
                return Node("mod", (*node.args, modulus))
            raise NotMathError("modulus without congruence")
        return node

    def parse_union(self) -> Node:
        r"""Sums joined by \cup or \setminus."""
        node = self.parse_quantity()
        while self.peek().value in ("\\cup", "\\setminus"):
            op = "union" if self.peek().value == "\\cup" else "without"
            self.at += 1
            node = Node(op, (node, self.parse_quantity()))
        return node

    def parse_quantity(self) -> Node:
        """A sum, with the unit before or after it: $5, 5 cm, $18 per hour, 2 hours 30 minutes."""
        ahead = self.peek().value == "-" and read_money(self, 1) is not None
        self.at += ahead
        money = read_money(self)
        self.at += 0 if money is None else money[1]
        node = self.parse_sum()
        if ahead:
            node = Node("neg", (node,))
        if money is not None:
            return Node("quantity", (node,), unit=self._parse_money(money[0]))
        unit = self.take_unit()
        if unit is None:
            return node
        if unit.kind == "word" and node.op == "mul" and all(arg.op == "sym" for arg in node.args):
            raise NotMathError("words")  # la mitosis, of which `la` is no product
        node = Node("quantity", (node,), unit=unit)
        if self.peek().kind == "num" and unit.dimension:
            return self._parse_smaller_rest(node)
        return node

    def _parse_money(self, money: Unit) -> Unit:
        """The unit of a number after a currency's sign, with what stands after the number."""
        unit = self.take_unit(money) or self.take_unit()
        found = money if unit is None else join_money(money, unit)
        if found is None:
            raise NotMathError("two units")
        return found

    def _parse_smaller_rest(self, first: Node) -> Node:
        """The same quantity's rest in a smaller unit, added: 2 hours and then 30 minutes."""
        self.enter_level()
        rest = self.parse_quantity()
        self.depth -= 1
        return add_quantities(first, rest)

    def parse_sum(self) -> Node:
        """Terms joined by + and -; plus-minus keeps both signs."""
        node = self.parse_term()
        while (op := _SUM.get(self.peek().value)) is not None:
            self.at += 1
            term = self.parse_term()
            if op == "sub":
                term = Node("neg", (term,))
            elif op != "add":
                term = Node(op, (term,))
            node = Node("add", (*node.args, term) if node.op == "add" else (node, term))
        return node

    def parse_term(self) -> Node:
        """Factors joined by *, / or nothing."""
        node = self.parse_factor()
        divided = False
        while True:
            value = self.peek().value
            if value in _PRODUCT and value and self.at < len(self.tokens):
                if self.is_unit_after(1):
                    return node
                self.at += 1
                factor = self.parse_factor()
                divided = value == "/"
                op = {"*": "mul", "/": "div", ":": "ratio"}[value]
                node = Node(op, (node, factor))
            elif self._is_factor_ahead():
                self.slashed |= divided
                factor = self.parse_power()
                single = factor.op == "set" and len(factor.args) == 1
                node = Node("mul", (node, factor.args[0] if single else factor))
            else:
                return node

    def _is_factor_ahead(self) -> bool:
        """Whether the next token begins a factor, rather than a unit or the end."""
        token = self.peek()
        if self.at >= len(self.tokens) or token.kind == self.tokens[self.at - 1].kind == "num":
            return False
        if token.value in SEPARATORS or not atoms.starts_factor(self, token):
            return False
        return not ((token.kind == "word" or token.value in UNIT_COMMANDS) and self.is_unit_ahead(token))

    def parse_factor(self) -> Node:
        """A factor with the signs before it."""
        negative = False
        while self.peek().value in ("+", "-") and self.at < len(self.tokens):
            negative ^= self.peek().value == "-"
            self.at += 1
        if self.peek().value in ("\\pm", "\\mp"):
            op = _SUM[self.peek().value]
            self.at += 1
            node = Node(op, (self.parse_power(),))
        else:
            node = self.parse_power()
        return Node("neg", (node,)) if negative else node

    def parse_power(self) -> Node:
        """An atom with factorials, signs and an exponent after it."""
        base = self.parse_postfix(self.parse_atom())
        if not self.take("^"):
            return base
        self.enter_level()
        exponent = self.parse_factor() if self.peek().value != "{" else self.parse_argument()
        self.depth -= 1
        return self.parse_postfix(Node("pow", (base, exponent)))

    def parse_postfix(self, node: Node) -> Node:
        """Factorials, and a percent or degree sign that more of the expression follows."""
        while self.at < len(self.tokens):
            value = self.peek().value
            if value == "!":
                double = self.peek(1).value == "!"
                self.at += 1 + double
                node = Node("call", (node,), "fact2" if double else "fact")
            elif value in ("%", "°") and (self.functions or read_unit(self.peek_rest()) is None):
                self.at += 1
                node = Node("quantity", (node,), unit=find_unit(value))
            else:
                break
        return node

    def parse_atom(self) -> Node:
        """The atom at the current token."""
        return atoms.read_atom(self)

    def parse_argument(self) -> Node:
        """What a command takes: a braced expression, or one token."""
        self.enter_level()
        if self.take("{"):
            self.inside += 1
            node = self.parse_sum()
            self.inside -= 1
            self.require("}")
        elif self.peek().kind == "num":
            node = self.parse_digit()
        elif self.peek().kind == "word" and not self.peek().text:
            node = self.parse_letter()
        else:
            node = self.parse_atom()
        self.depth -= 1
        return node

    def parse_digit(self) -> Node:
        r"""One digit of a number: `\frac12` is one half."""
        token = self.peek()
        if len(token.value) > 1 and token.value.isdigit():
            self.split_token()
            token = self.peek()
        self.at += 1
        return atoms.make_numeral(token.value)

    def parse_letter(self) -> Node:
        r"""One letter of a word: `\binom nk` has two arguments."""
        token = self.peek()
        if len(token.value) > 1 and not is_function(token.value):
            self.split_token()
        return self.parse_atom()


def _without_first(operators: list[str]) -> list[str]:
    """The operators of a relation without its left side: `= 5` is 5, but `> 5` is not; an arrow before it says nothing."""
    return operators[1:] if operators[0] in ("=", "~", "=>") else operators
