"""Which general prompts are asked: by content, and none that others ask already."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.general.choose import choose_prompts
from curate.general.options import GeneralOptions
from curate.store.layout import Run
from curate.store.prompt_list import PromptList
from filters.errors import UserError
from filters.types import Prompt

WORDS = ["river", "stone", "cloud", "winter", "lamp", "paper", "garden", "copper", "violin", "island"]


def make_prompts(number, seed=0):
    draw = random.Random(seed)
    return [
        Prompt.make(
            f"Tell a story about {' and '.join(draw.sample(WORDS, 6))}, number {n}.",
            domain=draw.choice("abc"),
        )
        for n in range(number)
    ]


def choose(prompts, tmp_path, limit=None, strict=True, **options):
    return choose_prompts(
        lambda: iter(prompts), Run(tmp_path), GeneralOptions(**options), limit, strict=strict
    )


def texts(choice):
    return {prompt.text for prompt in choice}


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 60), st.booleans())
def test_the_choice_hangs_on_content_alone(tmp_path_factory, rng, limit, shares):
    prompts = make_prompts(60)
    options = {"share": {"a": 0.5, "b": 0.25}} if shares else {}
    before = choose(prompts, tmp_path_factory.getbasetemp(), limit, **options)
    other = prompts + prompts[:5]
    rng.shuffle(other)
    after = choose(other, tmp_path_factory.getbasetemp(), limit, **options)
    assert texts(before) == texts(after)
    assert before.tell() == after.tell()
    assert len(before.keys) == (sum(q.taken for q in before.quotas) if shares else limit)


def test_more_of_the_same_file_keeps_what_was_chosen(tmp_path):
    prompts = make_prompts(60)
    assert texts(choose(prompts, tmp_path, 10)) < texts(choose(prompts, tmp_path, 30))


def test_what_a_share_lacks_is_told(tmp_path):
    prompts = [Prompt.make(f"Question {n}", domain="facts" if n < 3 else "chat") for n in range(20)]
    choice = choose(prompts, tmp_path, 10, share={"facts": 0.5})
    assert choice.tell() == [
        "8 of 20 general prompts are asked",
        "of 'facts' 5 were asked for by its share, and there are 3",
    ]


def test_prompts_that_others_ask_already_are_not_asked(tmp_path):
    asked = make_prompts(30)
    PromptList.add(Run(tmp_path).prompts("teacher"), asked)
    Run(tmp_path).samples("teacher").mkdir(parents=True)
    near = [Prompt.make(f"Please  {p.text[0].lower()}{p.text[1:]}") for p in asked[:7]]
    fresh = make_prompts(20, seed=9)
    fresh = [Prompt.make(p.text.replace("story", "fable") + " Let it end well.") for p in fresh]
    for seed in range(2):
        prompts = [*near, *asked[20:], *fresh]
        random.Random(seed).shuffle(prompts)
        choice = choose(prompts, tmp_path, apart_from=("teacher",))
        assert texts(choice) == {p.text for p in fresh}
        assert "17 are not asked, being near-duplicates of prompts of teacher" in choice.tell()


def test_they_are_compared_with_a_file_as_well(tmp_path):
    (tmp_path / "asked.jsonl").write_text(
        '{"prompt": "Please name the eight planets of our sun in their order from the nearest to the farthest."}\n'
    )
    near = Prompt.make("Name the eight planets of our sun in their order from the nearest to the farthest.")
    prompts = [near, Prompt.make("Name a colour.")]
    choice = choose(prompts, tmp_path, apart_from=(str(tmp_path / "asked.jsonl"),))
    assert texts(choice) == {"Name a colour."}


def test_what_is_not_there_is_refused_and_planned_without(tmp_path):
    prompts = make_prompts(5)
    with pytest.raises(UserError, match="--apart-from rejection: the run has no samples of that name"):
        choose(prompts, tmp_path, apart_from=("rejection",))
    told = choose(prompts, tmp_path, apart_from=("rejection",), strict=False).tell()
    assert "rejection: not there yet, so that nothing was compared with it" in told


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path):
    reads = iter([make_prompts(5), make_prompts(4)])
    choice = choose_prompts(lambda: next(reads), Run(tmp_path), GeneralOptions())
    with pytest.raises(UserError, match="were changed while they were read"):
        list(choice)


def test_a_file_without_prompts_compares_with_nothing_and_is_refused(tmp_path):
    (tmp_path / "none.jsonl").touch()
    with pytest.raises(UserError, match="it holds no prompts"):
        choose(make_prompts(2), tmp_path, apart_from=(str(tmp_path / "none.jsonl"),))
