# `make up`, `make test` and `make setup` need git, make and Python 3.11 or later; uv is brought along.

PYTHON ?= python3
IMAGES ?=
WORKSPACE ?= radsieve-workspace
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
RADSIEVE := .venv/bin/radsieve

# Where a machine says that Python must not keep compiled modules, every process of the tests would
# compile torch and Django anew: that takes longer than the tests.
unexport PYTHONDONTWRITEBYTECODE

SEED ?= whole

.PHONY: audit faults up setup test fast other-start slow slow-films slow-rest lint docs migration lock clean

# In place of the shell: make passes SIGTERM on to what it has started, and a shell would end of it and
# leave everything running.
up: setup  ## Review films: phantoms, or your own with IMAGES=/my/films
	@exec $(RADSIEVE) up $(IMAGES) --workspace "$(WORKSPACE)"

setup: .venv/.installed  ## Install everything into .venv

.venv/.installed: requirements.lock pyproject.toml
	@test -x "$$(command -v $(PYTHON))" || { echo "$(PYTHON) is not installed; install Python 3.11 or later, or name one: make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "expected Python 3.11 or later, got $$($(PYTHON) --version 2>&1); name another with make PYTHON=/path/to/python"; exit 1; }
	@test -x "$$(command -v $(UV))" || { $(PYTHON) -m venv .uv && .uv/bin/python -m pip install --quiet uv; }
	@test -x .venv/bin/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@echo "installing into .venv (about 6 GB with torch; a minute, the first time)"
	@VIRTUAL_ENV=.venv $(UV) pip sync --quiet --require-hashes requirements.lock
	@VIRTUAL_ENV=.venv $(UV) pip install --quiet --no-deps --editable .
	@touch $@

test: setup  ## Everything but the slow tests
	@$(MAKE) --jobs=2 --keep-going fast lint

# A process for each core, up to four of 1.5 GB each; in each, numbers keep to one core. Which process
# runs what, tests/conftest.py says.
fast: setup
	OMP_NUM_THREADS=1 .venv/bin/pytest -m "not slow" --numprocesses=logical --maxprocesses=4 --dist=loadscope --no-loadscope-reorder

# What a test asserts of a trained network must hold for any: here they start from other weights, and
# the arithmetic is that of a processor without vector instructions, whose last bits are others.
other-start: setup  ## The tests that train, once more, with networks that start from other weights
	RADSIEVE_TEST_SEED=1 OMP_NUM_THREADS=1 ATEN_CPU_CAPABILITY=default .venv/bin/pytest -m "trains and (other_start or not slow)" --numprocesses=logical --maxprocesses=4 --dist=loadscope --no-loadscope-reorder

slow: setup  ## The slow tests: training on real films, a browser, the whole loop; two halves at once
	@$(MAKE) --jobs=2 --keep-going --output-sync=target slow-films slow-rest

slow-films:
	.venv/bin/pytest -m slow tests/detectors tests/review tests/certificate

slow-rest:
	.venv/bin/pytest -m slow --ignore=tests/detectors --ignore=tests/review --ignore=tests/certificate

faults: setup  ## 100 faults for real (an hour on two cores), or one: SEED=17; writes docs/reliability.md
	RADSIEVE_FAULTS=$(SEED) OMP_NUM_THREADS=1 nice -n 5 .venv/bin/pytest -m slow tests/faults

lint: setup
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

docs: setup  ## Write the pages that are made from the code
	.venv/bin/python -m scripts._reference
	.venv/bin/python -m scripts._detector_pages
	.venv/bin/python -m scripts._files_page
	.venv/bin/python -m scripts._architecture

audit: setup  ## Ask for known weaknesses of the locked packages, where the network is there
	.venv/bin/python -m scripts._audit

migration: setup  ## Write a revision for changed tables: MESSAGE="what changes"
	@test -n "$(MESSAGE)" || { echo 'expected what changes: make migration MESSAGE="add the site of a film"'; exit 1; }
	.venv/bin/python -m scripts._migration "$(MESSAGE)"

lock:  ## Resolve the dependencies anew
	$(UV) pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 --generate-hashes --no-header --quiet --output-file requirements.lock

clean:  ## Remove what `make setup` made; workspaces stay
	rm -rf .venv .uv build
