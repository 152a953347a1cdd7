"""The program is the last fenced block of its language, and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.programs.extract_code import find_code, list_blocks

CODE = "print(1)\n"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (f"Here:\n```python\n{CODE}```\nDone.", CODE),
        (f"```py\nold()\n```\nBetter:\n```Python\n{CODE}```", CODE),
        (f"```python\n{CODE}```\nIt prints\n```\n1\n```", CODE),
        (f"```python\n{CODE}```\nIt prints\n```text\n1\n```", CODE),
        (f"```\n{CODE}```", CODE),
        (f"```cpp\nint main(){{}}\n```\n```python\n{CODE}```\n```js\n1\n```", CODE),
        (f"~~~python\n{CODE}~~~", CODE),
        (f"````python\n'''\n```\n'''\n{CODE}````", f"'''\n```\n'''\n{CODE}"),
        (f"``` {{.python .numberLines}}\n{CODE}```", CODE),
        (f"```python title=x.py\n{CODE}```", CODE),
        (f"```python\n{CODE}", CODE),
        (CODE, CODE),
        ("", None),
        (" \n", None),
        ("```python\n\n```", None),
        ("```cpp\nint main(){}\n```", None),
        ("I would use `print(1)`.", "I would use `print(1)`."),
    ],
)
def test_the_program_of_an_answer(answer: str, code: str | None):
    assert find_code(answer, "python") == code


def test_each_language_has_its_own():
    answer = "```c++\nint main(){}\n```\n```js\nlet a\n```\n```python3\nx = 1\n```"
    assert [find_code(answer, one) for one in ("cpp", "javascript", "python")] == [
        "int main(){}\n",
        "let a\n",
        "x = 1\n",
    ]


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["```python\n", "```\n", "~~~\n", "code\n", "````\n", "``", "\n", "```cpp"]),
        max_size=12,
    )
)
def test_every_line_is_in_one_block_at_most(pieces: list[str]):
    text = "".join(pieces)
    blocks = list(list_blocks(text))
    assert sum(one.code.count("code\n") for one in blocks) <= text.count("code\n")
    assert all(one.closed for one in blocks[:-1])
    assert all(one.code in text for one in blocks)


@settings(deadline=None)
@given(code=st.text("ab =()\n'\"", min_size=1).filter(str.strip))
def test_a_fenced_program_comes_out_letter_by_letter(code: str):
    assert find_code(f"So:\n\n```python\n{code}\n```\n", "python") == f"{code}\n"


def test_a_megabyte_of_fences_takes_no_time():
    assert len(list(list_blocks("```python\n" * 100_000))) == 1
    assert find_code("`" * 1_000_000, "python") is None


ADD = "def add(a, b):\n    return a + b"
FENCED = f"```python\n{ADD}\n```"
USAGE = "```python\nprint(add(1, 2))\n```"


@pytest.mark.parametrize(
    "answer",
    [
        f"{FENCED}\nExample usage:\n{USAGE}",
        f"{FENCED}\nTests:\n```python\nassert add(1, 2) == 3\n```\n```python\n```",
        f"```\n{ADD}\n```\nIt prints\n```\n3\n```",
        "1. Code:\n   ```python\n" + "".join(f"   {line}\n" for line in ADD.split("\n")) + "   ```",
        "> ```python\n" + "".join(f"> {line}\n" for line in ADD.split("\n")) + "> ```",
        f"```python:solution.py\n{ADD}\n```",
        f"````markdown\n{FENCED}\n````",
        f"So: ```python\n{ADD}\n```",
        f"```python\n{ADD}\n``` That's it.",
        f"<answer>\n{ADD}\n</answer>",
        f"[PYTHON]\n{ADD}\n[/PYTHON]",
        f"<pre><code>{ADD}\n</code></pre>",
        f"\ufeff{ADD}",
        f"```python\r\n{ADD}\r\n```\r\n".replace("\r\n", "\n"),
    ],
)
def test_the_program_is_found_wherever_answers_put_it(answer: str):
    found = find_code(answer, "python", {"add"})
    assert found is not None and found.strip() == ADD


def test_of_several_blocks_the_one_that_reads_the_input_is_the_program():
    program = "n = int(input())\nprint(n * 2)"
    answer = f"```python\n{program}\n```\nFor 2 it prints\n```python\nprint(4)\n```"
    assert find_code(answer, "python", reads=True) == program + "\n"
    assert (
        find_code("```python\nprint(1)\n```\n```python\nprint(2)\n```", "python", reads=True) == "print(2)\n"
    )
    main = "int main() { return 0; }"
    assert find_code(f"```cpp\n{main}\n```\n```cpp\nint x;\n```", "cpp", reads=True) == main + "\n"


def test_prose_is_no_program_and_a_quoted_line_is_not_the_program():
    assert find_code("Sorry, I cannot say.", "python") is None
    assert find_code("    return a + b", "python") == "    return a + b"
    program = "a, b = map(int, input().split())\nprint(a + b)\n"
    quoted = (
        f"```python\n{program}```\nThe line\n```python\na, b = map(int, input().split())\n```\nreads both."
    )
    assert find_code(quoted, "python", reads=True) == program
