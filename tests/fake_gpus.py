"""A machine with GPUs, as its driver's tool would tell, where there are none."""

from pathlib import Path

import pytest


def set_gpus(folder: Path, monkeypatch: pytest.MonkeyPatch, *mib: int) -> None:
    """Put a tool `nvidia-smi` first on the path that lists GPUs of so much memory."""
    rows = "".join(f"{number}, GPU-{number}abc, {size}\\n" for number, size in enumerate(mib))
    tool = folder / "bin" / "nvidia-smi"
    tool.parent.mkdir(exist_ok=True)
    tool.write_text(f"#!/bin/sh\nprintf '{rows}'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent), prepend=":")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
