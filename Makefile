# `make` lists what there is. Everything is set up on first use: a virtual environment, the page assets, Chromium for tests.
PYTHON ?= python3.11
BIN := .venv/bin
PORT ?= 8000
SIZE ?= default
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export OMP_NUM_THREADS ?= 1

.PHONY: help setup demo serve test postgresql spark check bench peers wheel lock clean

help: ## List what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

setup: .venv/.ready node_modules/.ready ## Set up the virtual environment and the page assets

demo: setup ## Make a lively made-up operator and open the product (PORT=8000, OPEN=0 keeps the browser shut)
	VALENCE_HOME=$(CURDIR)/demo-home VALENCE_ORGANISATION="Tessaly Telecom" $(BIN)/valence demo --port $(PORT)

serve: setup ## Serve your own data (VALENCE_HOME says where it lies)
	$(BIN)/valence serve --port $(PORT)

test: setup ## Run every test, the browser's too where there is one
	@sh tests/chromium.sh
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

postgresql: setup ## Run the tests that touch tables once more, on PostgreSQL
	@sh tests/postgresql.sh
	$(BIN)/python -m tests.on_postgresql

spark: setup ## Compare both engines on a Spark cluster on this machine (needs valence[spark] and Java 17)
	$(BIN)/python -m tests.on_spark

check: setup ## Check style, types, import rules and migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	VALENCE_HOME=$$(mktemp -d)/home $(BIN)/valence makemigrations --check --dry-run valence

bench: setup ## Measure side by side with what you would use instead; keeps JSON in bench/results (SIZE=small, 1M, 10M)
	$(BIN)/python -m bench --size $(SIZE)

peers: ## Set up what is measured beside Valence, in an environment of its own; what cannot be had is left out
	@test -x bench/.peers/bin/python || $(PYTHON) -m venv bench/.peers
	@grep -v '^#' bench/peers/requirements.txt | while read -r one; do \
		bench/.peers/bin/pip install -q "$$one" || echo "Left out: $$one"; done

wheel: setup ## Build the wheel into dist/: whoever installs it needs neither node nor this folder
	$(BIN)/python -m hatchling build -t wheel -d dist
	@ls -l dist/*.whl

lock: ## Pin every package with its hash, after a change in pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host \
		--no-emit-find-links --no-header -o requirements.txt pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host \
		--no-emit-find-links --no-header --extra dev -o requirements-dev.txt pyproject.toml

clean: ## Remove what `make` made, except your data
	rm -rf .venv node_modules valence/web/static/built

.venv/.ready: requirements-dev.txt pyproject.toml
	@echo "Setting up Python packages (once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || python3 -m venv .venv
	$(BIN)/pip install -q --require-hashes -r requirements-dev.txt
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $@

node_modules/.ready: package.json package-lock.json $(shell find valence/web/assets -type f 2>/dev/null)
	@echo "Building page assets"
	@test -d node_modules && test node_modules -nt package-lock.json || npm ci --no-audit --no-fund --silent
	npm run --silent build
	@touch $@
