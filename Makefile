# What one can do with this source tree. `make` lists it.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:
.NOTPARALLEL:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .make
say = @printf '» %s\n'

# The demo's data. An exported GUANXI_DATA_DIR or GUANXI_DATABASE_URL wins.
export GUANXI_DATA_DIR ?= $(CURDIR)/.guanxi

# make check reads the settings; it must neither need a database nor leave a key behind.
CHECKING := GUANXI_DATABASE_POOL=0 GUANXI_DATA_DIR=$(CURDIR)/$(STAMPS)/check GUANXI_SECRET_KEY=not-a-secret-this-only-checks-the-source-tree

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(STAMPS)/runtime $(STAMPS)/vendor $(STAMPS)/messages $(GUANXI_DATA_DIR)/demo-logins.txt ## A CRM full of data, in the browser
	$(say) 'Starting Guanxi'
	@exec $(BIN)/guanxi serve

serve: $(STAMPS)/runtime $(STAMPS)/vendor $(STAMPS)/messages ## Guanxi as it is, without demo data
	@exec $(BIN)/guanxi serve

test: $(STAMPS)/dev $(STAMPS)/vendor $(STAMPS)/messages ## Every test, in a real browser too (T=tests/crm for some)
	@tools/browser.sh $(BIN)/python
	$(BIN)/python -m pytest $(or $(T),-n auto --maxprocesses 4 --dist worksteal)

check: $(STAMPS)/dev $(STAMPS)/messages ## Style, types, floors, templates, migrations, translations
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(CHECKING) $(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint src
	$(CHECKING) $(BIN)/python -W ignore::RuntimeWarning -m django makemigrations --check --dry-run --settings guanxi.web.settings
	@if [ -d src/guanxi/locale/zh_Hans ]; then $(BIN)/python tools/messages.py check; else echo 'No catalogue yet: make messages'; fi

bench: $(STAMPS)/dev $(STAMPS)/vendor ## Speed at a million records (BENCH="--rows 100000" for fewer)
	$(BIN)/python -m benchmarks $(BENCH)

pictures: $(STAMPS)/dev $(STAMPS)/vendor $(STAMPS)/messages ## The pictures of the README taken again
	@tools/browser.sh $(BIN)/python
	PICTURES=$(CURDIR)/docs/images $(BIN)/python -m pytest tests/stories/test_pictures.py

feel: $(STAMPS)/runtime ## How long modules, functions and templates are
	@$(BIN)/python tools/feel.py

messages: $(STAMPS)/dev ## Collect the texts people see, compile the translations
	@$(BIN)/python tools/messages.py update

lock: $(STAMPS)/dev ## Lock the newest versions of everything we depend on
	$(BIN)/pip-compile $(LOCKING) --extra source --output-file requirements.lock pyproject.toml
	$(BIN)/pip-compile $(LOCKING) --extra source --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	npm update --save

LOCKING := --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --no-header --no-emit-index-url \
	--no-emit-find-links --no-emit-trusted-host --no-emit-options

clean: ## Remove what was built; data stays
	rm -rf $(VENV) $(STAMPS) node_modules build dist src/guanxi/web/static/vendor .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .import_linter_cache test-results
	find src -name '*.mo' -delete

# ——— what the above stand on; a stamp tells that it was done and from what ———

$(STAMPS)/prerequisites:
	@tools/prerequisites.sh $(PYTHON)
	@mkdir -p $(STAMPS) && touch $@

$(BIN)/python: | $(STAMPS)/prerequisites
	$(say) 'Virtual environment in $(VENV)'
	@$(PYTHON) -m venv $(VENV)

# pip draws its progress on a terminal; elsewhere it would only list what it does
INSTALL = PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/pip install --no-input $$([ -t 1 ] || echo --quiet)
# Guanxi itself, so that `guanxi` runs what is in src; what that takes is in the lock
INSTALL_SELF = $(INSTALL) --quiet --no-deps --no-build-isolation --editable .

$(STAMPS)/runtime: requirements.lock pyproject.toml | $(BIN)/python
	$(say) 'Python packages'
	@$(INSTALL) --require-hashes --requirement requirements.lock
	@$(INSTALL_SELF)
	@touch $@

$(STAMPS)/dev: requirements-dev.lock requirements.lock pyproject.toml | $(BIN)/python
	$(say) 'Python packages, with those for development'
	@$(INSTALL) --require-hashes --requirement requirements-dev.lock
	@$(INSTALL_SELF)
	@touch $@ $(STAMPS)/runtime

$(STAMPS)/npm: package-lock.json | $(STAMPS)/prerequisites
	$(say) 'npm packages'
	@npm ci --no-audit --no-fund --no-update-notifier --ignore-scripts --loglevel=error
	@touch $@

$(STAMPS)/vendor: $(STAMPS)/npm tools/vendor.mjs src/guanxi/web/icons.txt
	@node tools/vendor.mjs
	@touch $@

$(STAMPS)/messages: $(wildcard src/guanxi/locale/*/LC_MESSAGES/*.po) | $(STAMPS)/runtime
	@$(BIN)/python tools/messages.py compile
	@touch $@

$(GUANXI_DATA_DIR)/demo-logins.txt: | $(STAMPS)/runtime
	$(say) 'Database in $(GUANXI_DATA_DIR)'
	@$(BIN)/guanxi migrate
	$(say) 'Demo data'
	@$(BIN)/guanxi demo

.PHONY: help demo serve test check bench feel messages lock clean
