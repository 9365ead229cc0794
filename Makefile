# Needs Python 3.11 or newer with venv, and nothing else. Takes uv where there is one.

BIN := .venv/bin
READY := .venv/.ready
PIN := pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header

.DEFAULT_GOAL := help
.PHONY: help run test browser check bench openapi requirements clean

help:  ## say what there is to make
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile

run: $(READY)  ## start everything: database, API, worker
	@exec $(BIN)/python app/cli/tether.py $$PPID "" $(BIN)/banister dev

test: $(READY)  ## run all tests, on a database of their own or on TEST_DATABASE_URL
	@$(BIN)/pytest -n logical --maxprocesses 8 $(ARGS)

browser: $(READY)  ## two people in headless Chromium, which has to be there, see one another
	@$(BIN)/pytest -n 0 -rs tests/browser

check: $(READY)  ## format, lint, types, layers, dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-cache
	$(BIN)/deptry .

bench: $(READY)  ## measure the program beside a bare reference
	@$(BIN)/python -m bench $(ARGS)

openapi: $(READY)  ## write openapi.json
	@$(BIN)/banister openapi openapi.json

requirements: $(READY)  ## pin the dependencies anew
	$(BIN)/uv $(PIN) --output-file requirements.txt $(ARGS)
	$(BIN)/uv $(PIN) --output-file requirements-dev.txt --extra dev $(ARGS)

clean:  ## remove what was made here, but no data
	rm -rf .venv build openapi.json banister.egg-info .*_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

$(READY): requirements-dev.txt pyproject.toml deploy/make-venv.sh
	@sh deploy/make-venv.sh && touch $(READY)
