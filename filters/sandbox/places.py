"""Where programs can be run: behind the walls of this machine, in containers, or by a service elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal, get_args

from filters.errors import UserError
from filters.sandbox.container import ContainerRunner, Tool
from filters.sandbox.languages import CppRunner, NodeRunner
from filters.sandbox.lasting import LastingSandbox
from filters.sandbox.packages import Packages
from filters.sandbox.pythons import Interpreter
from filters.sandbox.runner import Runner
from filters.sandbox.sandbox import SandboxError, SandboxLostError, UnsupportedError
from filters.sandbox.toolchains import find_tool
from filters.sandbox.walls import Limits, Tier

Service = Literal["sandbox_fusion", "piston"]
PlaceName = Literal["local", Tool, Service]
IMAGE: Final = "python:3.12-slim"
"""The image of containers, unless another is named."""
_PLAIN: Final = {"python": ("stdin", "calls"), "javascript": ("stdin", "calls"), "cpp": ("stdin",)}
KINDS: Final[Mapping[PlaceName, Mapping[str, tuple[str, ...]]]] = {
    "local": {**_PLAIN, "python": ("stdin", "calls", "asserts")},
    **{tool: {"python": _PLAIN["python"]} for tool in get_args(Tool)},
    **dict.fromkeys(get_args(Service), _PLAIN),
}
"""The kinds of tests that programs are tried by, for each place and language. Code that asserts needs two processes that share
nothing and speak with each other, which our own sandbox alone has."""
WHERE: Final[Mapping[PlaceName, str]] = {
    "local": "",
    **dict.fromkeys(get_args(Tool), " in a container"),
    **dict.fromkeys(get_args(Service), " by a service"),
}
"""Where a place is, as reasons say it."""
TIERS: Final[Mapping[Tier, str]] = {
    "namespaces": "namespaces",
    "landlock": "landlock",
    "none": "no sandbox",
}
"""What verdicts call the walls that a program ran behind on this machine."""
_PROBES: Final = {
    "python": "print(6 * 7)",
    "cpp": '#include <cstdio>\nint main() { printf("%d\\n", 6 * 7); }',
    "javascript": "console.log(6 * 7)",
}


class Place:
    """Where programs run, with a runner for each language, made when it is first needed. tag: what verdicts call it."""

    def __init__(self, tag: str, make: Callable[[str], Runner | None]) -> None:
        self.tag, self._make = tag, make
        self._runners: dict[str, Runner | None] = {}

    def find_runner(self, language: str) -> Runner | None:
        """What runs programs in a language; None where there is nothing that does."""
        if language not in self._runners:
            self._runners[language] = self._make(language)
        return self._runners[language]

    def close(self) -> None:
        """Let go of all runners."""
        for runner in self._runners.values():
            if runner is not None:
                runner.close()
        self._runners.clear()


def open_local(tier: Tier, python: Interpreter | None, packages: Packages) -> Place:
    """The sandbox on this machine. python: the one that runs programs; packages: those that they may import."""

    def make(language: str) -> Runner | None:
        if language == "python":
            return LastingSandbox(tier, (), python, packages)
        tool = find_tool(language)
        runner = CppRunner if language == "cpp" else NodeRunner
        return None if tool is None else runner(tier, tool)

    return Place(TIERS[tier], make)


def open_elsewhere(name: PlaceName, image: str, endpoint: str) -> Place:
    """A place that is not the sandbox on this machine. Raises UserError."""
    if name == "docker" or name == "podman":
        return Place(name, lambda language: ContainerRunner(name, image) if language == "python" else None)
    assert name != "local"
    from filters.sandbox import service  # which imports what speaks HTTP: not for programs that stay here

    kind = service.FusionRunner if name == "sandbox_fusion" else service.PistonRunner
    return Place(name, lambda language: kind(endpoint, language))


def require_elsewhere(name: PlaceName, image: str, endpoint: str, language: str) -> None:
    """Refuse a place where programs in this language cannot be run, by running one. Raises UserError, SandboxError."""
    runner = open_elsewhere(name, image, endpoint).find_runner(language)
    if runner is None:
        raise UserError(
            f"sandbox={name} runs no programs in {language}; name another place, or leave out sandbox=."
        )
    if isinstance(runner, ContainerRunner):
        runner.require()
    try:
        outcome = runner.run(_PROBES[language], limits=Limits(cpu_s=2, wall_s=30))
    except (SandboxLostError, UnsupportedError) as error:
        raise SandboxError(
            f"sandbox={name} runs no programs ({error}): see that it can, or take another place."
        ) from None
    finally:
        runner.close()
    if outcome.end != "ended" or outcome.stdout.strip() != b"42":
        said = outcome.error or outcome.end
        raise SandboxError(f"sandbox={name} did not run a small program in {language} as it should ({said}).")


def require_options(name: PlaceName, image: str, endpoint: str, local: Mapping[str, object]) -> None:
    """Refuse options that do not belong to a place. local: those of the sandbox on this machine. Raises UserError."""
    is_service = name in get_args(Service)
    if is_service and not endpoint:
        raise UserError(f"sandbox={name} needs the service's address: endpoint=http://….")
    if endpoint and not is_service:
        raise UserError(
            f"endpoint= is for services ({', '.join(get_args(Service))}), and sandbox={name} is none."
        )
    if image != IMAGE and name not in get_args(Tool):
        raise UserError(
            f"image= is for containers ({', '.join(get_args(Tool))}), and sandbox={name} has none."
        )
    wrong = next((option for option, value in local.items() if value and name != "local"), None)
    if wrong is not None:
        raise UserError(f"{wrong}= is for the sandbox on this machine; with sandbox={name}, leave it out.")
