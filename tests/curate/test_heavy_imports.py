"""What is imported before a fork starts no thread and initialises no device."""

import subprocess
import sys

import pytest

from curate import heavy_imports
from curate.engines.vllm_loading import is_cpu_build

CODE = """
import os, sys
from curate.heavy_imports import HEAVY, import_heavy, list_imported
before = dict(os.environ)
import_heavy({names})
assert list_imported() == list({names}), list_imported()
assert len(os.listdir("/proc/self/task")) == 1, os.listdir("/proc/self/task")
assert dict(os.environ) == before
torch = sys.modules["torch"]
assert not torch.cuda.is_initialized()
sys.exit(not all(m in sys.modules for m in ("torch",)))
"""


def run(names: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CODE.format(names=names)], capture_output=True, text=True, timeout=200
    )


@pytest.mark.skipif(not is_cpu_build(), reason="nothing is imported before a fork beside a GPU")
def test_torch_is_imported_without_a_thread():
    done = run("('torch',)")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.skipif(not is_cpu_build(), reason="nothing is imported before a fork beside a GPU")
def test_all_of_them_are_imported_without_a_thread_and_a_word():
    done = run("HEAVY")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_beside_a_gpu_nothing_is_imported(monkeypatch):
    monkeypatch.setattr("curate.engines.vllm_loading.is_cpu_build", lambda: False)
    monkeypatch.setattr(heavy_imports, "import_module", lambda name: pytest.fail(name))
    heavy_imports.import_heavy(heavy_imports.HEAVY)
