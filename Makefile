# The commands of this repository: for people, hooks and CI alike. `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test test-editors lint format bench eval wheel screenshot constraints clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
EXTRAS := dev,train,lsp,http,mcp

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## apply a sample edit to a sample file (the first run fetches and converts the weights)
	@$(BIN)/fastapply apply demo/inventory.py --update demo/update.py

test: lint ## lint, types, layers, every test
	@$(BIN)/python -m pytest

test-editors: $(READY) ## the editor clients: linters, types, and tests in the real editors (installs those)
	@PYTHON=$(BIN)/python tests/editors/install-tools.sh
	@$(BIN)/python -m pytest tests/editors

lint: $(READY) ## ruff, mypy, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY) ## format and fix what ruff can fix
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(READY) ## speed of every method, side by side
	@$(BIN)/fastapply bench

eval: $(READY) ## quality on a task file: make eval TASKS=tasks.jsonl
	@test -n "$(TASKS)" || { echo "which tasks? make eval TASKS=tasks.jsonl" >&2; exit 2; }
	@$(BIN)/fastapply eval "$(TASKS)"

wheel: $(READY) ## build dist/*.whl
	@$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

screenshot: $(READY) ## docs/nvim.svg: the Neovim client at work, with the embedded model
	@$(BIN)/python tests/editors/screenshot_nvim.py

constraints: ## pin the newest versions that fit, from an empty environment
	@rm -rf $(VENV)-pins && $(PYTHON) -m venv $(VENV)-pins
	@$(VENV)-pins/bin/pip install --quiet "torch==2.13.0" -e '.[$(EXTRAS),bench]'
	@{ sed -n '/^#/p' constraints.txt; $(VENV)-pins/bin/pip freeze --exclude-editable | sed 's/+[a-z0-9.]*$$//'; } > constraints.new
	@mv constraints.new constraints.txt && rm -rf $(VENV)-pins

clean: ## remove the environment, caches and built files; the converted weights stay in the user's cache folder
	rm -rf $(VENV) $(VENV)-editors editor_clients/vscode/node_modules editor_clients/vscode/dist dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp makes the second run start at once; a change of the dependencies brings it up to date.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "fastapply needs Python 3.11 or newer; $(PYTHON) is older, or not there. Try: make PYTHON=python3.11" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments. On Debian: apt install python3-venv" >&2; exit 2; }
	@test -x $(BIN)/python || { echo "making $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "installing the pinned dependencies into $(VENV) (a few minutes the first time)"
	@$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@
