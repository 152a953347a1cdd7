"""Programs that read an input and print: each shape that such tests come in."""

import json

from tests.filters.programs.code_row import CodeRow

READ = "n = int(input())\n"
PAIR = "a, b = map(int, input().split())\n"
WORDS = "words = input().split()\n"

STDIN: tuple[CodeRow, ...] = (
    CodeRow(
        "the larger of two, columns",
        {"tests": {"inputs": ["3 9\n", "7 2\n", "-4 -5\n"], "outputs": ["9\n", "7\n", "-4\n"]}},
        (
            PAIR + "print(max(a, b))",
            PAIR + "print(a if a > b else b, end='')",
            "import sys\na, b = map(int, sys.stdin.read().split())\nsys.stdout.write(f'{max(a, b)}\\n')",
            "def main():\n    a, b = map(int, open(0).read().split())\n    print(max(a, b))\n\nif __name__ == '__main__':\n    main()",
            "import sys\na, b = map(int, sys.stdin.buffer.readline().split())\nsys.stdout.buffer.write(b'%d' % max(a, b))\nsys.exit(0)",
        ),
        {
            "always the second": PAIR + "print(b)",
            "by its size without the sign": PAIR + "print(max(a, b, key=abs))",
            "nothing is printed": PAIR + "max(a, b)",
            "it is printed twice": PAIR + "print(max(a, b))\nprint(max(a, b))",
            "a word before it": PAIR + "print('Larger:', max(a, b))",
            "printed to the other stream": PAIR + "import sys\nprint(max(a, b), file=sys.stderr)",
        },
    ),
    CodeRow(
        "digits turned round, columns in JSON",
        {"tests": json.dumps({"inputs": ["120\n", "7\n"], "outputs": ["021\n", "7\n"]})},
        ("print(input()[::-1])", "import sys\nfor line in sys.stdin:\n    print(''.join(reversed(line.strip())))"),
        {
            "not turned": "print(input())",
            "the newline is turned too": "import sys\nprint(sys.stdin.read()[::-1])",
            "only its last digit": "print(input()[-1])",
        },
    ),
    CodeRow(
        "count of vowels, columns in JSON twice",
        {"input_output": json.dumps(json.dumps({"inputs": ["orange\n", "sky\n", "AEON\n"], "outputs": ["3\n", "0\n", "3\n"]}))},
        ("print(sum(c in 'aeiou' for c in input().lower()))",),
        {
            "capitals are not counted": "print(sum(c in 'aeiou' for c in input()))",
            "two of the vowels alone": "s = input().lower()\nprint(sum(c in s for c in 'ae'))",
            "nothing for none": "k = sum(c in 'aeiou' for c in input().lower())\nif k:\n    print(k)",
        },
    ),
    CodeRow(
        "running sums, a list of lines each",
        {"tests": {"inputs": [["4", "1 2 3 4"], ["1", "-5"]], "outputs": [["1", "3", "6", "10"], ["-5"]], "fn_name": None}},
        (
            "input()\nt = 0\nfor x in map(int, input().split()):\n    t += x\n    print(t)",
            "from itertools import accumulate\ninput()\nprint('\\n'.join(map(str, accumulate(map(int, input().split())))))",
        ),
        {
            "on one line": "from itertools import accumulate\ninput()\nprint(*accumulate(map(int, input().split())))",
            "the last is missing": "input()\nt = 0\nfor x in list(map(int, input().split()))[:-1]:\n    t += x\n    print(t)",
            "the last alone": "input()\nprint(sum(map(int, input().split())))",
            "a zero before": "t = 0\ninput()\nprint(t)\nfor x in map(int, input().split()):\n    t += x\n    print(t)",
            "an empty line between": "input()\nt = 0\nfor x in map(int, input().split()):\n    t += x\n    print(t, end='\\n\\n')",
            "the other way round": "input()\nx = list(map(int, input().split()))\nfor i in range(len(x), 0, -1):\n    print(sum(x[:i]))",
        },
    ),
    CodeRow(
        "words by their length, a list of pairs",
        {"tests": [{"input": "pear fig apple\n", "output": "fig pear apple\n"}, {"input": "bb aa c\n", "output": "c bb aa\n"}]},
        (WORDS + "print(*sorted(words, key=len))", WORDS + "words.sort(key=len)\nprint(' '.join(words), '')"),
        {
            "ties by letters": WORDS + "print(*sorted(words, key=lambda w: (len(w), w)))",
            "by letters": WORDS + "print(*sorted(words))",
            "longest first": WORDS + "print(*sorted(words, key=len, reverse=True))",
            "commas between": WORDS + "print(*sorted(words, key=len), sep=', ')",
            "a list of Python's": WORDS + "print(sorted(words, key=len))",
            "one on each line": WORDS + "print(*sorted(words, key=len), sep='\\n')",
            "capitals": WORDS + "print(*[w.upper() for w in sorted(words, key=len)])",
        },
    ),
    CodeRow(
        "steps to one, a list of pairs in JSON",
        {"tests": json.dumps([{"input": "6", "output": "8"}, {"input": "1", "output": "0"}])},
        (READ + "k = 0\nwhile n != 1:\n    n = n // 2 if n % 2 == 0 else 3 * n + 1\n    k += 1\nprint(k)",),
        {
            "one too many": READ + "k = 1\nwhile n != 1:\n    n = n // 2 if n % 2 == 0 else 3 * n + 1\n    k += 1\nprint(k)",
            "fails at one": READ + "k = 0\nwhile True:\n    n = n // 2 if n % 2 == 0 else 3 * n + 1\n    k += 1\n    if n == 1:\n        break\n"
             "print(k)",
        },
    ),
    CodeRow(
        "shared days, official tests with limits",
        {"official_tests": [{"input": "1 5\n4 9\n", "output": "2\n"}, {"input": "1 2\n3 4\n", "output": "0\n"}, {"input": "3 3\n"
          "1 9\n", "output": "1\n"}],
         "time_limit": 2.0, "memory_limit": 256.0},
        (PAIR + "c, d = map(int, input().split())\nprint(max(0, min(b, d) - max(a, c) + 1))",
         PAIR + "c, d = map(int, input().split())\nprint(len(set(range(a, b + 1)) & set(range(c, d + 1))))"),
        {
            "off by one": PAIR + "c, d = map(int, input().split())\nprint(max(0, min(b, d) - max(a, c)))",
            "less than none": PAIR + "c, d = map(int, input().split())\nprint(min(b, d) - max(a, c) + 2)",
            "always the first test's": "print(2)",
            "fails at the last alone": PAIR + "c, d = map(int, input().split())\nassert a < b\nprint(max(0, min(b, d) - max(a, c) + 1))",
        },
    ),
    CodeRow(
        "balanced brackets, public and private cases in JSON",
        {"public_test_cases": json.dumps([{"input": "(())\n", "output": "YES\n", "testtype": "stdin"}]),
         "private_test_cases": json.dumps([{"input": "())(\n", "output": "NO\n", "testtype": "stdin"}, {"input": "(\n", "output": "NO\n", "testtype": "stdin"}])},
        ("s = input()\nwhile '()' in s:\n    s = s.replace('()', '')\nprint('NO' if s else 'YES')",),
        {
            "the public case alone": "print('YES')",
            "by their number": "s = input()\nprint('YES' if s.count('(') == s.count(')') else 'NO')",
            "small letters": "s = input()\nwhile '()' in s:\n    s = s.replace('()', '')\nprint('no' if s else 'yes')",
            "a full stop behind": "s = input()\nwhile '()' in s:\n    s = s.replace('()', '')\nprint('NO.' if s else 'YES.')",
            "turned": "s = input()\nwhile '()' in s:\n    s = s.replace('()', '')\nprint('YES' if s else 'NO')",
        },
    ),
    CodeRow(
        "a word's letters in pairs, what verifies it",
        {"verification_info": {"language": "python", "test_cases": [
            {"input": "abcd\n", "output": "ab cd\n", "fn_name": None, "type": "stdin_stdout"},
            {"input": "abc\n", "output": "ab c\n", "fn_name": None, "type": "stdin_stdout"}]}},
        ("s = input()\nprint(*[s[i:i + 2] for i in range(0, len(s), 2)])",
         "s = input()\nfor i in range(0, len(s), 2):\n    print(s[i:i + 2], end=' ')"),
        {
            "two blanks between": "s = input()\nprint('  '.join(s[i:i + 2] for i in range(0, len(s), 2)))",
            "a tab between": "s = input()\nprint('\\t'.join(s[i:i + 2] for i in range(0, len(s), 2)))",
            "a blank before": "s = input()\nprint('', *[s[i:i + 2] for i in range(0, len(s), 2)])",
            "no blanks": "print(input())",
            "the odd one left out": "s = input()\nprint(*[s[i:i + 2] for i in range(0, len(s) - 1, 2)])",
        },
    ),
    CodeRow(
        "divisors, what verifies it in JSON",
        {"verification_info": json.dumps({"language": "python", "test_cases": [
            {"input": "12", "output": "1 2 3 4 6 12", "type": "stdin_stdout"}, {"input": "1", "output": "1", "type": "stdin_stdout"}]})},
        (READ + "print(*[d for d in range(1, n + 1) if n % d == 0])",),
        {
            "without itself": READ + "print(*[d for d in range(1, n) if n % d == 0])",
            "largest first": READ + "print(*[d for d in range(n, 0, -1) if n % d == 0])",
            "one more": READ + "print(*[d for d in range(1, n + 1) if n % d == 0], n)",
        },
    ),
    CodeRow(
        "a clock's minutes, unit tests",
        {"unit_tests": [{"input": "01:05", "output": "65"}, {"input": "00:00", "output": "0"}, {"input": "23:59", "output": "1439"}]},
        ("h, m = map(int, input().split(':'))\nprint(60 * h + m)",),
        {
            "hours alone": "print(60 * int(input()[:2]))",
            "the texts are put together": "h, m = input().split(':')\nprint(h + m)",
            "seconds": "h, m = map(int, input().split(':'))\nprint(3600 * h + 60 * m)",
        },
    ),
    CodeRow(
        "a staircase, test cases under test_cases",
        {"test_cases": {"test_cases": [{"input": "3\n", "output": "  #\n ##\n###\n"}, {"input": "1\n", "output": "#\n"}]}},
        (READ + "for i in range(1, n + 1):\n    print(('#' * i).rjust(n))",
         READ + "print('\\r\\n'.join(' ' * (n - i) + '#' * i + ' ' * i for i in range(1, n + 1)))"),
        {
            "to the left": READ + "for i in range(1, n + 1):\n    print('#' * i)",
            "one blank more at the left": READ + "for i in range(1, n + 1):\n    print(('#' * i).rjust(n + 1))",
            "upside down": READ + "for i in range(n, 0, -1):\n    print(('#' * i).rjust(n))",
            "tabs at the left": READ + "for i in range(1, n + 1):\n    print('\\t' * (n - i) + '#' * i)",
        },
    ),
    CodeRow(
        "a sign, public and private tests",
        {"public_tests": [{"input": "5", "output": "1"}],
         "private_tests": json.dumps([{"input": "-3", "output": "-1"}, {"input": "0", "output": "0"}])},
        (READ + "print((n > 0) - (n < 0))",),
        {
            "the public test alone": "print(1)",
            "true for one": READ + "print(n > 0 if n >= 0 else -1)",
            "none for zero": READ + "print({True: 1}.get(n > 0, -1 if n else None))",
            "no minus": READ + "print(int(bool(n)))",
        },
    ),
    CodeRow(
        "a third more, numbers for texts",
        {"tests": {"inputs": [6, 3], "outputs": [8, 4.0]}},
        (READ + "print(n + n / 3)", READ + "print(n * 4 // 3)", READ + "print(f'{n * 4 / 3:.3f}')"),
        {"a third": READ + "print(n / 3)", "in words": READ + "print('eight' if n == 6 else 'four')", "one more": READ + "print(n * 4 // 3 + 1)"},
    ),
    CodeRow(
        "the initials, one pair alone",
        {"tests": {"input": "ada byron king\n", "output": "A.B.K.\n"}},
        ("print(''.join(w[0].upper() + '.' for w in input().split()))",),
        {"small": "print(''.join(w[0] + '.' for w in input().split()))", "no last point": "print('.'.join(w[0].upper() for w in input().split()))"},
    ),
    CodeRow(
        "a hundred lines, limits in words",
        {"tests": {"unit_tests": {"inputs": ["100\n"], "outputs": ["".join(f"{i * i}\n" for i in range(100))]}}, "time_limit": "2 seconds",
         "memory_limit": "256 MB", "language": "Python"},
        (READ + "for i in range(n):\n    print(i * i)",
         "import threading\ndef main():\n    print(*[i * i for i in range(int(input()))], sep='\\n', flush=True)\nt = threading.Thread(target=main)\n"
          "t.start()\nt.join()"),
        {
            "the last is missing": READ + "for i in range(n - 1):\n    print(i * i)",
            "one more": READ + "for i in range(n + 1):\n    print(i * i)",
            "one in the middle differs": READ + "for i in range(n):\n    print(i * i + (i == 57))",
            "it raises in the middle": READ + "for i in range(n):\n    print(i * i // (i != 99))",
        },
    ),
    CodeRow(
        "greetings, no input",
        {"tests": {"official_tests": json.dumps([{"input": "", "output": "Grüße, 世界 🙂\n"}])}, "time_limit": "900 ms"},
        ("print('Grüße, 世界 🙂')", "import sys\nsys.stdout.buffer.write('Grüße, 世界 🙂'.encode())"),
        {"no accents": "print('Grusse, 世界 🙂')", "letters taken apart": "import unicodedata\nprint(unicodedata.normalize('NFD', 'Grüße, 世界 🙂'))",
         "an escape": "print(ascii('Grüße, 世界 🙂'))", "waits for an input": "input()\nprint('Grüße, 世界 🙂')"},
    ),
)  # fmt: skip
