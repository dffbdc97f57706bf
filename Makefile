# make run | test | lint | bench | faults | lock | clean
# Needs make and Python 3.13 within reach; everything else is put into this checkout.

SHELL := /bin/sh
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/.tools/site/bin:$(PATH)
PYTHON := .venv/bin/python
STAMP := .venv/.installed
# Only this checkout's own environment is meant, whichever one the caller has activated.
export VIRTUAL_ENV := $(CURDIR)/.venv
unexport PYTHONHOME PYTHONPATH
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test lint bench faults lock clean uv

run: $(STAMP)
	@exec $(PYTHON) manage.py up

test: $(STAMP)
	$(PYTHON) -m pytest $(ARGS)

lint: $(STAMP)
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	DJANGO_SETTINGS_MODULE=config.settings_for_types $(PYTHON) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

bench: $(STAMP)
	$(PYTHON) -m tests.bench $(ARGS)

faults: $(STAMP)
	$(PYTHON) -m pytest tests/faults -m faults $(ARGS)

# Every platform's wheels with their hashes; no index is named, so that each machine uses its own.
lock: uv
	uv pip compile pyproject.toml --universal --python-version 3.13 --group embedded --group dev --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --quiet --output-file requirements.lock $(ARGS)

clean:
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find apps config tests -name __pycache__ -prune -exec rm -rf {} +

$(STAMP): requirements.lock .python-version
	@$(MAKE) --no-print-directory uv
	@$(PYTHON) --version >/dev/null 2>&1 || uv venv --quiet --clear --python "$$(cat .python-version)" .venv || { \
		echo "Python $$(cat .python-version) was not found. Install it (with pyenv, uv, or your system's packages)." >&2; \
		exit 1; }
	@echo "installing what requirements.lock names ..."
	@uv pip sync --quiet --require-hashes requirements.lock || { \
		echo "Installing requirements.lock failed, as said above. Where a package has no wheel for this platform," \
			"this checkout cannot run here: Linux or macOS on x86-64 or ARM is needed." >&2; exit 1; }
	@touch $@

# uv from PATH, else from the package index into .tools, with whatever of venv and pip this machine's Python has.
uv:
	@uv --version >/dev/null 2>&1 && exit 0; \
	echo "putting uv into .tools ..."; \
	for python in python3.13 python3 python; do \
		"$$python" -c "" >/dev/null 2>&1 || continue; \
		rm -rf .tools; \
		"$$python" -m venv .tools >/dev/null 2>&1 && .tools/bin/python -m pip install --quiet uv && exit 0; \
		rm -rf .tools; \
		"$$python" -m pip --version >/dev/null 2>&1 && \
			"$$python" -m pip install --quiet --target .tools/site uv && exit 0; \
	done; \
	rm -rf .tools; \
	echo "uv could not be installed: no Python here has both a way to pip and a package index within reach." \
		"Install Python 3.13 with its venv module (on Debian: python3-venv), or uv itself." >&2; exit 1
