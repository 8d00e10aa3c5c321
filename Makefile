# make run   sets everything up and shows the graph, its verdict, a case and some answers
# make test  sets everything up and runs lint, types and all tests
# make bench compares with the reference engines
# make virtuoso-test installs the Debian package of Virtuoso and checks a graph inside it

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FILES := rrm_kg tests benchmarks

.PHONY: run test lint types unit docs bench virtuoso-test clean

run: $(VENV)/.installed
	@$(BIN)/rrm-kg run

test: lint types unit

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check $(FILES)
	$(BIN)/ruff format --check $(FILES)

types: $(VENV)/.installed-dev
	$(BIN)/mypy

unit: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2

# What a cold run costs against the reference engines; takes minutes and writes benchmarks/RESULTS.md.
bench: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/bench.py

# The test of a graph in Virtuoso, which the other tests skip where it is not installed; needs the rights to install it.
virtuoso-test: $(VENV)/.installed-dev
	command -v virtuoso-t || { apt-get update --quiet=2 && apt-get install --yes --no-install-recommends virtuoso-opensource; }
	$(BIN)/python -m pytest tests/test_remote.py -k virtuoso

# The pages in docs/ that are made from the shapes, the questions and the messages.
docs: $(VENV)/.installed-dev
	$(BIN)/python -m rrm_kg.docs

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; set PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[export,curate]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,export,curate]'
	@touch $@

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
