# The two commands: `make run` and `make test`. Everything else serves them or the continuous check.
# Settings come from the environment (README, “Settings”); `make run` shows a demonstration by default.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMONSTRATION ?= yes
# whoever tries it out has no authenticator app at hand; a real installation asks for one
SECOND_FACTOR ?= $(if $(filter yes,$(DEMONSTRATION)),optional,required)
PYTEST_ARGS ?=

.DELETE_ON_ERROR:
.PHONY: run test check lint types translations catalogues migrations wheel lock clean help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

run: $(VENV)/.runtime ## set everything up and serve on HOST:PORT (default 127.0.0.1:8000)
	@DEMONSTRATION=$(DEMONSTRATION) SECOND_FACTOR=$(SECOND_FACTOR) exec $(BIN)/surveyapp run --prepare

test: $(VENV)/.everything ## run every test, on SQLite and on a real PostgreSQL
	@$(BIN)/python -m pytest -n auto --dist loadscope $(PYTEST_ARGS)

check: lint types translations migrations ## everything the continuous check asks besides the tests

lint: $(VENV)/.everything ## style and common mistakes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.everything ## static types, strict
	$(BIN)/mypy

translations: $(VENV)/.everything ## every string in Kazakh, Russian and English, catalogues fresh
	$(BIN)/python -m pytest -q tests/test_translations.py

catalogues: $(VENV)/.everything ## bring the catalogues up to date with the strings in the code
	$(BIN)/pybabel -q extract -F pyproject.toml -k _l -k _n:1,2 --sort-output --no-location -o translations/messages.pot .
	$(BIN)/pybabel -q update -w 100 --no-fuzzy-matching --ignore-obsolete -i translations/messages.pot -d translations -l kk
	$(BIN)/pybabel -q update -w 100 --no-fuzzy-matching --ignore-obsolete -i translations/messages.pot -d translations -l ru
	@rm translations/messages.pot

migrations: $(VENV)/.everything ## the migrations make exactly the tables of the models
	$(BIN)/python -m pytest -q tests/test_migrations.py

wheel: $(VENV)/.everything ## build the wheel and try it in an empty environment
	$(BIN)/python -m tests.wheel_smoke

LOCK := pip compile setup.cfg --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

lock: $(VENV)/.everything ## write the lock files anew from setup.cfg
	$(BIN)/uv $(LOCK) --upgrade --extra build --output-file requirements.txt
	$(BIN)/uv $(LOCK) --upgrade --extra build --extra parquet --extra redis --extra s3 --extra sso --extra stats --extra test --extra lint --constraint requirements.txt --output-file requirements-dev.txt

clean: ## remove what was built (never the instance folder: it holds answers)
	rm -rf $(VENV) build dist *.egg-info

# A virtual environment whose packages are exactly those of the lock file, and the program in it.
# `pip --require-hashes` refuses anything else.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "surveyapp needs Python 3.11 or newer; say which one: make PYTHON=python3.12 …"; exit 1; }
	@echo "Setting up $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

CATALOGUES := $(wildcard translations/*/LC_MESSAGES/*.po)

$(VENV)/.runtime: requirements.txt setup.cfg setup.py pyproject.toml $(CATALOGUES) | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.everything: requirements-dev.txt $(VENV)/.runtime
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
