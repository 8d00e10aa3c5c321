# make run   sets everything up and shows the graph, its verdict, a case and some answers
# make test  sets everything up and runs lint, types and all tests
# make client     installs what pages can use in the browser, from npm; everything works without
# make site-check looks at every page of a site: links, HTML, accessibility, search and queries in a browser
# make clients-tools  installs a client from npm that the tests put to the server, with 113 MB
# make fuzz  checks damaged files for MINUTES
# make load  puts ordinary and hostile clients to a server for MINUTES; make contract makes EXAMPLES requests
# make kills kills publications at random moments, KILLS of them, and looks at what they left
# make bench compares with the reference engines and other peers; make bench-full does so at growing sizes

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := $(VENV)/bench
CONTRACT := $(VENV)/contract
LIMIT ?= 120
BENCH_MINUTES ?= 240
MEMORY ?= 16
MINUTES ?= 10
EXAMPLES ?= 2000
KILLS ?= 300
FILES := rrm_kg tests benchmarks
CLIENT := rrm_kg/publish/client
BROWSER := tests/browser
CLIENTS := tests/clients

.PHONY: run test lint types unit npm client browser-tools clients-tools site-check fuzz load contract kills docs bench bench-full bench-serve virtuoso-test clean

run: $(VENV)/.installed
	@$(BIN)/rrm-kg run

test: lint types unit

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check $(FILES)
	$(BIN)/ruff format --check $(FILES)

types: $(VENV)/.installed-dev
	$(BIN)/mypy

unit: $(VENV)/.installed-dev npm
	$(BIN)/python -m pytest -n 2

# Both npm folders where npm is there and answers in time; the tests that need them are skipped otherwise.
npm:
	@if command -v npm >/dev/null; then timeout 120 $(MAKE) --silent client browser-tools >/dev/null 2>&1 || \
	    echo "npm did not install its packages: the tests that need them are skipped"; fi

client: $(CLIENT)/node_modules/.package-lock.json

browser-tools: $(BROWSER)/node_modules/.package-lock.json

clients-tools: $(CLIENTS)/node_modules/.package-lock.json

%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	cd $* && npm ci --no-progress
	@touch $@

# Every page of the site in the folder SITE, or of one that is written for it.
site-check: $(VENV)/.installed-dev client browser-tools
	RRM_KG_SITE="$(SITE)" RRM_KG_SITE_ALL=1 $(BIN)/python -m pytest -n 2 tests/test_site.py

# Damaged files through the parser and the gate, from a new seed.
fuzz: $(VENV)/.installed-dev
	$(BIN)/python tests/fuzz.py --minutes $(MINUTES)

# Ordinary clients beside hostile ones on a server of our own, for MINUTES.
load: $(VENV)/.installed-dev
	$(BIN)/python tests/load.py --minutes $(MINUTES)

# EXAMPLES requests for each operation of the API, made from its own description.
contract: $(VENV)/.installed-dev $(CONTRACT)/.installed
	$(BIN)/python tests/contract.py $(CONTRACT)/bin/schemathesis $(EXAMPLES)
# Publications that are killed at random moments, and before every call that changes a folder.
kills: $(VENV)/.installed-dev
	$(BIN)/python tests/kills.py --kills $(KILLS) --points

# What the work costs beside the peers on synthetic cases: a table on the screen after some minutes.
bench: $(BENCH)/.installed
	RRM_KG_BENCH_QUESTION=3 $(BENCH)/bin/python -m benchmarks.bench --sizes 30 100 --limit 30

# The same up to 100,000 cases. Writes benchmarks/RESULTS.md, benchmarks/growth.svg and the goals in docs/performance.md.
# LIMIT is how many seconds one work of a peer may take, MEMORY how many GiB one process; nothing begins after BENCH_MINUTES.
bench-full: $(BENCH)/.installed
	$(BENCH)/bin/python -m benchmarks.bench --sizes 30 100 1000 10000 100000 --limit $(LIMIT) --memory $(MEMORY) \
	    --minutes $(BENCH_MINUTES) --write

# Answers over HTTP beside rdflib-endpoint, on the real graph. Writes them into benchmarks/RESULTS.md and docs/performance.md.
bench-serve: $(BENCH)/.installed
	$(BENCH)/bin/python -m benchmarks.http --write

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
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[export,serve]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,export,serve]'
	@touch $@

$(BENCH)/.installed: $(VENV)/bin/python pyproject.toml
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[bench,serve]'
	@touch $@

clean:
	rm -rf $(VENV) $(CLIENT)/node_modules $(BROWSER)/node_modules $(CLIENTS)/node_modules dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(CONTRACT)/.installed: $(VENV)/bin/python
	$(BIN)/python -m venv $(CONTRACT)
	$(CONTRACT)/bin/python -m pip install --quiet --disable-pip-version-check schemathesis==4.32.5
	@touch $@
