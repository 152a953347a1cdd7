"""Several samplers with leases make what one would: nothing lost, nothing twice, no budget overshot, whoever is lost when."""

import asyncio
import random
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.checking.executors.local import LocalExecutor
from curate.engines.scripted import Response, ScriptedEngine
from curate.sampling import leased_prompts
from curate.sampling.budget import Budget, Counts, Share
from curate.sampling.leased_prompts import LeasedPrompts, sample_leased
from curate.sampling.leases import GIVEN_UP_AT, Lease, LeaseBook, Left, Report
from curate.sampling.sampler import Sampler
from curate.sampling.segment_counts import count_segment, list_segment_parts
from curate.sampling.stopping import PromptProgress, StoppingRule
from curate.sampling.watchdog import WatchdogOptions
from curate.store.journal import SampleWriter, take_over
from curate.store.layout import PARTIAL, Run, list_parts
from curate.store.parquet import scan_files
from curate.store.segments import name_segment
from curate.store.verdict_index import index_verdicts
from filters.engine import SamplingOptions
from filters.types import Prompt

SAMPLING = SamplingOptions(seed=5, max_tokens=10)
NOTHING = Left({}, Counts())
PROMPTS = {prompt.id: prompt for prompt in (Prompt.make(f"Question {n}", str(n)) for n in range(12))}


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    monkeypatch.setattr(leased_prompts, "EVERY_S", 0.01)
    monkeypatch.setattr(leased_prompts, "UNFED_S", 0.01)
    monkeypatch.setattr(leased_prompts, "SOON_S", 0.001)


def make_book(rule: StoppingRule, budget: Budget | None = None) -> LeaseBook:
    return LeaseBook([Lease(id_, {}) for id_ in PROMPTS], budget or Budget(), SAMPLING.max_tokens)


def answer(request) -> Response:
    return Response(
        text=f"{request.messages[-1]['content']} {request.seed}", tokens=3, delay_s=request.seed % 7 / 1000
    )


async def work(
    run: Run, book: LeaseBook, segment: str, rule: StoppingRule, concurrency: int, executor, writers
) -> Counts:
    async def exchange(report: Report):
        await asyncio.sleep(0)
        return book.exchange(segment, report)

    engine = ScriptedEngine(answer, concurrency=concurrency)
    writers[segment] = writer = SampleWriter(run, "t", [], segment)
    source = LeasedPrompts(exchange, lambda ids: {id_: PROMPTS[id_] for id_ in ids}, rule.samples)
    sampler = Sampler(engine, SAMPLING, rule, writer, executor, source.known, source.share, WatchdogOptions())
    counts = await sample_leased(source, sampler, writer.sync)
    with writer:
        pass
    book.end(segment, counts)
    return counts


async def work_all(
    run: Run, book: LeaseBook, rule: StoppingRule, kills: list[float], samplers: int = 3
) -> None:
    """So many samplers at a time; each kill, after so many seconds, loses one of them without a word."""
    writers: dict[str, SampleWriter] = {}
    with LocalExecutor([], 1) as executor:
        alive: dict[asyncio.Task, str] = {}

        def start() -> None:
            segment = name_segment()
            task = asyncio.create_task(
                work(run, book, segment, rule, random.choice([1, 5]), executor, writers)
            )
            alive[task] = segment

        for _ in range(samplers):
            start()
        for pause in kills:
            await asyncio.sleep(pause)
            victim = next((task for task in alive if not task.done()), None)
            if victim is None:
                break
            writer = writers.get(alive[victim])
            if writer is not None:
                writer.sync()
                writer._journal.add = lambda row: None  # what it still writes reaches no disk
                writer.seal = lambda: None
            victim.cancel()
            await asyncio.gather(victim, return_exceptions=True)
            segment = alive.pop(victim)
            if writer is not None:
                writer._journal.close()
            take_over(run, "t", segment, [])
            known = index_verdicts(run, "t", [])
            there = count_segment(run, "t", list_segment_parts(run, "t", segment), [])
            told = book.list_counts().get(segment, Counts())
            # What was told is on the disk, so that numbers that were shown never fall.
            assert told.whole <= there.whole and told.tokens <= there.tokens
            left = Left({id_: known.get(id_, {}) for id_ in book.list_leased(segment)}, there)
            book.lose(segment, left)
            start()
        async with asyncio.timeout(30):
            await asyncio.gather(*alive)


def count_samples(run: Run) -> Counter[tuple[str, int]]:
    parts = list_parts(run.samples("t"))
    return (
        Counter(scan_files(parts).select("prompt_id", "index").collect().iter_rows()) if parts else Counter()
    )


def count_partial(run: Run) -> tuple[Counter[str], int]:
    """Samples that are not whole, by status, and their tokens."""
    parts = list_parts(run.samples("t"), PARTIAL)
    rows = scan_files(parts).select("status", "tokens").collect() if parts else None
    return (Counter(), 0) if rows is None else (Counter(rows["status"]), rows["tokens"].sum())


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 0.05), max_size=6), st.integers(1, 6))
def test_whoever_is_lost_when_all_is_made_once(kills, samples):
    with TemporaryDirectory() as folder:
        run, rule = Run(Path(folder)), StoppingRule(samples=samples)
        book = make_book(rule)
        asyncio.run(work_all(run, book, rule, kills))
        counts = book.sum_up()
        assert counts.whole == counts.accepted == sum(count_samples(run).values())
        assert (counts.partial, counts.tokens - 3 * counts.whole) == count_partial(run)
        if not book.given_up:
            assert counts.prompts == len(PROMPTS)
            assert count_samples(run) == Counter(
                {(id_, index): 1 for id_ in PROMPTS for index in range(samples)}
            )
        assert book.is_done
        assert max(count_samples(run).values(), default=1) == 1
        assert not run.is_unfinished("t")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 0.05), max_size=3), st.integers(1, 60), st.booleans())
def test_a_budget_is_never_overshot_and_spent_where_nobody_is_lost(kills, limit, tokens):
    with TemporaryDirectory() as folder:
        run, rule = Run(Path(folder)), StoppingRule(samples=4)
        budget = Budget(tokens=10 * limit) if tokens else Budget(samples=limit)
        book = make_book(rule, budget)
        asyncio.run(work_all(run, book, rule, kills))
        made = sum(count_samples(run).values())
        if tokens:
            assert 3 * made <= 10 * limit
        else:
            assert made <= limit
        if not kills:
            # A request may start where what the longest sample costs is left.
            assert made == (min(48, (10 * limit - 10) // 3 + 1) if tokens else min(48, limit))
            assert made == 48 or book.sum_up().spent


STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 6), st.integers(0, 4)), max_size=40
)


@given(STEPS, st.integers(1, 20), st.booleans())
def test_shares_never_exceed_the_budget_whatever_is_spent_between_a_report_and_its_reply(
    steps, limit, tokens
):
    """Each step is a report: by whom, a sample told twice, more that it could start, and what it starts before the reply."""
    longest = 10 if tokens else 1
    budget = Budget(tokens=limit * longest) if tokens else Budget(samples=limit)
    book = LeaseBook([Lease(id_, {}) for id_ in PROMPTS], budget, longest)
    shares = [Share(0, 0, whole=False) for _ in range(3)]
    used = [0, 0, 0]  # requests, each of which may cost the most
    for who, twice, more, started in steps:
        told = used[who] + twice
        shares[who].give_back(told, told * longest, more, longest)
        report = Report(Counts(), samples=told, tokens=told * longest, more=more, flying=1)
        reply = book.exchange(f"s{who}", report)
        for _ in range(started):
            mine = shares[who].tokens if tokens else shares[who].samples
            used[who] += (used[who] + 1) * longest <= mine
        assert sum(used) <= limit
        shares[who].samples, shares[who].tokens = reply.samples, reply.tokens
        assert used[who] * longest <= (reply.tokens if tokens else reply.samples)


def test_a_prompt_that_loses_its_samplers_is_leased_alone_and_then_given_up():
    book = make_book(StoppingRule(samples=2))
    guilty, seen = next(iter(PROMPTS)), []
    for number in range(100):
        if book.is_done:
            break
        reply = book.exchange(f"s{number}", Report(Counts(), wanted=4))
        leased = [lease.prompt_id for lease in reply.leases]
        if guilty in leased:
            seen.append(len(leased))
            assert book.exchange(f"s{number}", Report(Counts(), wanted=4)).leases == () or len(seen) <= 2
            book.lose(f"s{number}", NOTHING)
        else:
            book.exchange(f"s{number}", Report(Counts(), finished=tuple(leased)))
            book.end(f"s{number}", Counts())
    assert len(seen) == GIVEN_UP_AT and seen[2:] == [1, 1]
    assert book.given_up == [guilty]


def test_a_lost_sampler_that_comes_back_is_told_to_end_and_leases_nothing():
    book = make_book(StoppingRule(samples=2))
    (lease,) = book.exchange("one", Report(Counts(), wanted=1)).leases
    book.lose("one", NOTHING)
    reply = book.exchange("one", Report(Counts(), finished=(lease.prompt_id,), wanted=3))
    assert (reply.leases, reply.done, reply.abort) == ((), True, True)
    assert book.exchange("two", Report(Counts(), wanted=1)).leases[0].prompt_id == lease.prompt_id


def test_what_is_known_goes_with_a_lease_that_is_given_again():
    book = make_book(StoppingRule(samples=2))
    (lease,) = book.exchange("one", Report(Counts(), wanted=1)).leases
    book.lose("one", Left({lease.prompt_id: {0: True}}, Counts(whole=1)))
    assert book.sum_up().whole == 1
    (again,) = book.exchange("two", Report(Counts(), wanted=1)).leases
    assert again == Lease(lease.prompt_id, {0: True})
    assert PromptProgress(StoppingRule(samples=2), again.known).next_wave() == [1]


def test_a_stop_aborts_what_is_in_flight(tmp_path: Path):
    run, rule = Run(tmp_path), StoppingRule(samples=4)
    book = make_book(rule)

    async def go() -> None:
        with LocalExecutor([], 1) as executor:
            task = asyncio.create_task(work(run, book, "sx", rule, 3, executor, {}))
            await asyncio.sleep(0.03)
            book.stop("minutes")
            async with asyncio.timeout(5):
                await task

    asyncio.run(go())
    assert book.sum_up().spent == "minutes"
    made = count_samples(run)
    partial = (
        scan_files(list_parts(run.samples("t"), PARTIAL)).collect()
        if list_parts(run.samples("t"), PARTIAL)
        else []
    )
    assert len(made) < 48 and set(made.values()) == {1} and len(partial) == 0
