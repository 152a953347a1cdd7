"""A program's side of being tried by code: what it defines is called by another process, with plain values.

Nothing here is to be trusted: the program shares this process. What it says is a value like any other to those who try it.
"""

from __future__ import annotations

import builtins
import itertools
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final

from filters.sandbox.exchange import GoneError, Line
from filters.sandbox.plain_values import pack, unpack

_MUTABLE: Final = (list, dict, set, bytearray, deque)
_SHOWN: Final = 300


def serve_program(names: dict[str, Any], file: int) -> None:
    """Answer what is asked of a program's names until the other side ends."""
    _Server(names, Line(file)).serve()


class _Server:
    def __init__(self, names: dict[str, Any], line: Line) -> None:
        self._names, self._line = names, line
        self._held: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._next = itertools.count(1)

    def serve(self) -> None:
        """Answer request after request."""
        self._line.send({"names": [name for name in self._names if isinstance(name, str)]})
        while True:
            try:
                asked = self._line.receive()
            except GoneError:
                return
            self._line.send(self._answer(asked))

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            given = [unpack(one, self._find) for one in asked.get("given", [])]
            named = {name: unpack(one, self._find) for name, one in asked.get("named", {}).items()}
            before = [pack(one, self._hold) if isinstance(one, _MUTABLE) else None for one in given]
            value = pack(self._do(asked["do"], asked["of"], given, named), self._hold)
            after = [pack(one, self._hold) if isinstance(one, _MUTABLE) else None for one in given]
            changed = {at: new for at, (old, new) in enumerate(zip(before, after, strict=True)) if old != new}
            return {"value": value, "changed": changed}
        except GoneError:
            raise
        except BaseException as error:  # noqa: BLE001  the program's, told to those who called it
            return {"error": self._describe_error(error)}

    def _do(self, what: str, of: Any, given: list[Any], named: dict[str, Any]) -> Any:
        if what == "name":
            return self._look_up(of)
        thing = self._held[of]
        if what == "call":
            return thing(*given, **named)
        if what == "get":
            return getattr(thing, given[0])
        if what == "set":
            return setattr(thing, *given)
        method = getattr(type(thing), what, None)
        if method is None:
            raise TypeError(f"'{type(thing).__name__}' object has no {what}")
        return method(thing, *given)

    def _look_up(self, name: str) -> Any:
        whole, _, method = name.partition("().")
        if method:  # as in Solution().solve
            return getattr(self._look_up(whole)(), method)
        found = self._names.get(name)
        if found is None and name not in self._names and "Solution" in self._names:
            found = getattr(self._names["Solution"](), name, None)
        if found is None and name not in self._names:
            raise NameError(f"name '{name}' is not defined")
        return found

    def _hold(self, thing: Any) -> list[Any]:
        number = self._numbers.get(id(thing))
        if number is None:
            number = self._numbers[id(thing)] = next(self._next)
            self._held[number] = thing
        is_error = isinstance(thing, type) and issubclass(thing, BaseException)
        return [number, str(getattr(thing, "__name__", type(thing).__name__)), [*_list_bases(thing)] if is_error else []]  # fmt: skip

    def _describe_error(self, error: BaseException) -> dict[str, Any]:
        """An error's class, as things are named that are held, and its text."""
        try:
            text = str(error)[:_SHOWN]
        except BaseException:  # noqa: BLE001  an error whose text cannot be had
            text = ""
        return {"class": self._hold(type(error)), "text": text}

    def _find(self, named: Any) -> Any:
        if named[0] == "yours":
            return self._held[named[1]]
        return self._make_call_back(named[1])

    def _make_call_back(self, number: int) -> Callable[..., Any]:
        def call_back(*given: Any, **named: Any) -> Any:
            packed = [pack(one, self._hold) for one in given]
            self._line.send({"call": number, "given": packed, "named": {name: pack(one, self._hold) for name, one in named.items()}})  # fmt: skip
            while "do" in (said := self._line.receive()):
                self._line.send(self._answer(said))
            if "error" in said:
                raise getattr(builtins, said["error"], Exception)(said["text"])
            return unpack(said["value"], self._find)

        return call_back


def _list_bases(kind: type) -> Iterator[str]:
    yield from (base.__name__ for base in kind.__mro__ if base.__module__ == "builtins")
