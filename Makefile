# One door for chores. Needs only Python >= 3.11, pip and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo lint types test test-all clean

help:  ## list the chores
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -c constraints.txt -e '.[train,dev]'
	touch $@

demo: $(READY)  ## generate, train, evaluate and draw, on the starter pack
	$(BIN)/synthgen run pipeline.yaml

lint: $(READY)  ## style, format and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(READY)  ## mypy, strict
	$(BIN)/mypy

test: lint types  ## everything that is not slow
	$(BIN)/pytest -m 'not slow'

test-all: lint types  ## slow tests too
	$(BIN)/pytest

clean:  ## remove the environment and the runs
	rm -rf $(VENV) runs
