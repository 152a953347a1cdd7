"""A program is whole: what the prompt gave it to go on from comes before what the response has."""

import pytest

from filters.programs.assemble import assemble_program
from filters.programs.program_tests import ProgramTests

TESTS = ProgramTests("asserts", code="def check(f): assert f(1) == 1", function="f")
HEAD = 'def f(x):\n    """Give x."""\n'


@pytest.mark.parametrize(
    "before", ["", "import math\n\n", '\nFIX = """\nAdd more.\n"""\n\n', "NOTE = '''one'''\n"]
)
def test_a_body_goes_on_from_a_prompt_that_is_code(before: str):
    program = assemble_program("    return x\n", before + HEAD, TESTS)
    assert program == f"{(before + HEAD).rstrip()}\n    return x"


def test_prose_is_no_code():
    assert assemble_program("def f(x): return x", f"N = 5 is given.\n{HEAD}", TESTS) == "def f(x): return x"
