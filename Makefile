# Everything a developer does here. `make` alone shows it. Only relative paths: the folder may have any name.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
PY := $(VENV)/bin/python
LOCK := deploy/requirements/develop.txt
ARGS ?=

.PHONY: help
help: ## Show what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

.PHONY: setup
setup: ## Make .venv with everything in it; does nothing when it is up to date
	@bash deploy/setup.sh "$(VENV)" "$(LOCK)"

.PHONY: demo
demo: setup ## Follow a melding on its way to a gemeente, in a minute
	@$(PY) -m services.cli demo $(ARGS)

.PHONY: up
up: setup ## Start the hub with sandbox gemeenten on http://127.0.0.1:8080
	@$(PY) -m services.cli up $(ARGS)

.PHONY: test
test: setup ## Run every test (ARGS="-k termijn" for some)
	@$(PY) -m pytest -n 2 --dist loadfile $(ARGS)

.PHONY: unit
# each worker imports everything, so what was compiled is kept; the plug-in that is left out serves tests/e2e alone;
# `make test` tries five times as many examples of each property
unit: export PYTHONDONTWRITEBYTECODE :=
unit: setup ## Run the tests that need no server
	@$(PY) -m pytest -n auto -p no:schemathesis --hypothesis-profile=vlug tests/unit tests/architecture $(ARGS)

.PHONY: bench
bench: setup ## Measure how much and how fast
	@$(PY) -m services.cli bench $(ARGS)

.PHONY: check
check: lint layout types imports ## All checks that run nothing: what CI asks before the tests

.PHONY: lint
lint: setup ## The rules of ruff
	@$(PY) -m ruff check $(ARGS)

.PHONY: layout
layout: setup ## Whether everything is formatted
	@$(PY) -m ruff format --check $(ARGS)

.PHONY: types
types: setup ## Types, strict
	@$(PY) -m basedpyright --pythonpath $(PY) $(ARGS)

.PHONY: imports
imports: setup ## Whether imports point inward
	@PYTHONPATH=. $(PY) -c 'import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))'

.PHONY: format
format: setup ## Format everything and fix what can be fixed
	@$(PY) -m ruff check --fix --quiet --exit-zero
	@$(PY) -m ruff format

.PHONY: lock
lock: ## Lock every dependency again, with hashes (asks for uv)
	@bash deploy/lock.sh

.PHONY: clean
clean: ## Throw away .venv and what tools left; the data in .houvast stays
	@rm -rf $(VENV) .ruff_cache .import_linter_cache .hypothesis htmlcov .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
