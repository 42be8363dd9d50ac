# make demo    the whole loop, served on https://localhost:8443   (DATA=, WEIGHTS=, SERVE=0, HOST=, PORT=)
# make test    the tests                                          make check   ruff, mypy, import-linter, sqlfluff
# make bench   the figures in docs/                               make lock    resolve the versions anew

PYTHON ?= $(firstword $(shell command -v python3.11 python3) python3.11)
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

DATA    ?=
WEIGHTS ?=
SERVE   ?= 1
HOST    ?= localhost
PORT    ?= 8443

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test check bench lock clean
.DEFAULT_GOAL := demo

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) is not on PATH: install Python 3.11, or name it with PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-deps --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/pip install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

demo: $(READY)
	$(BIN)/dermhouse demo $(if $(DATA),--data "$(DATA)") $(if $(WEIGHTS),--weights "$(WEIGHTS)") \
		--host "$(HOST)" --port "$(PORT)" $(if $(filter 0,$(SERVE)),--no-serve)

test: $(READY)
	$(BIN)/pytest $(TESTS)

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	DBT_PARTIAL_PARSE=false $(BIN)/sqlfluff lint dbt/models dbt/tests

bench: $(READY)
	$(BIN)/python -m benchmarks $(BENCH)

# Kept without addresses, so that any mirror serves it.
lock: $(READY)
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --upgrade -o requirements.lock

clean:
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache dbt/target dbt/logs
