"""What is shown of a row's tests is read without those that are hidden, which may be unreadable."""

import json

from filters.programs.assemble import find_given_code
from filters.programs.read_tests import read_tests
from filters.programs.shown_tests import read_shown_tests

CASE = json.dumps([{"input": "1\n", "output": "2\n"}])


def test_hidden_tests_are_only_read_where_none_are_shown():
    shown = read_shown_tests({"public_tests": CASE, "private_tests": "not JSON"})
    assert shown is not None and shown == read_tests({"public_tests": CASE})
    alone = read_shown_tests({"private_tests": CASE})
    assert alone is not None and alone.kind == "stdin"


def test_of_none_that_can_be_read_there_are_none():
    assert read_shown_tests({"private_tests": "not JSON"}) is None
    assert read_shown_tests({"prompt": "What is 2 + 2?", "answer": "4"}) is None


def test_code_may_begin_with_a_name_that_is_given_a_value():
    tests = read_tests({"test": "def check(f):\n    assert f() == 1\n", "entry_point": "f"})
    assert tests is not None
    code = "\nNOTE = 'more to come'\n\ndef f():\n"
    assert find_given_code(code, tests) == code
    assert find_given_code("Solve x = 1 with\ndef f():\n", tests) == ""
