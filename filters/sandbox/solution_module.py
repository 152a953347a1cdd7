"""The program as a module, for tests that import what they try from `solution`."""

from __future__ import annotations

import builtins
import types
from typing import Any

from filters.sandbox.assertions import find_known
from filters.sandbox.remote_things import Things


class SolutionModule(types.ModuleType):
    """Has what the program defines; whole, without what would take another's place."""

    def __init__(self, things: Things) -> None:
        super().__init__("solution")
        public = [name for name, origin in things.origins.items() if origin == "program" and not name.startswith("_")]  # fmt: skip
        self.__dict__["__all__"] = [name for name in public if not hasattr(builtins, name) and find_known(name) is None]  # fmt: skip
        self.__dict__["_r1_things"] = things

    def __getattr__(self, name: str) -> Any:
        things: Things = self.__dict__["_r1_things"]
        if name.startswith("__") or name not in things.origins:
            raise AttributeError(name)
        return things.find(name)
