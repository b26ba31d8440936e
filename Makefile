# Everything runs in a local .venv that the first target makes: a machine needs Python >= 3.11, make and a package registry.
# Windows has no make: .github/CONTRIBUTING.md gives the same steps as commands.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.DEFAULT_GOAL := help
.PHONY: help demo test check bench docs lock

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*  ## /make \1	/p' Makefile

demo: $(READY)  ## run the sample company through import, proposal, review and letters, into demo/
	$(BIN)/dunning demo demo/

test: $(READY)  ## all tests
	$(BIN)/python -m pytest -n auto --dist worksteal

check: $(READY)  ## lint, types, import contracts, generated documents
	$(BIN)/ruff check
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -m generated

bench: $(READY)  ## measure and write docs/benchmarks.md
	$(BIN)/python -m benchmarks

docs: $(READY)  ## renew everything that is generated: references, letter masters, the sample exports, pictures
	$(BIN)/python -m workbook.reference
	$(BIN)/python -m docs.findings
	$(BIN)/python -m docs.functions
	$(BIN)/python -m letter_templates.masters
	$(BIN)/python -m addin.sample
	$(BIN)/python -m docs.pictures

lock: $(READY)  ## renew requirements.lock from pyproject.toml
	$(BIN)/python -m pip install --quiet uv==0.13.9
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --group dev --generate-hashes --no-header pyproject.toml -o requirements.lock

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "dunning needs Python 3.11 or later; choose one: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@
