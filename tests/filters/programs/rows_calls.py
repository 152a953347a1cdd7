"""Programs whose function is called: plain functions and methods of `Solution`, and both sides of each rule about values."""

import json

from tests.filters.programs.code_row import CodeRow


def make_solution(head: str, body: str) -> str:
    """A program with one method of a class, as LeetCode asks for it. body: statements, one a line."""
    lines = "\n".join(f"        {line}" for line in body.split("\n"))
    return f"class Solution:\n    def {head}:\n{lines}\n"


def make_called(name: str, *cases: tuple[list[object], object]) -> dict[str, object]:
    """The columns of a function with its arguments and what it returns."""
    return {
        "fn_name": name,
        "inputs": [given for given, _ in cases],
        "outputs": [value for _, value in cases],
    }


def make_lines(*cases: tuple[list[object], object]) -> list[dict[str, str]]:
    """The same as pairs of texts, an argument a line, as LiveCodeBench has them."""
    return [
        {"input": "\n".join(map(json.dumps, given)), "output": json.dumps(value), "testtype": "functional"}
        for given, value in cases
    ]


SHAPES = (
    CodeRow(
        "add with a carry, columns",
        {"tests": make_called("add", ([1, 2], 3), ([9, -9], 0))},
        ("def add(a, b):\n    return a + b", "add = lambda a, b: a + b", "def add(a, b):\n    print('adding', a, b)\n    return float(a + b)",
         "def add(a, b):\n    return a + b\n\nif __name__ == '__main__':\n    print(add(1, 2))", "from operator import add"),
        {
            "printed and not returned": "def add(a, b):\n    print(a + b)", "a text": "def add(a, b):\n    return str(a + b)",
            "in a list": "def add(a, b):\n    return [a + b]",
            "false for zero": "def add(a, b):\n    return a + b or False", "none for zero": "def add(a, b):\n    return a + b or None",
            "of another name": "def plus(a, b):\n    return a + b",
            "takes one alone": "def add(pair):\n    return sum(pair)", "raises": "def add(a, b):\n    raise NotImplementedError",
            "no function": "add = 3",
            "complex": "def add(a, b):\n    return complex(a + b)",
        },
    ),
    CodeRow(
        "is it even, columns in JSON",
        {"input_output": json.dumps(make_called("even", ([4], True), ([7], False)))},
        ("def even(n):\n    return n % 2 == 0", "def even(n):\n    return not n & 1"),
        {"one for true": "def even(n):\n    return 1 - n % 2", "a word": "def even(n):\n    return 'true' if n % 2 == 0 else 'false'",
         "turned": "def even(n):\n    return n % 2 == 1",
         "none for false": "def even(n):\n    return True if n % 2 == 0 else None", "a float": "def even(n):\n    return float(n % 2 == 0)"},
    ),
    CodeRow(
        "values that sets of old put into a list",
        {"tests": make_called("area", ([2, 3], [6]), ([1, 1], [1]))},
        ("def area(a, b):\n    return a * b", "def area(a, b):\n    return [a * b]", "def area(a, b):\n    return (a * b,)"),
        {"twice in a list": "def area(a, b):\n    return [[a * b]]", "half": "def area(a, b):\n    return a * b / 2",
         "two in a list": "def area(a, b):\n    return [a * b, a * b]",
         "an empty list": "def area(a, b):\n    return []", "a text in it": "def area(a, b):\n    return [str(a * b)]"},
    ),
    CodeRow(
        "positions of a sum, a method's lines",
        {"public_test_cases": json.dumps(make_lines(([[3, 8, 4], 7], [0, 2]))), "private_test_cases": json.dumps(make_lines(([[5, 5], 10], [0, 1]))),
         "fn_name": "pairSum", "starter_code": "class Solution:\n    def pairSum(self, nums, target):\n        "},
        (make_solution("pairSum(self, nums, target)", "n = len(nums)\n"
          "return next([i, j] for i in range(n) for j in range(i + 1, n) if nums[i] + nums[j] == target)"),
         make_solution("pairSum(self, nums, target)", "seen = {}\nfor i, x in enumerate(nums):\n    if target - x in seen:\n"
          "        return (seen[target - x], i)\n    seen[x] = i")),
        {
            "in the other order": make_solution("pairSum(self, nums, target)", "seen = {}\nfor i, x in enumerate(nums):\n    if target - x in seen:\n"
             "        return [i, seen[target - x]]\n    seen[x] = i"),
            "the public case alone": make_solution("pairSum(self, nums, target)", "return [0, 2]"),
            "values and not positions": make_solution("pairSum(self, nums, target)", "return [x for x in nums if target - x in nums][:2]"),
            "from one on": make_solution("pairSum(self, nums, target)", "n = len(nums)\n"
             "return next([i + 1, j + 1] for i in range(n) for j in range(i + 1, n) if nums[i] + nums[j] == target)"),
        },
    ),
    CodeRow(
        "letters that stand once, what verifies it",
        {"verification_info": {"language": "python", "test_cases": [{"input": ["level"], "output": "v", "fn_name": "once", "type": "function_call"}, {"input": ["aa"], "output": "", "fn_name": "once", "type": "function_call"}]}},
        ("def once(s):\n    return ''.join(c for c in s if s.count(c) == 1)",),
        {"a list of letters": "def once(s):\n    return [c for c in s if s.count(c) == 1]",
         "none for nothing": "def once(s):\n    return ''.join(c for c in s if s.count(c) == 1) or None",
         "a blank behind": "def once(s):\n    return ''.join(c for c in s if s.count(c) == 1) + ' '",
         "a capital": "def once(s):\n    return ''.join(c for c in s if s.count(c) == 1).upper()"},
    ),
    CodeRow(
        "the middle of three, what verifies it in JSON",
        {"verification_info": json.dumps({"language": "python", "test_cases": [{"input": [3, 1, 2], "output": [2], "fn_name": "middle", "type": "function_call"}, {"input": [5, 5, 0], "output": [5], "fn_name": "middle", "type": "function_call"}]})},
        ("def middle(*three):\n    return sorted(three)[1]", "def middle(a, b, c):\n    return a + b + c - min(a, b, c) - max(a, b, c)"),
        {"the second": "def middle(a, b, c):\n    return b", "the mean": "def middle(a, b, c):\n    return (a + b + c) / 3"},
    ),
    CodeRow(
        "no arguments, an input without lines",
        {"tests": [{"input": "", "output": "[2, 3, 5, 7]", "type": "function_call", "fn_name": "small_primes"}]},
        ("def small_primes():\n    return [2, 3, 5, 7]",
         "def small_primes(most=10):\n    return [n for n in range(2, most) if all(n % d for d in range(2, n))]"),
        {"one is among them": "def small_primes():\n    return [1, 2, 3, 5, 7]", "a set": "def small_primes():\n    return {2, 3, 5, 7}",
         "a generator": "def small_primes():\n    yield from [2, 3, 5, 7]",
         "wants an argument": "def small_primes(most):\n    return [2, 3, 5, 7]", "a text of it": "def small_primes():\n    return '[2, 3, 5, 7]'",
         "a dictionary of it": "def small_primes():\n    return dict.fromkeys([2, 3, 5, 7])"},
    ),
    CodeRow(
        "nothing found is null, lines of JSON",
        {"tests": make_lines(([[1, 4, 9], 5], 9), ([[1], 5], None)), "fn_name": "first_above"},
        ("def first_above(xs, least):\n    return next((x for x in xs if x > least), None)",
         "def first_above(xs, least):\n    for x in xs:\n        if x > least:\n            return x"),
        {"less than nothing": "def first_above(xs, least):\n    return next((x for x in xs if x > least), -1)",
         "false": "def first_above(xs, least):\n    return next((x for x in xs if x > least), False)",
         "zero": "def first_above(xs, least):\n    return next((x for x in xs if x > least), 0)",
         "a word": "def first_above(xs, least):\n    return next((x for x in xs if x > least), 'null')",
         "an empty list": "def first_above(xs, least):\n    return next((x for x in xs if x > least), [])",
         "raises": "def first_above(xs, least):\n    return next(x for x in xs if x > least)"},
    ),
    CodeRow(
        "a method that calls itself and another",
        {"tests": make_called("depth", ([[1, [2, [3]]]], 3), ([[]], 1)), "starter_code": "class Solution:\n    def depth(self, nested):"},
        (make_solution("depth(self, nested)", "return 1 + max((self.depth(x) for x in nested if self.is_list(x)), default=0)") + "    def is_list(self, x):\n        return isinstance(x, list)\n",
         "def depth(nested):\n    return 1 + max((depth(x) for x in nested if isinstance(x, list)), default=0)\n\nclass Solution:\n"
          "    def depth(self, nested):\n        return depth(nested)\n"),
        {"off by one": make_solution("depth(self, nested)", "return max((1 + self.depth(x) for x in nested if isinstance(x, list)), default=0)"),
         "the brackets' number": make_solution("depth(self, nested)", "return str(nested).count('[') + (not nested)"),
         "one level deep at most": make_solution("depth(self, nested)", "return 1 + any(isinstance(x, list) for x in nested)")},
    ),
    CodeRow(
        "nested under tests, limits of its own",
        {"tests": {"test_cases": make_called("clamp", ([5, 0, 3], 3), ([-1, 0, 3], 0), ([2, 0, 3], 2)), "time_limit": 1, "memory_limit": "128 MB"}},
        ("def clamp(x, low, high):\n    return max(low, min(x, high))", "def clamp(x, low, high):\n    return sorted([x, low, high])[1]"),
        {"high alone": "def clamp(x, low, high):\n    return min(x, high)", "low alone": "def clamp(x, low, high):\n    return max(x, low)",
         "turned": "def clamp(low, x, high):\n    return max(low, min(x, high + 1))"},
    ),
    CodeRow(
        "several test columns for one function",
        {"public_tests": make_called("half", ([8], 4)), "private_tests": make_called("half", ([7], 3), ([-7], -4))},
        ("def half(n):\n    return n // 2", "def half(n):\n    return n >> 1"),
        {"a fraction": "def half(n):\n    return n / 2", "towards zero": "def half(n):\n    return int(n / 2)",
         "the public test alone": "def half(n):\n    return 4"},
    ),
)  # fmt: skip

RULES = (
    CodeRow(
        "one is not true and not a text",
        {"tests": make_called("ones", ([3], [1, "1", True, None, 1.5]))},
        ("def ones(n):\n    return [1, '1', True, None, 1.5]", "def ones(n):\n    return (1.0, '1', n == 3, None, n / 2)"),
        {"true for one": "def ones(n):\n    return [True, '1', True, None, 1.5]", "one for true": "def ones(n):\n    return [1, '1', 1, None, 1.5]",
         "one for '1'": "def ones(n):\n    return [1, 1, True, None, 1.5]",
         "'1' for one": "def ones(n):\n    return ['1', '1', True, None, 1.5]",
         "'None' for null": "def ones(n):\n    return [1, '1', True, 'None', 1.5]",
         "zero for null": "def ones(n):\n    return [1, '1', True, 0, 1.5]",
         "false for null": "def ones(n):\n    return [1, '1', True, False, 1.5]",
         "'1.5' for 1.5": "def ones(n):\n    return [1, '1', True, None, '1.5']", "bytes": "def ones(n):\n    return [1, b'1', True, None, 1.5]"},
    ),
    CodeRow(
        "a value: a fraction, a millionth off at most",
        {"tests": make_called("ratio", ([1, 4], 0.25), ([0, 4], 0.0))},
        ("def ratio(a, b):\n    return a / b", "def ratio(a, b):\n    return a / b + 9e-7", "def ratio(a, b):\n    return a / b - 1e-9",
         "def ratio(a, b):\n    return a / b if a else 0", "def ratio(a, b):\n    return a / b or -0.0"),
        {"more than a millionth": "def ratio(a, b):\n    return a / b + 1.1e-6",
         "less by more than a millionth": "def ratio(a, b):\n    return a / b - 1.1e-6",
         "a ten-thousandth": "def ratio(a, b):\n    return a / b + 1e-4",
         "rounded": "def ratio(a, b):\n    return round(a / b, 1)", "no number": "def ratio(a, b):\n    return float('nan')",
         "without end": "def ratio(a, b):\n    return float('inf')",
         "no number where it is zero": "def ratio(a, b):\n    return a / b if a else float('nan')",
         "false for zero": "def ratio(a, b):\n    return a / b or False",
         "a Fraction": "from fractions import Fraction\ndef ratio(a, b):\n    return Fraction(a, b)",
         "a text": "def ratio(a, b):\n    return f'{a / b}'"},
    ),
    CodeRow(
        "a value: tenths that are added",
        {"tests": make_called("total", ([[0.1, 0.2]], 0.3), ([[1.1, 2.2, 3.3]], 6.6))},
        ("def total(xs):\n    return sum(xs)", "import math\ntotal = math.fsum"),
        {"whole parts": "def total(xs):\n    return sum(map(int, xs))", "one is left out": "def total(xs):\n    return sum(xs[:-1])",
         "the sums on the way": "def total(xs):\n    return [sum(xs[:i]) for i in range(1, len(xs) + 1)]"},
    ),
    CodeRow(
        "a value: a large fraction, by its share",
        {"tests": make_called("grow", ([2000000], 3000000.5))},
        ("def grow(n):\n    return n * 1.5 + 0.5", "def grow(n):\n    return n * 1.5 + 3", "def grow(n):\n    return 3e6"),
        {"more than its share": "def grow(n):\n    return n * 1.5 + 3.6", "a ten-thousandth of it": "def grow(n):\n    return n * 1.5001"},
    ),
    CodeRow(
        "a value: a whole number that was computed with fractions",
        {"tests": make_called("root", ([81], 9), ([100], 10))},
        ("def root(n):\n    return n ** 0.5", "def root(n):\n    return round(n ** 0.5)",
         "import math\ndef root(n):\n    return math.exp(math.log(n) / 2)", "def root(n):\n    return n ** 0.5 + 9e-7"),
        {"more than a millionth": "def root(n):\n    return n ** 0.5 + 1.1e-6", "a half": "def root(n):\n    return n ** 0.5 + 0.5",
         "the next": "def root(n):\n    return int(n ** 0.5) + 1", "both roots": "def root(n):\n    return [-n ** 0.5, n ** 0.5]"},
    ),
    CodeRow(
        "a value: large whole numbers are equal or not",
        {"tests": make_called("power", ([3, 50], 3**50), ([2, 80], 2**80))},
        ("def power(a, b):\n    return a ** b", "def power(a, b):\n    return 1 if b == 0 else a * power(a, b - 1)", "power = pow"),
        {"one more": "def power(a, b):\n    return a ** b + 1", "by a float": "def power(a, b):\n    return int(float(a) ** b)",
         "by a remainder": "def power(a, b):\n    return pow(a, b, 10**9 + 7)", "a text": "def power(a, b):\n    return str(a ** b)"},
    ),
    CodeRow(
        "nested lists keep their form",
        {"tests": make_called("rows", ([2], [[0, 1], [2, 3]]), ([1], [[0]]), ([0], []))},
        ("def rows(n):\n    return [[n * i + j for j in range(n)] for i in range(n)]",
         "def rows(n):\n    return tuple(tuple(range(n * i, n * i + n)) for i in range(n))"),
        {"flat": "def rows(n):\n    return list(range(n * n))",
         "columns": "def rows(n):\n    return [[n * j + i for j in range(n)] for i in range(n)]",
         "the last row is missing": "def rows(n):\n    return [[n * i + j for j in range(n)] for i in range(n - 1)]",
         "one row more": "def rows(n):\n    return [[n * i + j for j in range(n)] for i in range(n + 1)]",
         "none for no rows": "def rows(n):\n    return [[n * i + j for j in range(n)] for i in range(n)] or None",
         "an empty row for no rows": "def rows(n):\n    return [[n * i + j for j in range(n)] for i in range(n)] or [[]]",
         "texts for rows": "def rows(n):\n    return [str(list(range(n * i, n * i + n))) for i in range(n)]",
         "ranges": "def rows(n):\n    return [range(n * i, n * i + n) for i in range(n)]",
         "deeper": "def rows(n):\n    return [[[n * i + j] for j in range(n)] for i in range(n)]"},
    ),
    CodeRow(
        "the order of a list counts",
        {"tests": make_called("distinct", ([[3, 1, 3, 2]], [3, 1, 2]), ([[]], []))},
        ("def distinct(xs):\n    return list(dict.fromkeys(xs))",),
        {"sorted": "def distinct(xs):\n    return sorted(set(xs))",
         "the last of each": "def distinct(xs):\n    return list(dict.fromkeys(xs[::-1]))[::-1]", "all": "def distinct(xs):\n    return xs",
         "a set": "def distinct(xs):\n    return set(xs)",
         "keys of a dictionary": "def distinct(xs):\n    return dict.fromkeys(xs).keys()",
         "an object for a list": "def distinct(xs):\n    return {str(x): None for x in xs}",
         "a prefix": "def distinct(xs):\n    return list(dict.fromkeys(xs))[:2]"},
    ),
    CodeRow(
        "an object's keys, in any order",
        {"tests": make_called("count", (["abca"], {"a": 2, "b": 1, "c": 1}), ([""], {}))},
        ("def count(s):\n    return {c: s.count(c) for c in s}", "from collections import Counter\ndef count(s):\n    return Counter(reversed(s))",
         "def count(s):\n    return {c: float(s.count(c)) for c in sorted(s, reverse=True)}"),
        {"a key more": "def count(s):\n    return {c: s.count(c) for c in s + 'z'}",
         "a key less": "def count(s):\n    return {c: s.count(c) for c in s if s.count(c) > 1}",
         "pairs": "def count(s):\n    return [[c, s.count(c)] for c in dict.fromkeys(s)]",
         "texts for numbers": "def count(s):\n    return {c: str(s.count(c)) for c in s}",
         "a capital key": "def count(s):\n    return {c.upper(): s.count(c) for c in s}",
         "true for one": "def count(s):\n    return {c: s.count(c) if s.count(c) > 1 else True for c in s}",
         "a list for an empty object": "def count(s):\n    return {c: s.count(c) for c in s} or []",
         "none for an empty object": "def count(s):\n    return {c: s.count(c) for c in s} or None",
         "a set of keys": "def count(s):\n    return set(s)"},
    ),
    CodeRow(
        "texts letter by letter",
        {"tests": make_called("title", (["über uns"], "Über Uns"), (["a  b"], "A  B"))},
        ("def title(s):\n    return s.title()", "import re\ndef title(s):\n    return re.sub(r'(^|\\s)(\\w)', lambda m: m[1] + m[2].upper(), s)"),
        {"the first word alone": "def title(s):\n    return s.capitalize()", "blanks lost": "def title(s):\n    return ' '.join(s.title().split())",
         "a newline behind": "def title(s):\n    return s.title() + '\\n'", "a blank before": "def title(s):\n    return ' ' + s.title()",
         "words": "def title(s):\n    return s.title().split(' ')",
         "letters taken apart": "import unicodedata\ndef title(s):\n    return unicodedata.normalize('NFD', s.title())",
         "bytes": "def title(s):\n    return s.title().encode()"},
    ),
    CodeRow(
        "numbers in texts are texts",
        {"tests": make_called("decimals", ([2], "2.00"), ([0.5], "0.50"))},
        ("def decimals(x):\n    return f'{x:.2f}'", "def decimals(x):\n    return '%.2f' % x"),
        {"one decimal": "def decimals(x):\n    return f'{x:.1f}'", "the number": "def decimals(x):\n    return round(x, 2)",
         "three decimals": "def decimals(x):\n    return f'{x:.3f}'"},
    ),
    CodeRow(
        "values exactly as they are expected",
        {"tests": make_called("third", ([1.5], 0.5), ([6], 2)), "exact": True},
        ("def third(x):\n    return x / 3", "def third(x):\n    return 0.5 if x < 6 else 2"),
        {"a billionth more": "def third(x):\n    return x / 3 + 1e-9", "true for two": "def third(x):\n    return x / 3 if x < 6 else True",
         "a text": "def third(x):\n    return str(x / 3)"},
    ),
    CodeRow(
        "arguments of each kind are given as they are",
        {"tests": make_called("kinds", ([1, "1", True, None, [1], {"a": 1}, 0.5], ["int", "str", "bool", "NoneType", "list", "dict", "float"]))},
        ("def kinds(*given):\n    return [type(one).__name__ for one in given]",),
        {"of all the same": "def kinds(*given):\n    return ['str' for one in given]",
         "types themselves": "def kinds(*given):\n    return [type(one) for one in given]"},
    ),
    CodeRow(
        "a list that the function changes is its own",
        {"tests": make_called("drain", ([[1, 2]], 3), ([[1, 2]], 3))},
        ("def drain(xs):\n    total = 0\n    while xs:\n        total += xs.pop()\n    return total",),
        {"the list itself": "def drain(xs):\n    return xs", "nothing is left": "def drain(xs):\n    xs.clear()\n    return sum(xs)"},
    ),
)  # fmt: skip

CALLS: tuple[CodeRow, ...] = SHAPES + RULES
