"""What a server does not take: the limit stays, what was asked for stays, and what else goes is said."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest

from curate.engines import retries
from curate.engines.dialect import NEUTRAL
from curate.engines.openai_format import _warn_of_parser
from curate.engines.server import ServerEngine
from filters.engine import (
    Completion,
    EngineError,
    EngineOptions,
    Loops,
    Request,
    RequestRefused,
    SamplingOptions,
)
from filters.errors import UserError
from filters.types import Message
from tests.curate.engines.test_server_stream import Recorder
from tests.curate.engines.unreliable import Answer, Unreliable, chat, in_turn, on_servers, refusal, stream


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_PAUSE_S", 0.001)


def asked(
    answer: Callable[[dict[str, Any]], Answer | None],
    *,
    times: int = 1,
    watch: Recorder | None = None,
    loops: Loops | None = None,
    form: str | None = None,
    **sampling: Any,
) -> tuple[list[Completion], list[dict[str, Any]], Any]:
    """Ask one engine, one request after the other; the answers, the requests, and what was in force."""

    async def work(endpoint: Unreliable) -> Any:
        engine = ServerEngine(EngineOptions(kind="server", model="m", endpoints=(endpoint.url,), retries=2))
        request = Request(
            [Message(role="user", content="hello")], SamplingOptions(**sampling), 1, watch, loops, form=form
        )
        try:
            made = [await engine.complete(request) for _ in range(times)]
            return made, endpoint.requests, engine.in_force
        finally:
            await engine.close()

    result: tuple[list[Completion], list[dict[str, Any]], Any] = on_servers(work, answer)
    return result


def refusing(*names: str, status: int = 400) -> Callable[[dict[str, Any]], Answer]:
    """A server that names one parameter after the other that it does not take."""

    def answer(request: dict[str, Any]) -> Answer:
        named = [name for name in names if name in request]
        return refusal(status, f"Unsupported parameter: '{named[0]}'") if named else chat()

    return answer


def with_context(context: int, prompt: int, says: str) -> Callable[[dict[str, Any]], Answer]:
    """A server that refuses what passes its context, in its own words."""

    def answer(request: dict[str, Any]) -> Answer:
        limit = request["max_tokens"]
        if prompt + limit > context:
            return refusal(400, says.format(context=context, asked=limit, total=prompt + limit))
        if not request.get("stream"):
            status, headers, body = chat()
            return status, headers, body.replace(b'"prompt_tokens": 3', f'"prompt_tokens": {prompt}'.encode())
        return stream("fi", "ne")

    return answer


def test_every_sampling_parameter_is_said_and_what_is_in_force_is_known() -> None:
    _, (sent,), in_force = asked(lambda request: chat(), temperature=0.6, top_k=5)
    said = {**NEUTRAL, "temperature": 0.6, "top_k": 5}
    assert {name: sent[name] for name in said} == said
    assert in_force == {"sent": said}


def test_a_neutral_parameter_that_is_refused_is_left_out_from_then_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    made, sent, in_force = asked(refusing("top_k", "min_p"), times=2)
    assert [each.text for each in made] == ["fine", "fine"]
    assert [("top_k" in each, "min_p" in each) for each in sent] == [
        (True, True), (False, True), (False, False), (False, False),
    ]  # fmt: skip
    assert list(in_force["left_out"].values()) == [["min_p", "top_k"]]
    assert in_force["sent"] == NEUTRAL
    assert len(caplog.records) == 2
    assert "does not take top_k, which is left out" in caplog.text


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize(
    ("name", "value"), [("temperature", 0.6), ("top_p", 0.9), ("top_k", 5), ("stop", ("x",))]
)
def test_what_was_asked_for_is_never_left_out(status: int, name: str, value: Any) -> None:
    with pytest.raises(UserError, match=f"does not take {name} .*which was asked for: Unsupported parameter"):
        asked(refusing(name, status=status), **{name: value})


def test_a_parameter_left_out_while_neutral_is_said_again_where_it_is_asked_for() -> None:
    async def work(endpoint: Unreliable) -> None:
        engine = ServerEngine(EngineOptions(kind="server", model="m", endpoints=(endpoint.url,)))
        message = Message(role="user", content="hello")
        await engine.complete(Request([message], SamplingOptions()))
        with pytest.raises(UserError, match="does not take top_k 5"):
            await engine.complete(Request([message], SamplingOptions(top_k=5)))
        await engine.close()

    on_servers(work, refusing("top_k"))


def test_a_refused_seed_is_left_out_and_the_sample_says_so(caplog: pytest.LogCaptureFixture) -> None:
    made, _, in_force = asked(refusing("seed", status=422), times=2)
    assert [each.seeded for each in made] == [False, False]
    assert list(in_force["left_out"].values()) == [["seed"]]
    assert "cannot be made again" in caplog.text


def test_loops_are_not_looked_for_where_a_server_cannot() -> None:
    made, sent, _ = asked(refusing("repetition_detection"), loops=Loops(20, 16))
    assert made[0].text == "fine"
    assert ["repetition_detection" in each for each in sent] == [True, False]


def test_the_limit_is_said_under_its_newer_name_from_then_on() -> None:
    words = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."

    def answer(request: dict[str, Any]) -> Answer:
        return refusal(400, words) if "max_tokens" in request else chat()

    _, sent, in_force = asked(answer, times=2, max_tokens=9)
    limits = [{k: v for k, v in each.items() if k.startswith("max")} for each in sent]
    assert limits == [{"max_tokens": 9}, {"max_completion_tokens": 9}, {"max_completion_tokens": 9}]
    assert list(in_force["limit_name"].values()) == ["max_completion_tokens"]


def test_a_server_that_takes_no_limit_at_all_is_not_asked_without_one() -> None:
    with pytest.raises(EngineError, match="Unsupported parameter: 'max_completion_tokens'"):
        asked(refusing("max_tokens", "max_completion_tokens"))


DIALECTS = [
    "max_tokens={asked} cannot be greater than max_model_len={context}. Please request fewer output tokens.",
    "This model's maximum context length is {context} tokens. However, you requested {asked} output tokens and your "
    "prompt contains at least 1 input tokens",
    "Requested token count exceeds the model's maximum context length of {context} tokens. You requested a total of "
    "{total} tokens",
    "Input length (9) plus output length ({asked}) exceeds the maximum allowed length ({context}).",
]  # fmt: skip


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("words", DIALECTS)
def test_the_limit_becomes_what_is_left_of_the_context(
    words: str, watched: bool, caplog: pytest.LogCaptureFixture
) -> None:
    watch = Recorder() if watched else None
    made, sent, in_force = asked(with_context(100, 30, words), times=2, watch=watch, max_tokens=120)
    assert [each["max_tokens"] for each in sent] == [120, 1, 70] * 2
    assert [each.text for each in made] == ["fine", "fine"]
    assert list(in_force["context_length"].values()) == [100]
    assert len([record for record in caplog.records if "exceeds what the context of" in record.message]) == 1
    assert watch is None or watch.text == "fine"


def test_where_the_context_is_not_told_the_limit_is_halved_until_it_fits() -> None:
    _, sent, _ = asked(with_context(100, 30, "the context length is exceeded"), max_tokens=1000)
    assert [each["max_tokens"] for each in sent] == [1000, 1, 500, 250, 125, 62]


def test_a_longest_answer_is_asked_for_where_there_is_one() -> None:
    words = "max_tokens is too large: {asked}. This model supports at most 70 completion tokens."
    _, sent, _ = asked(with_context(100, 30, words), max_tokens=120)
    assert [each["max_tokens"] for each in sent] == [120, 1, 70]


@pytest.mark.parametrize("prompt", [100, 1000])
def test_a_prompt_that_is_too_long_is_refused_for_good(prompt: int) -> None:
    words = "request ({total} tokens) exceeds the available context size ({context} tokens)"
    with pytest.raises(RequestRefused, match="the prompt is too long: request"):
        asked(with_context(100, prompt, words), max_tokens=50)


def test_a_server_that_contradicts_itself_comes_to_an_end() -> None:
    def answer(request: dict[str, Any]) -> Answer:
        return refusal(400, "the context length is exceeded") if request.get("stream") else chat()

    with pytest.raises(RequestRefused, match="has no room for an answer"):
        asked(answer, watch=Recorder())


def test_an_error_while_it_counts_the_prompt_is_tried_again() -> None:
    long = refusal(400, "maximum context length is 100 tokens")
    made, sent, _ = asked(in_turn(long, refusal(503), long, chat(), chat()), max_tokens=200)
    assert made[0].text == "fine"
    assert [each["max_tokens"] for each in sent] == [200, 1, 200, 1, 97]


def test_a_server_that_keeps_to_another_limit_is_told(caplog: pytest.LogCaptureFixture) -> None:
    asked(lambda request: chat(finish="length"), times=2, max_tokens=9)
    assert re.findall(r"after (\d) tokens, where the limit was (\d)", caplog.text) == [("2", "9")]


def test_samples_without_counts_are_whole_and_told(caplog: pytest.LogCaptureFixture) -> None:
    body = b'{"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}'
    made, _, _ = asked(lambda request: (200, {}, body), times=2)
    assert made == [Completion("x", "stop", None, None)] * 2
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "does not count its tokens" in caplog.text


def test_an_answer_in_the_field_of_the_chain_is_a_chain_and_told(caplog: pytest.LogCaptureFixture) -> None:
    _warn_of_parser.cache_clear()
    made, _, _ = asked(lambda request: chat("", reasoning_content="It is 4."), times=2)
    assert made[0].text == "<think>It is 4."
    assert caplog.text.count("ended an answer inside its chain") == 1


def test_an_endpoints_password_is_in_no_message() -> None:
    async def work(endpoint: Unreliable) -> None:
        url = endpoint.url.replace("http://", "http://user:sesame@")
        engine = ServerEngine(EngineOptions(kind="server", model="m", endpoints=(url,), retries=0))
        with pytest.raises(EngineError, match="503: busy") as caught:
            await engine.complete(Request([Message(role="user", content="x")], SamplingOptions()))
        assert "sesame" not in str(caught.value)
        await engine.close()

    on_servers(work, lambda request: refusal(503, "busy"))


def test_a_stream_and_a_whole_answer_are_read_though_the_other_was_asked_for() -> None:
    made, _, _ = asked(lambda request: stream("fi", "ne"))
    assert made == [Completion("fine", "stop", 3, 2)]
    watch = Recorder()
    made, _, _ = asked(lambda request: chat(), watch=watch)
    assert made == [Completion("fine", "stop", 3, 2)]
    assert watch.text == "fine"


def test_a_request_of_a_busy_server_is_not_given_up_while_others_are_answered() -> None:
    turns = [refusal(429)] * 8
    made, sent, _ = asked(in_turn(chat(), *turns, chat()), times=2)
    assert len(sent) == 10
    assert made[1].text == "fine"


def test_after_one_was_given_up_the_next_are_tried_once_until_one_is_answered() -> None:
    async def work(endpoint: Unreliable) -> list[str]:
        engine = ServerEngine(EngineOptions(kind="server", model="m", endpoints=(endpoint.url,), retries=2))
        request = Request([Message(role="user", content="x")], SamplingOptions())
        said = []
        for _ in range(4):
            try:
                said.append((await engine.complete(request)).text)
            except EngineError as error:
                said.append(str(error)[:15])
        await engine.close()
        return said

    down = [refusal(500)] * 3
    said = on_servers(work, in_turn(*down, refusal(500), chat(), refusal(500), chat()))
    assert said == ["gave up after 3", "gave up after 1", "fine", "fine"]


def test_switches_of_the_template_are_passed_on_and_never_left_out() -> None:
    async def work(endpoint: Unreliable) -> Any:
        engine = ServerEngine(EngineOptions(kind="server", model="m", endpoints=(endpoint.url,), retries=2))
        messages = [Message(role="user", content="hello")]
        try:
            for switches in ({"enable_thinking": False}, {}):
                await engine.complete(Request(messages, SamplingOptions(), switches=switches))
            return [sent.get("chat_template_kwargs") for sent in endpoint.requests]
        finally:
            await engine.close()

    assert on_servers(work, lambda request: chat()) == [{"enable_thinking": False}, None]
    with pytest.raises(UserError, match=r"does not take chat_template_kwargs .*which was asked for"):
        on_servers(work, refusing("chat_template_kwargs"))


FORM = "[\\s\\S]*VERDICT: (CORRECT|INCORRECT)"


def told(request: dict[str, Any]) -> bool:
    return request.get("structured_outputs") == {"regex": FORM} and request.get("regex") == FORM


def test_a_form_is_told_in_the_names_of_the_servers_that_enforce_one() -> None:
    _, sent, in_force = asked(lambda request: chat(), form=FORM)
    assert told(sent[0]) and "regex" not in in_force["sent"]
    _, sent, _ = asked(lambda request: chat())
    assert not {"regex", "structured_outputs"} & sent[0].keys()


@pytest.mark.parametrize(
    "said",
    [
        "Unrecognized request arguments supplied: regex, structured_outputs",
        "This model cannot compile the grammar: out of memory",
    ],
)
def test_a_server_that_refuses_a_form_is_asked_without_and_told_once(
    said: str, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(request: dict[str, Any]) -> Answer:
        return refusal(400, said) if "regex" in request else chat()

    made, sent, in_force = asked(answer, times=3, form=FORM)
    assert [one.text for one in made] == ["fine"] * 3
    assert [told(request) for request in sent] == [True, False, False, False]
    assert next(iter(in_force["left_out"].values())) == ["regex", "structured_outputs"]
    assert caplog.text.count("does not hold an answer to a form") == 1


def test_a_form_whose_names_are_refused_one_by_one_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    _, sent, _ = asked(refusing("structured_outputs", "regex", status=422), times=2, form=FORM)
    assert ["regex" in request for request in sent] == [True, True, False, False]
    assert caplog.text.count("does not hold an answer to a form") == 1
    assert "default is in force" not in caplog.text
