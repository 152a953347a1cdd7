"""What a sampler has left on the disk is counted as the sampler itself counted it."""

import asyncio
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from curate.checking.executors.local import LocalExecutor
from curate.engines.scripted import Response, ScriptedEngine
from curate.sampling.budget import Counts
from curate.sampling.sampler import Sampler
from curate.sampling.segment_counts import count_segment, list_segment_parts
from curate.sampling.stopping import StoppingRule
from curate.store.journal import SampleWriter, take_over
from curate.store.layout import Run
from filters.engine import SamplingOptions
from filters.spec import make_spec
from filters.types import Prompt

SPECS = [make_spec(f"tests.curate.checking.checks_for_tests:{name}") for name in ("Moody", "Short")]
LABELS = [spec.label for spec in SPECS]
ANSWERS = st.builds(
    Response, text=st.sampled_from(["right", "bad", "unsure", "bad and long", "too long for one"]), tokens=st.integers(0, 9)
) | st.sampled_from([Response(error="busy"), Response(refused="too long"), Response(finish="repetition", text="x", tokens=4)])  # fmt: skip


async def sample(run: Run, answers: list[Response], executor: LocalExecutor, seal_at: int) -> Counts:
    """Sample each prompt once into a segment, some of it sealed, and leave the rest to whoever takes over."""
    prompts = [Prompt.make(f"Question {n}", "1") for n in range(len(answers))]
    script = {prompt.messages[-1]["content"]: answer for prompt, answer in zip(prompts, answers, strict=True)}
    engine = ScriptedEngine(lambda request: script[request.messages[-1]["content"]], concurrency=2)
    writer = SampleWriter(run, "t", SPECS, "s1")
    sampler = Sampler(engine, SamplingOptions(), StoppingRule(samples=1), writer, executor, {})
    counts = await sampler.run(prompts[:seal_at])
    writer.seal()
    later = Sampler(engine, SamplingOptions(), StoppingRule(samples=1), writer, executor, {})
    more = await later.run(prompts[seal_at:])
    writer.sync()
    writer._journal.close()
    return replace(
        counts,
        whole=counts.whole + more.whole,
        accepted=counts.accepted + more.accepted,
        partial={
            key: counts.partial.get(key, 0) + more.partial.get(key, 0)
            for key in counts.partial | more.partial
        },
        refused=counts.refused + more.refused,
        reasons=counts.reasons + more.reasons,
        tokens=counts.tokens + more.tokens,
    )


def test_a_lost_sampler_is_counted_by_what_it_left():
    with LocalExecutor(SPECS, 1) as executor:

        @settings(max_examples=10, deadline=None)
        @given(st.lists(ANSWERS, max_size=8), st.integers(0, 8))
        def check(answers, seal_at):
            with TemporaryDirectory() as folder:
                run = Run(Path(folder))
                made = asyncio.run(sample(run, answers, executor, seal_at))
                take_over(run, "t", "s1", SPECS)
                left = count_segment(run, "t", list_segment_parts(run, "t", "s1"), LABELS)
                assert left == replace(made, prompts=0, seconds=0.0, error="", spent="")

        check()


def test_nothing_is_counted_where_nothing_was_left(tmp_path: Path):
    assert count_segment(Run(tmp_path), "t", list_segment_parts(Run(tmp_path), "t", "s1"), LABELS) == Counts()
