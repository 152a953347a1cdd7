"""How general prompts are put: with a chain, or without one."""

import asyncio

import pytest

from curate.general.options import GeneralOptions
from curate.sampling.ask_general import DIRECT, GeneralAsk
from curate.sampling.prompting import AskOptions, PromptingEngine, describe_prompts
from filters.engine import Completion, Request, SamplingOptions
from filters.types import Prompt

CHAINED = Prompt.make("Why?", chain="asked: analysis", language="en")
DIRECTLY = Prompt.make("你好", chain="none: greeting", language="zh")


class Echo:
    identity, concurrency, in_force = "model", 4, {}

    def __init__(self, text="fine"):
        self.requests, self.text = [], text

    async def complete(self, request):
        self.requests.append(request)
        return Completion(self.text, "stop", 1, 1)

    async def close(self):
        pass


def put(prompt, text="fine", ask=None, **general):
    echo = Echo(text)
    asking = GeneralAsk.of(ask or AskOptions(), GeneralOptions(**general))
    engine = PromptingEngine(echo, asking, describe_prompts([CHAINED, DIRECTLY]))
    made = asyncio.run(engine.complete(Request(prompt.messages, SamplingOptions())))
    (request,) = echo.requests
    return request.messages[-1]["content"], request.switches, made.text


def test_the_template_is_switched():
    assert put(CHAINED) == ("Why?", {"enable_thinking": True}, "fine")
    assert put(DIRECTLY) == ("你好", {"enable_thinking": False}, "fine")
    assert put(DIRECTLY, switch="thinking")[1] == {"thinking": False}


def test_a_sentence_asks_for_no_chain_in_the_prompts_language():
    assert put(DIRECTLY, without_chain="instruction") == (f"你好\n\n{DIRECT['zh']}", {}, "fine")
    assert put(CHAINED, without_chain="instruction") == ("Why?", {}, "fine")
    assert put(DIRECTLY, without_chain="nothing") == ("你好", {}, "fine")


def test_what_asks_for_a_chain_stands_beside_prompts_that_are_asked_for_one():
    ask = AskOptions(instruction="Think.")
    assert put(CHAINED, ask=ask, without_chain="nothing")[0] == "Why?\n\nThink."
    assert put(DIRECTLY, ask=ask, without_chain="nothing")[0] == "你好"


@pytest.mark.parametrize("empty", ["<think></think>", "<think>\n\n</think>\n\n", " <think> </think>"])
def test_an_empty_think_block_is_no_part_of_an_answer_without_a_chain(empty):
    assert put(DIRECTLY, f"{empty}Hello.")[2] == "Hello."
    assert put(CHAINED, f"{empty}Hello.")[2] == f"{empty}Hello."
    assert put(DIRECTLY, f"So. {empty}Hello.")[2] == f"So. {empty}Hello."


def test_a_chain_that_was_not_asked_for_is_not_cut():
    assert put(DIRECTLY, "<think>Hm.</think>Hello.")[2] == "<think>Hm.</think>Hello."


def test_how_it_is_asked_is_part_of_the_identity():
    def identity(**general):
        return PromptingEngine(Echo(), GeneralAsk.of(AskOptions(), GeneralOptions(**general)), {}).identity

    asked = [{}, {"chain": "always"}, {"without_chain": "nothing"}, {"switch": "thinking"}]
    assert len({"model", *(identity(**general) for general in asked)}) == 5
    assert identity(share={"a": 1.0}, apart_from=("x",)) == identity()
