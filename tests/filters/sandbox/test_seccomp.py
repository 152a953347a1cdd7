"""The filter lets through what is on its lists and nothing else, for every number a call can have."""

import errno
import struct

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from filters.sandbox import seccomp
from filters.sandbox.kernel import MACHINE

PID = 4321
ALLOW, KILL = seccomp._ALLOW, seccomp._KILL
NUMBER = st.integers(0, 600) | st.integers(0, 2**32 - 1)
pytestmark = pytest.mark.skipif(MACHINE != "x86_64", reason="the numbers here are those of x86_64")


def judge(program: bytes, number: int, *arguments: int, machine: int = 0xC000003E) -> int:
    """What the kernel would say: a small machine for the instructions that filters here have."""
    data = struct.pack("=IIQ6Q", number, machine, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    code = list(struct.iter_unpack("=HBBI", program))
    at, value = 0, 0
    while True:
        kind, yes, no, constant = code[at]
        at += 1
        if kind == 0x20:
            (value,) = struct.unpack_from("=I", data, constant)
        elif kind == 0x54:
            value &= constant
        elif kind == 0x05:
            at += constant
        elif kind == 0x15:
            at += yes if value == constant else no
        elif kind == 0x35:
            at += yes if value >= constant else no
        else:
            assert kind == 0x06
            return int(constant)


def refused(said: int) -> bool:
    return said & 0xFFFF0000 == 0x00050000


@pytest.mark.parametrize("writes", [True, False])
def test_every_number_is_judged_by_the_lists(writes: bool):
    program = seccomp.make_filter(PID, writes)
    allowed = seccomp._numbers(seccomp._READ) | (seccomp._numbers(seccomp._WRITE) if writes else set())
    closer = {
        pair[0] for table in (seccomp._OTHERS, seccomp._OPEN, seccomp._XATTR) for pair in table.values()
    }
    assert not allowed & closer
    for number in range(1024):
        if number not in closer:
            said = judge(program, number)
            assert said == ALLOW if number in allowed else refused(said), number
    assert len(program) // 8 < 4096


@settings(deadline=None)
@given(number=NUMBER, arguments=st.lists(st.integers(0, 2**64 - 1), min_size=6, max_size=6))
@example(number=0x40000000, arguments=[0] * 6)
@example(number=59, arguments=[0] * 6)
def test_no_number_falls_through(number: int, arguments: list[int]):
    said = judge(seccomp.make_filter(PID, writes=True), number, *arguments)
    assert said in (ALLOW, KILL) or refused(said)
    if number >= 0x40000000:
        assert said == KILL
    assert judge(seccomp.make_filter(PID, writes=True), number, *arguments, machine=0x40000003) == KILL


@pytest.mark.parametrize(
    ("number", "arguments", "allowed"),
    [
        (56, (0x3D0F00,), True),  # a thread, as the C library starts one
        (56, (17,), False),
        (56, (0x10000 | 0x10000000,), False),
        (62, (PID, 9), True),
        (62, (1, 9), False),
        (62, (2**64 - 1, 9), False),
        (302, (0, 7), True),
        (302, (1, 7), False),
        (16, (1, 0x5401), True),
        (16, (1, 0x5412), False),
        (157, (15,), True),
        (157, (22,), False),
        (53, (1, 1 | 0o2000000), True),
        (53, (1, 2), False),
        (53, (2, 1), False),
        (41, (2, 1), False),
    ],
)
def test_what_is_looked_at_more_closely(number: int, arguments: tuple[int, ...], allowed: bool):
    said = judge(seccomp.make_filter(PID, writes=True), number, *arguments)
    assert (said == ALLOW) is allowed
    assert allowed or refused(said)


@pytest.mark.parametrize("flags", [1, 2, 0o100, 0o1001, 0o2002, 0o20200000 | 2])
def test_where_nothing_may_be_written_nothing_is_opened_to_write(flags: int):
    for number, place in ((2, 1), (257, 2)):
        arguments = [0, 0, 0]
        arguments[place] = flags
        assert judge(seccomp.make_filter(PID, writes=False), number, *arguments) & 0xFFFF == errno.EACCES
        assert judge(seccomp.make_filter(PID, writes=True), number, *arguments) == ALLOW
        arguments[place] = 0o2000000
        assert judge(seccomp.make_filter(PID, writes=False), number, *arguments) == ALLOW
