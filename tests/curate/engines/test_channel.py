"""Objects of any size arrive whole and in order, whichever threads send them, and sending never waits."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from curate.engines.channel import Channel, ChannelClosed

LARGE = "x" * 300_000


def between(work: Callable[[Channel, Channel], Awaitable[None]]) -> None:
    async def go() -> None:
        one, other = map(Channel.open, socket.socketpair())
        channels = [await one, await other]
        try:
            await work(*channels)
        finally:
            for channel in channels:
                channel.close()

    asyncio.run(asyncio.wait_for(go(), 60))


def test_many_threads_send_large_objects_both_ways_at_once():
    async def work(one: Channel, other: Channel) -> None:
        loop, sent = asyncio.get_running_loop(), range(8)

        def send(channel: Channel, thread: int) -> None:
            for number in range(20):
                channel.send(thread, number, LARGE[: 20_000 * (1 + number % 15)])

        async def receive(channel: Channel) -> list[tuple[int, int, str]]:
            return [await channel.receive() for _ in range(20 * len(sent))]

        with ThreadPoolExecutor(16) as pool:
            sending = [loop.run_in_executor(pool, send, channel, n) for n in sent for channel in (one, other)]
            for got in await asyncio.gather(receive(one), receive(other)):
                for thread in sent:
                    own = [(number, len(text)) for sender, number, text in got if sender == thread]
                    assert own == [(number, 20_000 * (1 + number % 15)) for number in range(20)]
            await asyncio.gather(*sending)

    between(work)


def test_sending_to_one_who_does_not_read_waits_for_nobody():
    async def work(one: Channel, other: Channel) -> None:
        began = time.monotonic()
        for number in range(50):
            one.send(number, LARGE)
        await asyncio.sleep(0)
        assert time.monotonic() - began < 1
        await one.flush(0.2)
        assert [(await other.receive())[0] for _ in range(50)] == list(range(50))

    between(work)


def test_what_was_sent_last_arrives_where_it_is_flushed_before_the_end():
    async def work(one: Channel, other: Channel) -> None:
        receiving = asyncio.create_task(other.receive())
        one.send("ended", LARGE)
        await one.flush(5)
        one.close()
        assert await receiving == ("ended", LARGE)
        with pytest.raises(ChannelClosed):
            await other.receive()

    between(work)


def test_sending_to_one_who_has_gone_is_no_error():
    async def work(one: Channel, other: Channel) -> None:
        other.close()
        await asyncio.sleep(0.01)
        for _ in range(20):
            one.send(LARGE)
        await asyncio.sleep(0.01)
        with pytest.raises(ChannelClosed):
            await one.receive()

    between(work)
