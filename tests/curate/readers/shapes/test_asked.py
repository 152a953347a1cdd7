"""What was asked, from the columns that hold it."""

import pytest

from curate.readers.prompts import list_others, make_prompts
from curate.readers.row import Row
from curate.readers.shapes.facts import read_facts
from filters.errors import UserError
from tests.curate.readers.rows import SAID, THINK, USER, A, C, Q, read_one, refuse


def test_a_system_message_and_earlier_turns_have_columns_of_their_own():
    row = {"system": "Think.", "history": [["Hi", "Hello"]], "prompt": Q, "response": A}
    assert read_one(row)[0] == [("system", "Think."), ("user", "Hi"), ("assistant", "Hello"), ("user", Q)]
    own = [{"role": "system", "content": "Mine."}, USER]
    assert read_one({"system": "Think.", "prompt": own, "response": A})[0] == [
        ("system", "Mine."),
        ("user", Q),
    ]
    assert read_one({"system_prompt": "", "prompt": Q, "response": A})[0] == [("user", Q)]
    refuse({"history": "Hi", "prompt": Q, "response": A}, "'history' is a text, not turns")


def test_the_first_prompt_that_is_filled_counts():
    assert read_one({"prompt": None, "question": Q, "problem": None, "response": A})[0] == [("user", Q)]


def test_an_input_goes_with_its_instruction_once():
    assert read_one({"instruction": "Add.", "input": "2, 3", "output": A})[0] == [("user", "Add.\n\n2, 3")]
    assert read_one({"instruction": "Add.\n2, 3", "input": "2, 3", "output": A})[0] == [
        ("user", "Add.\n2, 3")
    ]
    assert read_one({"prompt": [USER], "input": Q, "output": A})[0] == [("user", Q)]
    refuse(
        {"prompt": [USER], "input": "2, 3", "output": A}, "'input' holds a text that is not in the last one"
    )


@pytest.mark.parametrize("opening", ["<think>", "<think>\n"])
def test_a_prefill_that_opens_the_chain_belongs_to_the_response(opening: str):
    prompt = [USER, {"role": "assistant", "content": opening}]
    rest = THINK.removeprefix("<think>\n")
    assert read_one({"prompt": prompt, "response": rest}) == ([("user", Q)], opening + rest)
    assert read_one({"prompt": prompt, "response": THINK}) == ([("user", Q)], THINK)
    assert read_one({"prompt": prompt, "response": A, "reasoning": C}) == ([("user", Q)], THINK)


def test_a_prefill_that_closes_an_empty_chain():
    prompt = [USER, {"role": "assistant", "content": "<think>\n\n</think>\n\n"}]
    assert read_one({"prompt": prompt, "response": A})[1] == f"<think>\n\n</think>\n\n{A}"


def test_a_whole_answer_at_the_end_of_a_prompt_is_refused():
    refuse(
        {"prompt": [USER, SAID], "response": A},
        "'prompt' ends on a turn of the assistant that is more than an op",
    )
    whole = f"<|im_start|>user\n{Q}<|im_end|>\n<|im_start|>assistant\nNo.<|im_end|>"
    refuse({"prompt": whole, "response": A}, "'prompt' ends on a whole turn of the assistant")


def test_a_completion_with_several_turns():
    turns = [SAID, {"role": "user", "content": "Why?"}, SAID]
    asked = [("user", Q), ("assistant", THINK), ("user", "Why?")]
    assert read_one({"prompt": [USER], "completion": turns}) == (asked, THINK)
    assert read_one({"prompt": Q, "response": [USER, *turns]}) == (asked, THINK)  # the prompt once more
    other = [{"role": "user", "content": "Another?"}, SAID]
    refuse(
        {"prompt": Q, "response": other},
        "'response' begins with a turn of the user that is not the row's prompt",
    )


@pytest.mark.parametrize("placeholder", ["-", "N/A", " none "])
def test_a_prompt_that_stands_in_another_set_is_refused(placeholder: str):
    refuse({"input": placeholder, "output": THINK}, "the set refers to another one for its prompts")


def test_prompts_are_read_from_conversations_too():
    rows = [Row("p, line 1", {"messages": [USER, SAID]}), Row("p, line 2", {"prompt": Q, "answer": 15})]
    assert [(one.text, one.answer) for one in make_prompts(rows)] == [(Q, None), (Q, "15")]
    verl = {"prompt": [USER], "reward_model": {"ground_truth": "yes", "style": "rule"}}
    assert [one.answer for one in make_prompts([Row("p, line 1", verl)])] == ["yes"]
    with pytest.raises(
        UserError,
        match=r"p, line 1: there is no column .prompt.; there are: a\. Name yours with --map prompt=",
    ):
        list(make_prompts([Row("p, line 1", {"a": 1})]))


def test_the_filled_system_message_counts_and_two_that_differ_are_refused():
    row = {"system": None, "system_prompt": "Think in French.", "prompt": "1+1?", "response": "2"}
    assert read_one(row)[0][0] == ("system", "Think in French.")
    refuse({**row, "system": "Think."}, "several system messages that differ, in system, system_prompt")


def test_a_prompt_that_is_not_read_stays_among_the_other_columns():
    row = {"prompt": "1+1?", "problem": "Add one to one.", "question": "1+1?", "query": None, "id": 1}
    (asked,) = make_prompts([Row("rows", row)])
    assert asked.extra == {"problem": "Add one to one."}
    row = {"id": None, "uuid": "u", "source": {"a": 1}}
    assert list_others(row, read_facts(row).said) == {"id": None, "source": {"a": 1}}


def test_instructions_for_the_template_are_the_system_message_of_any_shape():
    row = {"chat_template_kwargs": {"custom_instructions": "Be brief."}, "prompt": "1+1?", "response": "2"}
    assert read_one(row)[0] == [("system", "Be brief."), ("user", "1+1?")]
    assert read_one({**row, "system": "Be kind."})[0][0] == ("system", "Be kind.")
    assert read_one({**row, "chat_template_kwargs": {"enable_thinking": True}})[0] == [("user", "1+1?")]


@pytest.mark.parametrize("prompt", ["{{ question }}", "{{row.problem}}", "{problem}\n", "%(question)s"])
def test_a_template_that_nothing_was_put_into_is_refused(prompt: str):
    refuse({"prompt": prompt, "response": THINK}, "a template in which nothing was put in")
    for said in ("{x} is what?", "What is {{ question }} in Jinja?", "{1}", "{a}"):
        assert read_one({"prompt": said, "response": THINK})[0] == [("user", said)]
