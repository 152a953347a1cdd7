"""Whatever dies of whatever: the guilty prompts are refused, all others answered, and a broken machine is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.engines.errors import EngineDied
from curate.engines.restarting import RestartingEngine
from curate.engines.scripted import Response, ScriptedEngine
from curate.engines.suspects import DEATHS
from filters.engine import Completion, EngineError, Request, RequestRefused
from filters.errors import WorkUndone
from tests.curate.engines.running import ask

MOST_DEATHS = 9
"""Of one guilty prompt among a hundred: two, and the logarithm to the base of four, rounded up, twice over."""


class Machine:
    """Opens scripted engines, and counts them."""

    def __init__(self, answer: Callable[[Request], Response], refuses: Sequence[bool] = ()) -> None:
        self.answer, self.refuses, self.born = answer, list(refuses), list[ScriptedEngine]()

    async def open(self) -> ScriptedEngine:
        if self.refuses and self.refuses.pop(0):
            raise EngineDied("no memory")
        self.born.append(ScriptedEngine(self.answer))
        return self.born[-1]


def text(request: Request) -> str:
    return request.messages[-1]["content"]


def deadly(*guilty: str, delay_s: float = 0.001) -> Callable[[Request], Response]:
    """Answers after a moment; these prompts end the engine, at a moment of their own seed's."""

    def answer(request: Request) -> Response:
        late = (request.seed or 0) % 7 * delay_s
        return Response(text=f"to {text(request)}", dies=text(request) in guilty, error=None, delay_s=late)

    return answer


def complete(
    machine: Machine, requests: Iterable[Request], at_once: int = 64
) -> list[Completion | Exception]:
    async def go() -> list[Completion | Exception]:
        engine, places = await RestartingEngine.open(machine.open), asyncio.Semaphore(at_once)

        async def one(request: Request) -> Completion | Exception:
            async with places:
                return await engine.complete(request)

        return await asyncio.wait_for(asyncio.gather(*map(one, requests), return_exceptions=True), 60)  # type: ignore[return-value]

    return asyncio.run(go())


def kinds(ended: Iterable[object]) -> set[str]:
    return {type(one).__name__ for one in ended}


def test_the_prompt_that_kills_is_refused_with_its_reason_and_the_others_are_answered():
    machine = Machine(deadly("bad"))
    asked = [ask("bad" if number == 37 else f"good {number}", number) for number in range(100)]
    made = complete(machine, asked)
    assert str(made[37]) == "its prompt ended the engine twice: the script ended the engine"
    assert isinstance(made[37], RequestRefused)
    assert [one.text for number, one in enumerate(made) if number != 37] == [
        f"to good {number}" for number in range(100) if number != 37
    ]
    assert 3 <= len(machine.born) - 1 <= MOST_DEATHS


def test_siblings_of_a_guilty_prompt_cost_no_more_deaths():
    machine = Machine(deadly("bad"))
    asked = [ask("bad" if number % 4 == 0 else "good", number) for number in range(400)]
    made = complete(machine, asked)
    assert kinds(made[::4]) == {"RequestRefused"}
    assert kinds(one for number, one in enumerate(made) if number % 4) == {"Completion"}
    assert len(machine.born) - 1 <= MOST_DEATHS


def test_a_prompt_that_is_asked_alone_is_refused_at_its_second_death():
    machine = Machine(deadly("bad"))
    assert kinds(complete(machine, [ask("bad")])) == {"RequestRefused"}
    assert len(machine.born) - 1 == 2


@pytest.mark.parametrize("deaths", [1, 2])
def test_an_engine_that_is_killed_from_outside_costs_nobody_anything(deaths: int):
    given_out = 0

    def answer(request: Request) -> Response:
        nonlocal given_out
        given_out += 1
        return Response(text=text(request), dies=given_out in (8, 60)[:deaths], delay_s=0.002)

    machine = Machine(answer)
    made = complete(machine, [ask(f"good {number}", number) for number in range(100)], at_once=16)
    assert kinds(made) == {"Completion"}
    assert len(machine.born) == deaths + 1


@pytest.mark.parametrize("at_once", [1, 2, 64])
def test_a_machine_on_which_every_prompt_dies_is_told_and_few_are_blamed(at_once: int):
    machine = Machine(lambda request: Response(dies=True, error="out of memory"))
    made = complete(machine, [ask(f"good {number}", number) for number in range(100)], at_once)
    blamed = [one for one in made if isinstance(one, RequestRefused)]
    assert len(blamed) <= (DEATHS - 1 if at_once < DEATHS else 0)
    told = {str(one) for one in made if isinstance(one, WorkUndone)}
    assert len(told) == 1
    assert "times in a row, the last with: out of memory. The samples are kept" in told.pop()
    assert len(machine.born) < 20


def test_a_machine_that_opens_no_more_engines_is_told():
    machine = Machine(deadly("bad"), refuses=[False] + [True] * 20)
    made = complete(machine, [ask("bad"), ask("good", 6)])
    assert {str(one) for one in made} == {
        "The engine ended 4 times in a row, the last with: no memory. "
        "The samples are kept; run the same command again to resume."
    }
    assert len(machine.refuses) == 20 - DEATHS


def test_an_engine_that_does_not_open_at_first_is_the_users():
    with pytest.raises(WorkUndone, match="The engine ended while it was opened: no memory"):
        complete(Machine(deadly(), refuses=[True]), [ask("good")])


def test_who_asks_an_engine_that_died_before_is_not_to_blame():
    async def go() -> None:
        machine = Machine(deadly())
        engine = await RestartingEngine.open(machine.open)
        for number in range(20):
            machine.born[-1]._dead = "killed while idle"
            assert (await engine.complete(ask("good", number))).text == "to good"
        assert len(machine.born) == 21

    asyncio.run(asyncio.wait_for(go(), 60))


def test_an_engine_that_always_dies_idle_ends_in_words():
    async def go() -> None:
        async def dead() -> ScriptedEngine:
            born.append(ScriptedEngine(deadly()))
            born[-1]._dead = "killed while idle"
            return born[-1]

        born: list[ScriptedEngine] = []
        engine = await RestartingEngine.open(dead)
        with pytest.raises(WorkUndone, match=f"The engine ended {DEATHS} times in a row"):
            await engine.complete(ask("good"))

    asyncio.run(asyncio.wait_for(go(), 60))


def test_a_failed_request_is_no_death():
    machine = Machine(lambda request: Response(error="no", dies=False))
    assert [type(one) for one in complete(machine, [ask("x"), ask("y")])] == [EngineError] * 2
    assert len(machine.born) == 1


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_guilty_prompts_are_refused_and_innocent_ones_answered(data: st.DataObject):
    """Where something is answered between any three guilty prompts, whoever asks what, how often and when."""
    names = [f"prompt {number}" for number in range(data.draw(st.integers(3, 30)))]
    guilty = data.draw(st.sets(st.sampled_from(names), max_size=min(2, len(names) - 1)))
    seeds = data.draw(st.lists(st.integers(0, 6), min_size=1, max_size=4))
    asked = [ask(name, seed) for name in data.draw(st.permutations(names)) for seed in seeds]
    machine = Machine(deadly(*guilty, delay_s=0.0003))
    made = complete(machine, asked, at_once=data.draw(st.sampled_from((1, 3, 16, 200))))
    for request, one in zip(asked, made, strict=True):
        assert type(one) is (RequestRefused if text(request) in guilty else Completion)
    assert len(machine.born) - 1 <= MOST_DEATHS * len(guilty)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_cancelled_requests_keep_nobody_waiting(data: st.DataObject):
    names = [f"prompt {number}" for number in range(12)]
    guilty = data.draw(st.sets(st.sampled_from(names), max_size=2))
    cancelled = data.draw(st.lists(st.tuples(st.sampled_from(names), st.floats(0, 0.02)), max_size=6))

    async def go() -> list[object]:
        engine = await RestartingEngine.open(Machine(deadly(*guilty)).open)
        tasks = {name: asyncio.create_task(engine.complete(ask(name, 1))) for name in names}
        for name, after_s in sorted(cancelled, key=lambda one: one[1]):
            await asyncio.sleep(after_s / 6)
            tasks[name].cancel()
        return await asyncio.wait_for(asyncio.gather(*tasks.values(), return_exceptions=True), 30)

    gone = {name for name, _ in cancelled}
    for name, one in zip(names, asyncio.run(go()), strict=True):
        allowed = {RequestRefused if name in guilty else Completion}
        assert type(one) in allowed | ({asyncio.CancelledError} if name in gone else set())
