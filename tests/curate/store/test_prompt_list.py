"""The prompts of a command are those asked for, once each, whatever else the run holds."""

from pathlib import Path

from curate.store.layout import list_parts
from curate.store.prompt_list import PromptList
from curate.store.prompts_by_id import read_prompts
from filters.types import Prompt

PROMPTS = [Prompt.make(f"Question {number}", "1", source_id=f"row{number}") for number in range(12)]


def test_equal_prompts_are_one_and_keep_their_order(tmp_path: Path):
    listed = PromptList.add(tmp_path, [*PROMPTS[:5], PROMPTS[2], PROMPTS[0]])
    assert len(listed) == 5
    assert list(listed) == list(listed) == PROMPTS[:5]
    assert PROMPTS[4] in listed
    assert PROMPTS[5] not in listed


def test_a_changed_file_adds_what_is_new_and_asks_for_what_it_names(tmp_path: Path):
    PromptList.add(tmp_path, PROMPTS[:6])
    listed = PromptList.add(tmp_path, iter([PROMPTS[9], PROMPTS[1], PROMPTS[8]]))
    assert list(listed) == [PROMPTS[1], PROMPTS[9], PROMPTS[8]]
    assert list(read_prompts(tmp_path)) == [*PROMPTS[:6], PROMPTS[9], PROMPTS[8]]
    PromptList.add(tmp_path, PROMPTS[:6])
    assert len(list_parts(tmp_path)) == 2, "what is there is not written again"
