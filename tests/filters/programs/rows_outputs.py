"""Programs that print nearly the same: both sides of each rule about outputs."""

from tests.filters.programs.code_row import CodeRow
from tests.filters.programs.rows_stdin import PAIR, READ, WORDS

OUTPUTS: tuple[CodeRow, ...] = (
    CodeRow(
        "blanks and empty lines that do not count",
        {"tests": [{"input": "2 1\n", "output": "a b \nc\n\n"}]},
        ("print('a b\\nc')", "print('a b\\nc', end='')", "print('a b  \\t\\nc ')", "print('a b\\r\\nc\\r\\n', end='')",
         "print('a b\\nc\\n\\n \\n\\t\\n')"),
        {
            "an empty line before": "print('\\na b\\nc')", "an empty line between": "print('a b\\n\\nc')", "a blank before": "print('a b\\n c')",
            "two blanks between": "print('a  b\\nc')", "a prefix": "print('a b')", "the end alone": "print('c')", "one line": "print('a b c')",
            "a line more": "print('a b\\nc\\nc')", "a letter more": "print('a b\\ncc')", "a letter less": "print('a \\nc')", "nothing": "print()",
            "quotes": "print(repr('a b'))\nprint(repr('c'))", "a capital": "print('a b\\nC')", "lines that changed places": "print('c\\na b')",
        },
    ),
    CodeRow(
        "an empty line inside counts",
        {"tests": [{"input": "", "output": "x\n\ny\n"}]},
        ("print('x\\n\\ny')", "print('x \\n \\ny')"),
        {"no empty line": "print('x\\ny')", "two empty lines": "print('x\\n\\n\\ny')", "a point in it": "print('x\\n.\\ny')"},
    ),
    CodeRow(
        "nothing is to be printed",
        {"tests": {"inputs": ["0\n", "2\n"], "outputs": ["", "0\n1\n"]}},
        (READ + "for i in range(n):\n    print(i)", READ + "print(*range(n), sep='\\n')"),
        {"a zero": READ + "for i in range(max(n, 1)):\n    print(i)", "none": READ + "print(*range(n) if n else [None], sep='\\n')",
         "never anything": ""},
    ),
    CodeRow(
        "a fraction, a millionth off at most",
        {"tests": [{"input": "1 2\n", "output": "0.5\n"}]},
        (PAIR + "print(a / b)", "print('.5')", "print('5e-1')", "print('0.500001')", "print(0.4999991)", "print('+0.50')", "print(0.5 + 1e-9)"),
        {
            "two millionths more": "print(0.500002)", "a little more than a millionth less": "print('0.4999989')",
            "a ten-thousandth": "print(0.5001)",
            "rounded": "print(round(0.5))", "a comma": "print('0,5')", "as a fraction": "print('1/2')", "a percentage": "print('50%')",
            "no number": "print(float('nan'))",
            "without end": "print(float('inf'))", "the sign": "print(-0.5)", "a letter behind": "print('0.5f')", "two points": "print('0.5.0')",
        },
    ),
    CodeRow(
        "tenths that are added",
        {"tests": [{"input": "0.1 0.2\n", "output": "0.3\n"}, {"input": "1.1 2.2", "output": "3.3"}]},
        ("print(sum(map(float, input().split())))", "from decimal import Decimal\nprint(sum(map(Decimal, input().split())))"),
        {"whole parts": "print(sum(int(float(x)) for x in input().split()))", "one is left out": "print(input().split()[1])",
         "texts": "print(''.join(input().split()))"},
    ),
    CodeRow(
        "a mean with all its decimals",
        {"tests": [{"input": "1 1 0\n", "output": "0.6666666667\n"}]},
        (WORDS + "print(sum(map(int, words)) / len(words))", WORDS + "print(f'{sum(map(int, words)) / len(words):.6f}')"),
        {"two decimals": WORDS + "print(f'{sum(map(int, words)) / len(words):.2f}')",
         "five decimals": WORDS + "print(f'{sum(map(int, words)) / len(words):.5f}')",
         "cut and not rounded, at five": WORDS + "print(int(sum(map(int, words)) / len(words) * 1e5) / 1e5)"},
    ),
    CodeRow(
        "a price to two decimals",
        {"tests": [{"input": "10\n", "output": "3.33\n"}]},
        (READ + "print(f'{n / 3:.2f}')", READ + "print(round(n / 3, 2))", READ + "print('%.3f' % (n // 3 + 0.33))"),
        {"not rounded": READ + "print(n / 3)", "a currency": READ + "print(f'${n / 3:.2f}')", "the other way": READ + "print('3.34')"},
    ),
    CodeRow(
        "a large fraction, by its share",
        {"tests": [{"input": "", "output": "4000000.5\n"}]},
        ("print(4000000.5)", "print('4.0000005e6')", "print(4000000.5 + 0.4)", "print('4000004.5')"),
        {"more than its share": "print('4000004.6')", "a ten-thousandth of it": "print(4000400.5)", "ten times": "print(40000005)"},
    ),
    CodeRow(
        "a whole number that was computed with fractions",
        {"tests": [{"input": "49\n", "output": "7\n"}]},
        (READ + "print(n ** 0.5)", "print(6.9999999999)", "print('7.000001')", "print('7e0')", READ + "print(int(n ** 0.5))", "print('7.')"),
        {"a little more than a millionth": "print('7.0000011')", "a half": "print(7.5)", "the next": "print(8)", "in brackets": "print([7])",
         "a point before": "print('.7')"},
    ),
    CodeRow(
        "large whole numbers are equal or not",
        {"tests": [{"input": "20\n", "output": "2432902008176640001\n"}]},
        (READ + "from math import factorial\nprint(factorial(n) + 1)", "print('2432902008176640001.0')"),
        {"by a float": READ + "from math import gamma\nprint(int(gamma(n + 1)) + 0)", "one less": "print(2432902008176640000)",
         "an exponent": "print(2.432902008176640001e18)",
         "commas": "print(f'{2432902008176640001:,}')", "by a remainder": "print(2432902008176640001 % (10**9 + 7))",
         "a digit more": "print(24329020081766400010)"},
    ),
    CodeRow(
        "numbers among words and blanks",
        {"tests": [{"input": "", "output": "x = 1.5, y = 2\nend 0.25\n"}]},
        ("print('x = 1.5, y = 2\\nend 0.25')", "print('x = 1.5, y = 2.0\\nend 0.2500001')"),
        {"a number with a comma is a word": "print('x = 1.50, y = 2\\nend 0.25')", "one of them is off": "print('x = 1.5, y = 2\\nend 0.2502')",
         "two blanks": "print('x =  1.5, y = 2\\nend 0.25')", "a word is off": "print('x = 1.5, z = 2\\nend 0.25')"},
    ),
    CodeRow(
        "numbers exactly as they are expected",
        {"tests": [{"input": "3\n", "output": "1.50\n3\n"}], "exact": True},
        (READ + "print(f'{n / 2:.2f}')\nprint(n)", READ + "print(f'{n / 2:.2f} ')\nprint(n, end='\\n\\n')"),
        {"one decimal": READ + "print(n / 2)\nprint(n)", "three decimals": READ + "print(f'{n / 2:.3f}')\nprint(n)",
         "a float for a whole": READ + "print(f'{n / 2:.2f}')\nprint(float(n))"},
    ),
)  # fmt: skip
