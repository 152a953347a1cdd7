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
    assert find_code("`" * 1_000_000, "python") is not None
