# Every target sets up what it needs; the first use takes a minute, later ones a moment.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
NPM    := $(shell command -v npm)

# Some tests wait, those of the whole run more, so there are more processes than cores; a file stays in one, which makes
# its fixtures once.
XDIST   = --numprocesses $$(($$(nproc 2>/dev/null || echo 2) $(1))) --dist loadfile --no-loadscope-reorder
# Tests start hundreds of processes, which are to read compiled modules.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run serve site docs test test-all test-long coverage lint format bench lock release clean

run: $(VENV)/ready  ## Tell what is here and what it says, and draw build/policygraph.html
	@$(BIN)/policygraph
	@echo; $(BIN)/policygraph --no-pager path NemID "Increased public-private" -k 1
	@mkdir -p build && $(BIN)/policygraph view -o build/policygraph.html
	@echo "make serve puts it all on http://127.0.0.1:8000/"

serve: $(VENV)/ready  ## Serve the data as a site, linked data and a SPARQL endpoint (PORT=8000)
	@$(BIN)/policygraph serve --port $(or $(PORT),8000)

site: $(VENV)/ready  ## Write the data as a folder of files for any web server, build/site
	@$(BIN)/policygraph publish build/site

docs: $(VENV)/ready  ## Write the documentation as a site, build/docs
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python tools/build_docs.py
	@echo "Open build/docs/index.html"

test: $(VENV)/ready  ## Run the tests that a change can break, over a part of Denmark
	@POLICYGRAPH_TEST_PART=1 $(BIN)/python -m pytest $(call XDIST,+ 1) -m "not alone and not full"

test-all: test  ## Run every test: others' tools, the whole abuse run, the long matrices, over all of Denmark
	@$(MAKE) --no-print-directory test-long

test-long: $(VENV)/ready  # The rest, without those of `make test`
	@$(BIN)/python -m pytest $(call XDIST,* 2) -m "full and not alone"
	@$(BIN)/python -m pytest tests/server -m alone

coverage: $(VENV)/ready  ## Run them, more slowly, and tell which lines none reached
	@$(BIN)/python -m pytest $(call XDIST,+ 1) -m "not alone" --cov --cov-report=
	@$(BIN)/python -m pytest -m alone --cov --cov-append

lint: $(VENV)/ready $(if $(NPM),tests/js/node_modules/ready)  ## Check style and types: ruff, mypy strict; biome, tsc where npm is installed
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
ifdef NPM
	@$(NPM) run --silent --prefix tests/js lint
else
	@echo "The scripts are not checked: npm is not installed." >&2; test "$$POLICYGRAPH_TOOLS" != required
endif

format: $(VENV)/ready $(if $(NPM),tests/js/node_modules/ready)  ## Write code, ontology and data files in their canonical layout
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .
	@$(if $(NPM),$(NPM) run --silent --prefix tests/js format)
	@$(BIN)/python tools/format_turtle.py ontology/*.ttl data/*.ttl

bench: $(VENV)/ready .venv-bench/ready  ## Measure against other tools (about two hours) and write benchmarks/README.md
	@for subject in run questions projection measures limits growth engines serving pages publishing; do $(BIN)/python benchmarks/$$subject.py || exit 1; done

lock: $(VENV)/ready  ## Pin the newest dependencies that fit pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --no-strip-extras --generate-hashes --no-emit-index-url --no-header --all-extras --group dev pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --no-strip-extras --generate-hashes --no-emit-index-url --no-header --constraints requirements.lock --group bench -o benchmarks/requirements.lock
	@$(BIN)/python web/hatch_build.py

release: $(VENV)/ready  ## Build wheel and sdist twice from the last commit, install and list them: dist/
	@$(BIN)/python tools/release.py

clean:  ## Remove everything the other targets made
	rm -rf .venv .venv-* build dist .pytest_cache .mypy_cache .ruff_cache .coverage src/policygraph/site/static/editor/yasgui src/policygraph/site/static/engine/oxigraph tests/interop/clients/node_modules tests/js/node_modules

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

# hatchling is pinned too, so the build needs no isolated (unpinned) environment.
$(VENV)/ready: requirements.lock pyproject.toml web/package-lock.json
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

tests/js/node_modules/ready: tests/js/package-lock.json
	@$(NPM) ci --loglevel=error --ignore-scripts --no-audit --no-fund --prefix tests/js >/dev/null
	@touch $@

# kglab brings 160 packages, so it lives apart; their lock agrees with the project's where both pin a package.
.venv-bench/ready: benchmarks/requirements.lock
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
