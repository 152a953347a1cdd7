"""Every sample asked for has one outcome, wherever in the run it stands."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from curate.checking.run_checks import run_checks
from curate.store.journal import SampleWriter
from curate.store.layout import Run, list_parts
from curate.store.prompt_list import PromptList
from curate.store.verdicts import record_checks
from distill.evaluation.outcomes import _list_of_prompt as list_of_prompt
from distill.evaluation.outcomes import list_outcomes
from distill.evaluation.pass_at_1 import estimate_cons_at_k
from filters.spec import make_spec
from filters.types import Prompt, Sample, Status

PROMPT = Prompt.make("What is 1 + 1?", "2")
SPECS = [make_spec("math_answer")]


def write(run: Run, *made: tuple[int, Status, str, str]) -> None:
    """One part of samples, as a run of the sampler leaves them: index, status, finish, answer."""
    with SampleWriter(run, "eval-e", []) as writer:
        for index, status, finish, text in made:
            response = f"\\boxed{{{text}}}" if status == "whole" else ""
            writer.add(Sample(f"s{index}", PROMPT, response, index, 3, finish), {}, status)
        writer.seal()


def read(run: Run, samples: int) -> list[tuple[str, bool | None, int | None]]:
    PromptList.add(run.prompts("eval-e"), [PROMPT])
    record_checks(run, "eval-e", SPECS, "verify")
    run_checks(run, "eval-e", SPECS, 1)
    found = list_outcomes(run, "eval-e", SPECS, [PROMPT], samples)
    return [(one.fate, one.ok, one.class_) for one in found]


def test_every_index_has_its_outcome(tmp_path: Path):
    run = Run(tmp_path)
    write(
        run, (0, "whole", "stop", "2"), (1, "failed", "refused", ""), (2, "failed", "error", ""),
        (3, "stopped", "stopped", ""), (4, "cancelled", "cancelled", ""), (6, "whole", "length", "3"), (7, "whole", "stop", "2"),
    )  # fmt: skip
    assert read(run, 7) == [
        ("whole", True, 0), ("refused", False, None), ("failed", None, None), ("stopped", False, None),
        ("missing", None, None), ("missing", None, None), ("whole", False, None),
    ]  # fmt: skip
    assert list_outcomes(run, "eval-e", SPECS, [PROMPT], 7)[6].truncated


def test_a_sample_made_whole_later_is_whole_and_its_answers_are_classed_with_the_others(tmp_path: Path):
    run = Run(tmp_path)
    write(run, (0, "failed", "error", ""), (1, "whole", "stop", "3"), (2, "failed", "error", ""))
    write(run, (0, "whole", "stop", "2"), (2, "failed", "refused", ""), (3, "whole", "stop", "3.0"))
    assert len(list_parts(run.samples("eval-e"))) == 2
    assert read(run, 4) == [
        ("whole", True, 0),
        ("whole", False, 1),
        ("refused", False, None),
        ("whole", False, 1),
    ]


ANSWERS = st.sampled_from(
    ["", " ", None, "$$", ".", "\u200b", "\ud800", "1", "1.0", "9" * 5_000, "y" * 60_000]
)


@given(st.lists(st.tuples(ANSWERS, st.none() | st.booleans()), max_size=6), st.integers(0, 3))
@settings(deadline=None)
def test_whatever_the_answers_are_each_sample_has_its_own_and_the_vote_an_estimate(made, missing: int):
    whole = {
        index: {"answer": text, "ok": ok, "tokens": 1, "finish": "stop", "values": {}}
        for index, (text, ok) in enumerate(made)
    }
    found = list(list_of_prompt(PROMPT, whole, {}, len(made) + missing))
    for outcome, (text, ok) in zip(found, made, strict=False):
        assert (outcome.ok, outcome.class_ is None) == (ok, not text)
    classes = {text: outcome.class_ for outcome, (text, _) in zip(found, made, strict=False) if text}
    assert all(classes[text] == o.class_ for o, (text, _) in zip(found, made, strict=False) if text)
    votes = estimate_cons_at_k([[(o.class_, o.ok) for o in found]])
    assert votes.counted + votes.left_out == 1


def test_of_a_run_without_samples_all_are_missing(tmp_path: Path):
    assert [o.fate for o in list_outcomes(Run(tmp_path), "eval-e", SPECS, [PROMPT], 2)] == ["missing"] * 2
