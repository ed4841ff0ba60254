# Everything a newcomer needs; `make` alone tells what there is.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready

.PHONY: help run test lint bench texts clean
help:  ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(READY): pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	touch $@

run: $(READY)  ## set up everything and start (no token: the sandbox in the browser)
	$(PY) run_bot.py

test: lint  ## set up everything and run all tests and checks (T="…" for some)
	$(PY) -m pytest -n 2 --dist worksteal $(T)

lint: $(READY)  ## format, types and the direction of imports
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: $(READY)  ## every bench, ours beside its yardstick (one: make bench N=update)
	$(PY) -m bench $(N)

texts: $(READY)  ## catalogs, and the preview of every message in build/texts.html
	$(PY) run_bot.py texts

clean:  ## remove what was built
	rm -rf $(VENV) build .mypy_cache .pytest_cache .ruff_cache
