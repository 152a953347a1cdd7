"""A near miss differs from its program in one line, outside of strings and comments, and is the same every time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.programs.code_tokens import list_tokens
from filters.programs.extract_code import LABELS
from filters.programs.mutants import LONGEST, make_mutants

LANGUAGES = st.sampled_from(sorted(LABELS))
PIECES = [
    "'a < 1 and True'", '"b\\" == 2"', '"""c + 3\n- 4"""', "`d * 5`", 'R"x(e)" >= 6)x"', "# not f < 7\n", "// g || 8\n",
    "/* h && 9\n */", "\n", "\n    ", "x = 1\n", "return y", ";", "(", ")", "{", "}", "not ", "!", " < ", "==", "range(n)", "min(",
    "for i in", "if z:", "def w(a: int = 2):\n", "0", "3LL", "-", "/", "import math\n", "x.append(1)", "\\\n", "#", "'", '"""',
]  # fmt: skip
PROGRAM = '''\
import os.path as p2
@cache(5)
def f(n: int = 3, *, m: "1 < 2" = None) -> list[int]:
    """n + 1 and True."""
    x: tuple[1, 2] = min(n, 7)  # 8 == 8
    while not x >= n and True:
        x += y - 4
        y.append("5 < 6")
    return [z for z in range(x)]
'''


def changes(code: str, language: str = "python") -> list[str]:
    return [one.change for one in make_mutants(code, 1_000, language)]


def test_what_is_changed_in_a_program():
    assert set(changes(PROGRAM)) == {
        "line 5: x: tuple[1, 2] = min(n, 7) is gone",
        "line 5: min becomes max",
        "line 5: 7 becomes 6",
        "line 5: 7 becomes 8",
        "line 6: not is gone",
        "line 6: >= becomes >",
        "line 6: and becomes or",
        "line 6: True becomes False",
        "line 7: x += y - 4 is gone",
        "line 7: += becomes -=",
        "line 7: - becomes +",
        "line 7: 4 becomes 3",
        "line 7: 4 becomes 5",
        'line 8: y.append("5 < 6") is gone',
        "line 9: return [z for z in range(x)] becomes return None",
        "line 9: the range ends one earlier",
    }


@pytest.mark.parametrize(
    ("language", "line", "others"),
    [
        ("python", "    x = 'a'  # b", ["    pass  # b"]),
        ("python", "if a: return not b", ["if a: return None", "if a: return b"]),
        ("python", "x = -f(*y, **z)", ["pass"]),
        ("python", "def g(a=1, /, *, b: 'c' = 2): return 0",
         [f"def g(a=1, /, *, b: 'c' = 2): return {n}" for n in (-1, 1, None)]),
        ("python", "for i in range(a, g(b)):", ["for i in range(a, g(b) - 1):"]),
        ("python", "x = a if b else (", []),
        ("cpp", "vector<pair<int,T*>> a; T *b;", []),
        ("cpp", "  for (i = a; i<n; ++i) f(i);", ["  for (i = a; i<=n; ++i) f(i);"]),
        ("cpp", "  cout << a; // b", ["  ; // b"]),
        ("cpp", "#define A 1 < 2", []),
        ("cpp", "int x = f('1', 1'000, 1.5, 0x1F);", []),
        ("javascript", "const x = a.split(/[/]1 < 2/) && !b;",
         ["const x = a.split(/[/]1 < 2/) || !b;", "const x = a.split(/[/]1 < 2/) && b;"]),
        ("javascript", "x.push(a);", [";"]),
        ("javascript", "return a;", ["return undefined;"]),
    ],
)  # fmt: skip
def test_what_becomes_of_a_line(language: str, line: str, others: list[str]):
    assert sorted(one.code for one in make_mutants(f"{line}\n", 100, language)) == sorted(
        f"{other}\n" for other in others
    )


@settings(deadline=None)
@given(code=st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)), language=LANGUAGES)
def test_one_line_differs_and_no_two_are_the_same(code: str, language: str):
    found = make_mutants(code, 50, language)
    assert found == make_mutants(code, 50, language)
    assert len({one.code for one in found}) == len(found) <= 50
    lines = code.split("\n")
    for one in found:
        others = one.code.split("\n")
        assert len(others) == len(lines)
        differing = [
            number for number, pair in enumerate(zip(lines, others, strict=True), 1) if len({*pair}) > 1
        ]
        assert len(differing) == 1
        assert one.change.startswith(f"line {differing[0]}: ") and "\n" not in one.change


@settings(deadline=None)
@given(
    pieces=st.lists(st.sampled_from(["x = 1 + ", "f(2) < ", "if not y:\n  ", "a and ", "\n"]), max_size=9),
    language=LANGUAGES,
)
def test_strings_and_comments_stay(pieces: list[str], language: str):
    marked = '"1 < 2 and not True"'
    comment = "# 3 == 4" if language == "python" else "// 3 == 4"
    code = "".join(f"{piece}{marked} {comment}\n" for piece in pieces)
    for one in make_mutants(code, 1_000, language):
        assert one.code.count(comment) == len(pieces)
        assert one.code.count(marked) == len(pieces) - one.change.endswith("is gone") * ("=" in one.change)
        strings = [token.text for token in list_tokens(one.code, language) if token.kind == "string"]
        assert set(strings) <= {marked}


def test_they_are_spread_over_the_program():
    code = "".join(f"x{number} = a < b\n" for number in range(1_000))
    found = [int(one.change.split(":")[0].removeprefix("line ")) for one in make_mutants(code, 10)]
    assert [(line - 1) // 100 for line in found] == list(range(10))
    assert make_mutants(code, 0) == [] == make_mutants("x", 5)


@pytest.mark.parametrize("language", sorted(LABELS))
@pytest.mark.parametrize(
    "piece",
    [
        "'",
        '"""',
        "\\",
        "`",
        'R"a(',
        "/*",
        "(/[",
        "return ",
        "range(",
        "not ",
        "x = ",
        "1",
        "[",
        "{",
        " ",
        "a\n",
        "a<b>",
    ],
)
@pytest.mark.timeout(20)
def test_no_text_takes_long(piece: str, language: str):
    assert make_mutants(piece * 1_000_000, 20, language) == []
    assert len(make_mutants((piece * LONGEST)[:LONGEST], 5, language)) <= 5
