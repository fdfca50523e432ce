# make install | test | recipes | torture | lint | demo | bench | lite | clean
# Needs Python 3.11 to 3.14 with its headers, a C compiler, a package index.

VENV = .venv
BIN = $(VENV)/bin
# Runs once the dependencies are in; newer than setup.py means up to date.
STAMP = $(VENV)/.installed
# The first that runs; PYTHON=... chooses another.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 \
	python3; do $$p -c 'import sys; \
	sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; \
	done)

.PHONY: install test recipes torture lint demo bench lite clean

install: $(STAMP)

$(STAMP): setup.py pyproject.toml
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { \
	    test -n "$(PYTHON)" || { echo "No Python 3.11 or newer is found:" \
	        "apt-get install python3 python3-venv python3-dev"; exit 1; }; \
	    echo "$(PYTHON) -m venv --clear $(VENV)"; \
	    $(PYTHON) -m venv --clear $(VENV); }
	@command -v cc >/dev/null || command -v gcc >/dev/null || \
	    command -v clang >/dev/null || { echo "pesq has no wheel and no C" \
	        "compiler is found: apt-get install gcc"; exit 1; }
	@$(BIN)/python -c 'import os, sys, sysconfig; \
	    sys.exit(not os.path.exists(sysconfig.get_path("include") + \
	        "/Python.h"))' || { echo "pesq has no wheel and the headers of" \
	        "Python (Python.h) are not found: apt-get install python3-dev"; \
	        exit 1; }
	$(BIN)/python -m pip install -e ".[all]"
	@touch $(STAMP)

test: install
	$(BIN)/python -m pytest -q -n auto --dist loadfile \
	    --no-loadscope-reorder  # long files with few tests come first

# Every row of tests/recipes; `make test` runs one of each kind.
recipes: install
	MTQNET_ALL_RECIPES=1 $(BIN)/python -m pytest -q \
	    tests/integration/test_recipes.py

# A hostile day in ten minutes; failing cases go to torture_output/.
torture: install
	$(BIN)/python -m tests.torture

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/yamllint hparams recipes
	$(BIN)/mypy

demo: install
	PATH="$(CURDIR)/$(BIN):$$PATH" bash recipes/TMHINT-QI/demo.sh

lite: install
	PATH="$(CURDIR)/$(BIN):$$PATH" bash recipes/Lite/lite.sh

bench: install
	$(BIN)/python tests/benchmarks/report.py --output bench_output

clean:
	rm -rf build dist *.egg-info tests/tmp .pytest_cache .ruff_cache .mypy_cache
	find mtqnet_brain recipes tests -name __pycache__ -prune -exec rm -rf {} +
