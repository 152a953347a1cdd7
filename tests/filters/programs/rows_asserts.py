"""Programs that lines of asserts try, as MBPP has them, with what such lines do with a program."""

import json

from tests.filters.programs.code_row import CodeRow

ASSERTS: tuple[CodeRow, ...] = (
    CodeRow(
        "square of a sum, a list of asserts",
        {"test_list": ["assert square_sum(1, 2) == 9", "assert square_sum(0, 0) == 0", "assert square_sum(-3, 1) == 4"], "test_setup_code": ""},
        ("def square_sum(a, b):\n    return (a + b) ** 2", "def square_sum(a, b):\n    print('debug')\n    return a * a + 2 * a * b + b * b",
         "square_sum = lambda a, b: pow(a + b, 2)",
         "def square_sum(a, b):\n    return (a + b) ** 2\n\nif __name__ == '__main__':\n    print(square_sum(1, 1))"),
        {"sum of squares": "def square_sum(a, b):\n    return a * a + b * b", "the first assert alone": "def square_sum(a, b):\n    return 9",
         "all but the last": "def square_sum(a, b):\n    return abs(a + b) * (a + b)",
         "printed and not returned": "def square_sum(a, b):\n    print((a + b) ** 2)",
         "of another name": "def squareSum(a, b):\n    return (a + b) ** 2", "a text": "def square_sum(a, b):\n    return str((a + b) ** 2)",
         "it ends the process": "import sys\ndef square_sum(a, b):\n    sys.exit(0)", "it ends the process at once": "import os\nos._exit(0)",
         "it ends before the asserts": "def square_sum(a, b):\n    return 9\n\nraise SystemExit",
         "does not compile": "def square_sum(a, b)\n    return (a + b) ** 2", "raises": "def square_sum(a, b):\n    raise ValueError",
         "nothing": "pass"},
    ),
    CodeRow(
        "a circle's area, with what is imported before",
        {"test_list": ["assert math.isclose(circle(1), math.pi, rel_tol=1e-9)", "assert circle(0) == 0"], "test_setup_code": "import math"},
        ("def circle(r):\n    return 3.141592653589793 * r * r", "from math import tau\ndef circle(r):\n    return tau * r * r / 2"),
        {"a short pi": "def circle(r):\n    return 3.14 * r * r", "its border": "def circle(r):\n    return 2 * 3.141592653589793 * r",
         "a text": "def circle(r):\n    return str(3.141592653589793 * r * r)"},
    ),
    CodeRow(
        "letters counted, with imports in a list",
        {"test_list": ["assert tally('abca') == Counter({'a': 2, 'b': 1, 'c': 1})", "assert tally('') == Counter()", "assert isinstance(tally('x'), Counter)"],
         "test_imports": ["from collections import Counter", "import re"]},
        ("from collections import Counter\ntally = Counter",
         "import collections\ndef tally(s):\n    c = collections.Counter()\n    c.update(s)\n    return c"),
        {"a dictionary": "def tally(s):\n    return {c: s.count(c) for c in s}",
         "kinds alone": "from collections import Counter\ndef tally(s):\n    return Counter(set(s))",
         "small letters lost": "from collections import Counter\ndef tally(s):\n    return Counter(s.upper())"},
    ),
    CodeRow(
        "a text of asserts in JSON",
        {"tests": json.dumps(["assert tail([1, 2, 3], 2) == [2, 3]", "assert tail([1], 0) == []", "assert tail([1], 5) == [1]"])},
        ("def tail(xs, n):\n    return xs[max(0, len(xs) - n):]", "def tail(xs, n):\n    return xs[-n:] if n else []"),
        {"all for none": "def tail(xs, n):\n    return xs[-n:]", "the head": "def tail(xs, n):\n    return xs[:n]",
         "a tuple": "def tail(xs, n):\n    return tuple(xs[max(0, len(xs) - n):])"},
    ),
    CodeRow(
        "what verifies it is asserts",
        {"verification_info": {"language": "python", "test_cases": ["assert wrap('ab', '*') == '*ab*'", "assert wrap('', '-') == '--'"]}},
        ("def wrap(s, mark):\n    return f'{mark}{s}{mark}'", "def wrap(s, mark):\n    return s.join([mark, mark])"),
        {"before alone": "def wrap(s, mark):\n    return mark + s", "blanks": "def wrap(s, mark):\n    return f'{mark} {s} {mark}'",
         "nothing around nothing": "def wrap(s, mark):\n    return s and mark + s + mark"},
    ),
    CodeRow(
        "tuples in their order",
        {"test_list": ["assert min_max([3, 1, 2]) == (1, 3)", "assert min_max([5]) == (5, 5)"]},
        ("def min_max(xs):\n    return min(xs), max(xs)", "def min_max(xs):\n    xs = sorted(xs)\n    return (xs[0], xs[-1])"),
        {"turned": "def min_max(xs):\n    return max(xs), min(xs)", "a list": "def min_max(xs):\n    return [min(xs), max(xs)]",
         "a set": "def min_max(xs):\n    return {min(xs), max(xs)}", "first and last": "def min_max(xs):\n    return xs[0], xs[-1]"},
    ),
    CodeRow(
        "sets, and dictionaries with tuples for keys",
        {"test_list": ["assert edges(['ab', 'bc', 'ab']) == {('a', 'b'): 2, ('b', 'c'): 1}", "assert set(edges(['xy'])) == {('x', 'y')}", "assert edges([]) == {}"]},
        ("def edges(xs):\n    return {tuple(x): xs.count(x) for x in xs}",
         "from collections import Counter\ndef edges(xs):\n    return Counter(map(tuple, xs))"),
        {"texts for keys": "def edges(xs):\n    return {x: xs.count(x) for x in xs}",
         "keys turned": "def edges(xs):\n    return {tuple(x[::-1]): xs.count(x) for x in xs}",
         "each is one": "def edges(xs):\n    return {tuple(x): 1 for x in xs}",
         "pairs": "def edges(xs):\n    return [(tuple(x), xs.count(x)) for x in xs]"},
    ),
    CodeRow(
        "an argument is changed in place",
        {"test_list": ["x = [3, 1, 2]; sort_it(x); assert x == [1, 2, 3]", "y = []\nsort_it(y)\nassert y == []", "assert sort_it([2, 1]) is None"]},
        ("def sort_it(xs):\n    xs.sort()", "def sort_it(xs):\n    xs[:] = sorted(xs)"),
        {"a new list": "def sort_it(xs):\n    return sorted(xs)", "the name alone is changed": "def sort_it(xs):\n    xs = sorted(xs)",
         "the other way": "def sort_it(xs):\n    xs.sort(reverse=True)", "it is also returned": "def sort_it(xs):\n    xs.sort()\n    return xs"},
    ),
    CodeRow(
        "a generator that is used up",
        {"test_list": ["assert list(pairs([1, 2, 3])) == [(1, 2), (2, 3)]", "assert list(pairs([1])) == []", "it = pairs('abc'); next(it); assert next(it) == ('b', 'c')"]},
        ("def pairs(xs):\n    for i in range(len(xs) - 1):\n        yield xs[i], xs[i + 1]",
         "from itertools import pairwise\ndef pairs(xs):\n    return pairwise(xs)"),
        {"a list is no generator": "def pairs(xs):\n    return [(xs[i], xs[i + 1]) for i in range(len(xs) - 1)]",
         "all pairs": "from itertools import combinations\ndef pairs(xs):\n    return combinations(xs, 2)",
         "lists": "def pairs(xs):\n    for i in range(len(xs) - 1):\n        yield [xs[i], xs[i + 1]]"},
    ),
    CodeRow(
        "functions for arguments and results",
        {"test_list": ["assert apply_all([lambda x: x + 1, str, len], 9) == 2", "assert apply_all([], 'a') == 'a'", "assert compose(lambda x: x + 2, abs)(-3) == 5"]},
        ("def apply_all(fs, x):\n    for f in fs:\n        x = f(x)\n    return x\n\ndef compose(f, g):\n    return lambda x: f(g(x))",),
        {"the last first": "def apply_all(fs, x):\n    for f in fs[::-1]:\n        x = f(x)\n    return x\n\ndef compose(f, g):\n"
          "    return lambda x: f(g(x))",
         "composed the other way": "def apply_all(fs, x):\n    for f in fs:\n        x = f(x)\n    return x\n\ndef compose(f, g):\n"
          "    return lambda x: g(f(x))",
         "a value for a function": "def apply_all(fs, x):\n    for f in fs:\n        x = f(x)\n    return x\n\ndef compose(f, g):\n"
          "    return f(g(-3))",
         "one of two is missing": "def apply_all(fs, x):\n    for f in fs:\n        x = f(x)\n    return x"},
    ),
    CodeRow(
        "a class that the asserts use",
        {"test_list": ["s = Stack()\ns.push(1)\ns.push('b')\n"
          "assert len(s) == 2", "assert s.pop() == 'b' and s.pop() == 1", "assert Stack().peek() is None", "assert repr(Stack()) == 'Stack()'"]},
        ("class Stack:\n    def __init__(self): self.xs = []\n    def push(self, x): self.xs.append(x)\n    def pop(self): return self.xs.pop()\n"
          "    def peek(self): return self.xs[-1] if self.xs else None\n    def __len__(self): return len(self.xs)\n"
          "    def __repr__(self): return 'Stack()'",
         "class Stack(list):\n    push = list.append\n    def peek(self): return self[-1] if self else None\n"
          "    def __repr__(self): return 'Stack()'"),
        {"first in, first out": "class Stack(list):\n    push = list.append\n    def pop(self): return list.pop(self, 0)\n"
          "    def peek(self): return self[-1] if self else None\n    def __repr__(self): return 'Stack()'",
         "one list for all": "class Stack:\n    xs = [0]\n    def push(self, x): self.xs.append(x)\n    def pop(self): return self.xs.pop()\n"
          "    def peek(self): return None\n    def __len__(self): return len(self.xs)\n    def __repr__(self): return 'Stack()'",
         "no length": "class Stack:\n    def __init__(self): self.xs = []\n    def push(self, x): self.xs.append(x)\n"
          "    def pop(self): return self.xs.pop()\n    def peek(self): return None",
         "shows itself otherwise": "class Stack(list):\n    push = list.append\n    def peek(self): return self[-1] if self else None"},
    ),
    CodeRow(
        "bytes and complex numbers",
        {"test_list": ["assert pack([1, 255]) == b'\\x01\\xff'", "assert pack([]) == b''", "assert turn(1 + 2j) == -2 + 1j"]},
        ("def pack(xs):\n    return bytes(xs)\n\ndef turn(z):\n    return z * 1j",
         "def pack(xs):\n    return bytearray(xs)\n\ndef turn(z):\n    return complex(-z.imag, z.real)"),
        {"a text for bytes": "def pack(xs):\n    return ''.join(map(chr, xs))\n\ndef turn(z):\n    return z * 1j",
         "the other way": "def pack(xs):\n    return bytes(xs)\n\ndef turn(z):\n    return z * -1j",
         "a pair": "def pack(xs):\n    return bytes(xs)\n\ndef turn(z):\n    return -z.imag, z.real",
         "turned bytes": "def pack(xs):\n    return bytes(xs[::-1])\n\ndef turn(z):\n    return z * 1j"},
    ),
    CodeRow(
        "decimals and fractions",
        {"test_list": ["assert add_money('0.10', '0.20') == Decimal('0.30')", "assert str(add_money('1', '2.50')) == '3.50'", "assert part(2, 6) == Fraction(1, 3)"],
         "test_setup_code": "from decimal import Decimal\nfrom fractions import Fraction\n"},
        ("from decimal import Decimal as D\nfrom fractions import Fraction\ndef add_money(a, b):\n    return D(a) + D(b)\n\ndef part(a, b):\n"
          "    return Fraction(a, b)",),
        {"floats": "from fractions import Fraction\ndef add_money(a, b):\n    return float(a) + float(b)\n\ndef part(a, b):\n"
          "    return Fraction(a, b)",
         "a share by floats": "from decimal import Decimal as D\ndef add_money(a, b):\n    return D(a) + D(b)\n\ndef part(a, b):\n    return a / b",
         "decimals lost": "from decimal import Decimal as D\nfrom fractions import Fraction\ndef add_money(a, b):\n"
          "    return (D(a) + D(b)).normalize()\n\ndef part(a, b):\n    return Fraction(a, b)"},
    ),
    CodeRow(
        "days of a calendar, an ordered dictionary",
        {"test_list": ["assert after('2024-02-28', 1) == date(2024, 2, 29)", "assert after('2023-12-31', 1) == date(2024, 1, 1)", "assert by_key({'b': 1, 'a': 2}) == OrderedDict([('a', 2), ('b', 1)])"],
         "test_setup_code": "from datetime import date\nfrom collections import OrderedDict"},
        ("from datetime import date, timedelta\nfrom collections import OrderedDict\ndef after(day, n):\n"
          "    return date.fromisoformat(day) + timedelta(days=n)\n\ndef by_key(d):\n    return OrderedDict(sorted(d.items()))",),
        {"a text for a day": "from datetime import date, timedelta\ndef after(day, n):\n    return str(date.fromisoformat(day) + timedelta(days=n))\n"
          "\ndef by_key(d):\n    return dict(sorted(d.items()))",
         "a time for a day": "from datetime import datetime, timedelta\ndef after(day, n):\n"
          "    return datetime.fromisoformat(day) + timedelta(days=n)\n\ndef by_key(d):\n    return dict(sorted(d.items()))",
         "the order of old": "from datetime import date, timedelta\nfrom collections import OrderedDict\ndef after(day, n):\n"
          "    return date.fromisoformat(day) + timedelta(days=n)\n\ndef by_key(d):\n    return OrderedDict(d)"},
    ),
    CodeRow(
        "none and truth themselves",
        {"test_list": ["assert seek([1, 2], 2) is True", "assert seek([1, 2], 3) is False", "assert seek([], 1) is None"]},
        ("def seek(xs, x):\n    return x in xs if xs else None",),
        {"one for true": "def seek(xs, x):\n    return int(x in xs) if xs else None", "false for none": "def seek(xs, x):\n    return x in xs",
         "a word": "def seek(xs, x):\n    return str(x in xs) if xs else None",
         "how often": "def seek(xs, x):\n    return xs.count(x) if xs else None"},
    ),
)  # fmt: skip
