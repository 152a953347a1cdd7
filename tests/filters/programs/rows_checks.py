"""Programs that a function `check` tries, as HumanEval has it, with what such functions do with a program."""

from textwrap import dedent

from tests.filters.programs.code_row import CodeRow


def make_check(name: str, body: str) -> dict[str, str]:
    """The columns of a function and of the check that is given it. body: its statements, indented by what stands around them."""
    lines = dedent(body).strip().replace("\n", "\n    ")
    return {
        "entry_point": name,
        "test": f"METADATA = {{'author': 'ours'}}\n\n\ndef check(candidate):\n    {lines}\n",
    }


CHECKS: tuple[CodeRow, ...] = (
    CodeRow(
        "a word turned round, a check",
        make_check("mirror", """
            assert candidate('abc') == 'cba'
            assert candidate('') == ''
        """),
        ("def mirror(s):\n    return s[::-1]", "def turned(s):\n    return ''.join(reversed(s))\n\ndef mirror(s):\n    return turned(s)"),
        {"as it is": "def mirror(s):\n    return s", "letters": "def mirror(s):\n    return list(s[::-1])",
         "an iterator": "def mirror(s):\n    return reversed(s)", "none for nothing": "def mirror(s):\n    return s[::-1] or None",
         "a check of its own": "def mirror(s):\n    return s\n\ndef check(candidate):\n    pass",
         "it ends the process": "def mirror(s):\n    raise SystemExit(0)", "the name is no function": "mirror = 'cba'"},
    ),
    CodeRow(
        "a root that is near",
        make_check("root", """
            for n in range(1, 20):
                assert abs(candidate(n) ** 2 - n) < 1e-6, n
            assert abs(candidate(2) - 1.41421356) < 1e-6
        """),
        ("def root(n):\n    return n ** 0.5", "def root(n):\n    x = n\n    for _ in range(40):\n        x = (x + n / x) / 2\n    return x",
         "def root(n):\n    return n ** 0.5 + 1e-8"),
        {"too few steps": "def root(n):\n    x = n\n    for _ in range(2):\n        x = (x + n / x) / 2\n    return x",
         "whole": "def root(n):\n    return int(n ** 0.5)", "five decimals": "def root(n):\n    return round(n ** 0.5, 5)",
         "the negative one": "def root(n):\n    return -n ** 0.5",
         "no number": "def root(n):\n    return float('nan')"},
    ),
    CodeRow(
        "what it refuses, it refuses with ValueError",
        make_check("positive", """
            assert candidate('12') == 12
            for bad in ('-1', 'x', ''):
                try:
                    candidate(bad)
                except ValueError:
                    continue
                raise AssertionError(bad)
        """),
        ("def positive(s):\n    n = int(s)\n    if n < 0:\n        raise ValueError(s)\n    return n",
         "class NotPositive(ValueError):\n    pass\n\ndef positive(s):\n    if not s.isdigit():\n        raise NotPositive\n    return int(s)"),
        {"none is refused": "def positive(s):\n    return int(s or 0)",
         "none is returned": "def positive(s):\n    return int(s) if s.isdigit() else None",
         "another error": "def positive(s):\n    if not s.isdigit():\n        raise TypeError\n    return int(s)",
         "the error is returned": "def positive(s):\n    return int(s) if s.isdigit() else ValueError(s)",
         "all are refused": "def positive(s):\n    raise ValueError", "less than zero is not refused": "positive = int"},
    ),
    CodeRow(
        "a check with helpers of its own",
        {"entry_point": "spread",
         "test": "from itertools import permutations\n\ndef is_far(xs, least):\n    return all(abs(a - b) >= least for a, b in zip(xs, xs[1:]))\n\n"
          "def check(candidate):\n    def try_one(n):\n        found = candidate(n)\n        assert sorted(found) == list(range(n)), found\n"
          "        assert is_far(found, 2)\n    for n in (4, 5, 6):\n        try_one(n)\n    assert candidate(1) == [0]\n\n\n"},
        ("from itertools import permutations\ndef spread(n):\n"
          "    return next(list(p) for p in permutations(range(n)) if all(abs(a - b) > 1 for a, b in zip(p, p[1:])))",
         "def spread(n):\n    return [0] if n == 1 else [1, 3, 0, 2] if n == 4 else [*range(0, n, 2), *range(1, n, 2)]"),
        {"in order": "def spread(n):\n    return list(range(n))", "near once": "def spread(n):\n    return [*range(0, n, 2), *range(1, n, 2)]",
         "one is missing": "def spread(n):\n    return [*range(0, n, 2)]",
         "its own helper is no help": "def is_far(xs, least):\n    return True\n\ndef spread(n):\n    return list(range(n))"},
    ),
    CodeRow(
        "nested lists turned",
        make_check("transpose", """
            assert candidate([[1, 2, 3], [4, 5, 6]]) == [[1, 4], [2, 5], [3, 6]]
            assert candidate([]) == []
            grid = [[1, 2], [3, 4]]
            candidate(grid)
            assert grid == [[1, 2], [3, 4]]
        """),
        ("def transpose(grid):\n    return [list(column) for column in zip(*grid)]",
         "def transpose(grid):\n    return [[row[i] for row in grid] for i in range(len(grid[0]))] if grid else []"),
        {"tuples": "def transpose(grid):\n    return list(zip(*grid))",
         "flat": "def transpose(grid):\n    return [x for column in zip(*grid) for x in column]",
         "as it is": "def transpose(grid):\n    return grid",
         "what is given is changed": "def transpose(grid):\n    grid[:] = [list(column) for column in zip(*grid)]\n    return grid",
         "fails for nothing": "def transpose(grid):\n    return [[row[i] for row in grid] for i in range(len(grid[0]))]"},
    ),
    CodeRow(
        "sets that are equal in any order",
        make_check("common", """
            assert candidate([1, 2, 2, 3], [2, 3, 4]) == {2, 3}
            assert candidate([], [1]) == set()
            assert candidate('ab', 'ba') == frozenset('ab')
        """),
        ("def common(a, b):\n    return set(a) & set(b)", "def common(a, b):\n    return frozenset(x for x in b if x in a)"),
        {"a list": "def common(a, b):\n    return sorted(set(a) & set(b))", "all": "def common(a, b):\n    return set(a) | set(b)",
         "an empty dictionary": "def common(a, b):\n    return {x for x in a if x in b} or {}",
         "one alone": "def common(a, b):\n    return set(list(set(a) & set(b))[:1])"},
    ),
    CodeRow(
        "named and left-out arguments",
        make_check("repeat", """
            assert candidate('a') == 'aa'
            assert candidate('a', times=3) == 'aaa'
            assert candidate('a', 2, sep='-') == 'a-a'
            assert candidate(*['b'], **{'times': 1}) == 'b'
        """),
        ("def repeat(s, times=2, sep=''):\n    return sep.join([s] * times)",
         "def repeat(s, times=2, **more):\n    return more.get('sep', '').join(s for _ in range(times))"),
        {"another default": "def repeat(s, times=1, sep=''):\n    return sep.join([s] * times)",
         "another name": "def repeat(s, count=2, sep=''):\n    return sep.join([s] * count)",
         "no defaults": "def repeat(s, times, sep):\n    return sep.join([s] * times)",
         "nothing between": "def repeat(s, times=2, sep=''):\n    return s * times"},
    ),
    CodeRow(
        "a class that a check is given",
        make_check("Account", """
            a, b = candidate(10), candidate()
            a.pay(b, 4)
            assert (a.balance, b.balance) == (6, 4)
            try:
                b.pay(a, 5)
                assert False, 'it paid what it had not'
            except ValueError as error:
                assert str(error) == 'too little'
            assert b.balance == 4
        """),
        ("class Account:\n    def __init__(self, balance=0): self.balance = balance\n    def pay(self, other, n):\n"
          "        if n > self.balance: raise ValueError('too little')\n        self.balance -= n\n        other.balance += n",
         "from dataclasses import dataclass\n@dataclass\nclass Account:\n    balance: int = 0\n    def pay(self, other, n):\n"
          "        if n > self.balance: raise ValueError('too little')\n        self.balance, other.balance = self.balance - n, other.balance + n"),
        {"it pays what it has not": "class Account:\n    def __init__(self, balance=0): self.balance = balance\n    def pay(self, other, n):\n"
          "        self.balance -= n\n        other.balance += n",
         "money is lost": "class Account:\n    def __init__(self, balance=0): self.balance = balance\n    def pay(self, other, n):\n"
          "        if n > self.balance: raise ValueError('too little')\n        self.balance -= n",
         "it refuses too late": "class Account:\n    def __init__(self, balance=0): self.balance = balance\n    def pay(self, other, n):\n"
          "        self.balance -= n\n        other.balance += n\n        if self.balance < 0: raise ValueError('too little')",
         "another message": "class Account:\n    def __init__(self, balance=0): self.balance = balance\n    def pay(self, other, n):\n"
          "        if n > self.balance: raise ValueError('no money')\n        self.balance -= n\n        other.balance += n"},
    ),
    CodeRow(
        "what it remembers between calls",
        make_check("counter", """
            tick = candidate()
            assert [tick(), tick(), tick()] == [1, 2, 3]
            assert candidate()() == 1
        """),
        ("def counter():\n    n = 0\n    def tick():\n        nonlocal n\n        n += 1\n        return n\n    return tick",
         "from itertools import count\ndef counter():\n    return count(1).__next__"),
        {"one for all": "from itertools import count\nnumbers = count(1)\ndef counter():\n    return numbers.__next__",
         "from zero": "from itertools import count\ndef counter():\n    return count().__next__",
         "always one": "def counter():\n    return lambda: 1"},
    ),
    CodeRow(
        "a method for entry_point",
        {"entry_point": "Solution().widest",
         "test": "def check(candidate):\n    assert candidate([1, 5, 6]) == 4\n    assert candidate(nums=[3]) == 0\n"},
        ("class Solution:\n    def widest(self, nums):\n        return max((b - a for a, b in zip(nums, nums[1:])), default=0)",),
        {"the narrowest": "class Solution:\n    def widest(self, nums):\n        return min((b - a for a, b in zip(nums, nums[1:])), default=0)",
         "no self": "class Solution:\n    def widest(nums):\n        return 4",
         "fails for one": "class Solution:\n    def widest(self, nums):\n        return max(b - a for a, b in zip(nums, nums[1:]))",
         "no class": "def widest(nums):\n    return max((b - a for a, b in zip(nums, nums[1:])), default=0)"},
    ),
    CodeRow(
        "many at random, seeded, against the plain way",
        {"entry_point": "best_run",
         "test": "import random\n\ndef plain(xs):\n    return max(sum(xs[i:j]) for i in range(len(xs)) for j in range(i + 1, len(xs) + 1))\n\n"
          "def check(candidate):\n    dice = random.Random(5)\n    for _ in range(60):\n"
          "        xs = [dice.randint(-9, 9) for _ in range(dice.randint(1, 8))]\n        assert candidate(list(xs)) == plain(xs), xs\n"
          "    assert candidate([-3, -2]) == -2\n"},
        ("def best_run(xs):\n    best = here = xs[0]\n    for x in xs[1:]:\n        here = max(x, here + x)\n        best = max(best, here)\n"
          "    return best",),
        {"nothing may be taken": "def best_run(xs):\n    best = here = 0\n    for x in xs:\n        here = max(0, here + x)\n"
          "        best = max(best, here)\n    return best",
         "all": "def best_run(xs):\n    return sum(xs)", "the positive ones": "def best_run(xs):\n    return sum(x for x in xs if x > 0) or max(xs)"},
    ),
)  # fmt: skip
