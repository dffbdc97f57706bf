# make run | test | lint | lock. Needs Python 3.13 within reach; everything else is put into this checkout.

SHELL := /bin/sh
PATH := $(CURDIR)/.tools/bin:$(PATH)
STAMP := .venv/.installed
export UV_PROJECT_ENVIRONMENT := .venv

.PHONY: run test lint lock clean

run: $(STAMP)
	@exec .venv/bin/python manage.py up

test: $(STAMP)
	.venv/bin/python -m pytest

lint: $(STAMP)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

lock:
	uv pip compile --universal --python-version 3.13 --generate-hashes --group embedded --group dev --no-emit-index-url \
		--no-header --quiet pyproject.toml --output-file requirements.lock

clean:
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache

$(STAMP): requirements.lock .python-version
	@command -v uv >/dev/null 2>&1 || $(MAKE) --no-print-directory .tools/bin/uv
	@test -x .venv/bin/python || uv venv --quiet --python "$$(cat .python-version)" .venv
	@VIRTUAL_ENV=.venv uv pip sync --quiet --require-hashes requirements.lock
	@touch $@

.tools/bin/uv:
	@for python in python3.13 python3 python; do \
		"$$python" -m venv .tools >/dev/null 2>&1 && .tools/bin/pip install --quiet uv && exit 0; \
	done; \
	echo "No Python with venv and pip was found. Install Python 3.13 (pyenv, uv or your system's packages)." >&2; exit 1
