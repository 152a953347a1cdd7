"""Which engines run in this process, and which in one that can be ended."""

from __future__ import annotations

import pytest

from curate.engines import vllm_loading
from curate.engines.factory import has_processes
from filters.engine import EngineOptions


@pytest.mark.parametrize(
    ("cpu", "variable", "tensor_parallel", "expected"),
    [
        (True, None, 1, False),
        (True, "1", 1, True),
        (True, None, 2, True),
        (False, None, 1, True),
        (False, "0", 1, False),
        (False, "0", 2, True),
    ],
)
def test_an_engine_of_several_processes_is_told(
    monkeypatch: pytest.MonkeyPatch, cpu: bool, variable: str | None, tensor_parallel: int, expected: bool
):
    monkeypatch.setattr(vllm_loading, "is_cpu_build", lambda: cpu)
    monkeypatch.delenv("VLLM_ENABLE_V1_MULTIPROCESSING", raising=False)
    if variable is not None:
        monkeypatch.setenv("VLLM_ENABLE_V1_MULTIPROCESSING", variable)
    assert has_processes(EngineOptions(model="m", tensor_parallel=tensor_parallel)) is expected
    assert not has_processes(EngineOptions(kind="server", model="m"))
    assert not has_processes(EngineOptions(kind="scripted", model="m"))
