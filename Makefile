# One door for chores. Needs only Python >= 3.11, pip and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BENCH := .venv-bench
BENCH_READY := $(BENCH)/.ready
ASSETS := --foregrounds foregrounds --backgrounds backgrounds
FIGURES := docs/performance
# One large firearm in a scene and no look-alike: from random weights, in a minute or two each, networks learn no more than that.
EASY := --set recipe.instances.max=1 --set recipe.distractors.max=0 --set 'recipe.scale={min: 0.6, max: 1.2}' \
	--set 'recipe.position={x: {min: 0.25, max: 0.75}, y: {min: 0.25, max: 0.75}}'

.PHONY: help demo lint types test test-all bench clean

help:  ## list the chores
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -c constraints.txt -e '.[train,clip,dev]'
	touch $@

$(BENCH_READY): pyproject.toml constraints.txt benchmarks/requirements.txt
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/pip install --quiet -c constraints.txt torch torchvision
	$(BENCH)/bin/pip install --quiet --no-deps -r benchmarks/requirements.txt
	$(BENCH)/bin/pip install --quiet --no-deps -e .
	touch $@

demo: $(READY)  ## generate, train, evaluate and draw, on the starter pack
	$(BIN)/synthgen run pipeline.yaml $(EASY)

lint: $(READY)  ## style, format and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(READY)  ## mypy, strict
	$(BIN)/mypy

test: lint types  ## everything that is not slow
	$(BIN)/pytest -n auto -m 'not slow'

test-all: lint types  ## slow tests too
	$(BIN)/pytest -n auto

bench: $(READY) $(BENCH_READY)  ## measure all (an hour, alone on the machine), ASSETS="--foregrounds DIR --backgrounds DIR"
	mkdir -p $(FIGURES)
	$(BIN)/python benchmarks/generate.py $(ASSETS) --json $(FIGURES)/generate.json
	$(BENCH)/bin/python -W ignore benchmarks/load.py $(ASSETS) --json $(FIGURES)/load.json
	$(BIN)/python benchmarks/train_input.py $(ASSETS) --json $(FIGURES)/train_input.json
	$(BIN)/python benchmarks/dask_overhead.py --json $(FIGURES)/dask_overhead.json
	$(BIN)/python benchmarks/codec.py $(ASSETS) --json $(FIGURES)/codec.json
	$(BIN)/python benchmarks/row_groups.py $(ASSETS) --json $(FIGURES)/row_groups.json
	$(BIN)/python benchmarks/shuffle.py --json $(FIGURES)/shuffle.json
	$(BENCH)/bin/python -W ignore benchmarks/export.py $(ASSETS) --json $(FIGURES)/export.json
	$(BIN)/python benchmarks/import.py $(ASSETS) --json $(FIGURES)/import.json
	$(BIN)/python docs/build_performance.py

clean:  ## remove the environments and the runs
	rm -rf $(VENV) $(BENCH) runs
