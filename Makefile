# `make help` lists what there is to do. A fresh machine needs Python 3.11 or newer and nothing else.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help run test providers test-clients node check format generate migration lock bench fuzz faults clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: .venv/runtime ## Start everything: database, migrations, demo shop, server (PORT=8000 COMMERCE_HOME=.commerce)
	@$(BIN)/commerce serve --demo

providers: .venv/dev ## Start stand-ins of Stripe and PayPal on this machine, for a demo shop that pays there; Ctrl-C stops them
	@$(BIN)/python -m tests.gateway.providers

test: .venv/dev ## Run all tests, on an embedded PostgreSQL or that of DATABASE_URL (FLOOR=97: fail below that percentage of coverage; EMBEDDED=1: those that depend on the server)
	$(BIN)/python -m pytest -n 2 --dist loadfile $(if $(EMBEDDED),-m 'embedded and not clients and not faults') $(if $(FLOOR),--cov --cov-report= $(patsubst %,--ignore=%,$(UNMEASURED)))
	$(if $(FLOOR),$(BIN)/python -m pytest -n 2 --dist loadfile $(UNMEASURED))
	$(if $(FLOOR),$(BIN)/coverage report --format=total --fail-under=$(FLOOR) $(if $(RABBITMQ_URL),,--omit=$(OF_RABBITMQ)))
# Their processes would start and run at half the speed if they were measured.
UNMEASURED := tests/faults tests/bench
# No test reaches these without RABBITMQ_URL, and then they do not count.
OF_RABBITMQ := gateway/infra/rabbitmq.py,gateway/messaging/broker.py

test-clients: node ## Run Relay's compiler, graphql-codegen, a schema lint, subscribing clients, SMS to an emulator of Twilio and the JavaScript of a guide (Node from a wheel if there is none)
	$(BIN)/python -m pytest -m clients tests/clients tests/faults/live

check: .venv/dev ## Check lint, types, import contracts, generated code, SDL, budgets and documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m domains.kernel.prisma.build --check
	$(BIN)/python -m gateway.graphql.core.schema --check
	$(BIN)/python -m gateway.messaging.event_reference --check
	$(BIN)/python -m gateway.graphql.core.error_reference --check
	$(BIN)/python -m pytest tests/architecture

format: .venv/dev ## Format the code and fix what ruff can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

generate: .venv/dev ## Write domains/*/data.py, the SDL, docs/events.md and docs/errors.md (needs Node for Prisma)
	$(BIN)/python -m domains.kernel.prisma.build
	$(BIN)/python -m gateway.graphql.core.schema --write
	$(BIN)/python -m gateway.messaging.event_reference --write
	$(BIN)/python -m gateway.graphql.core.error_reference --write

migration: .venv/dev ## Draft a migration from the changes to schema.prisma: make migration NAME=add_wishlist (needs Node)
	$(BIN)/python -m domains.kernel.prisma.migration "$(NAME)"

bench: .venv/dev ## Measure against floors of the same run and print one JSON report (ONLY=listing,purchase PRODUCTS=1000 SECONDS=1 NOTIFICATIONS=10000)
	$(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY)) $(if $(PRODUCTS),--products $(PRODUCTS)) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(NOTIFICATIONS),--notifications $(NOTIFICATIONS))

fuzz: .venv/dev ## Check totals of a million random carts, answers to 50,000 operations, money after 1,000 interleavings of payments per provider, stock after 50,000 steps in three warehouses, and orders with parcels, edits and returns after as many (COUNT=1000000 OPERATIONS=50000 PAYMENTS=1000 STOCK=50000 ORDERS=50000 SEED=any; SHRINK=1: find a short script that fails)
	$(BIN)/python -m tests.fuzz $(COUNT) $(SEED)
	RANDOM_OPERATIONS=$(OPERATIONS) SEED=$(SEED) $(BIN)/python -m pytest -n 2 tests/gateway/graphql/catalog/test_random_operations.py
	RANDOM_PAYMENTS=$(PAYMENTS) SEED=$(SEED) SHRINK=$(SHRINK) $(BIN)/python -m pytest -n 2 -v tests/domains/order/payments/interleavings
	STOCK_STEPS=$(STOCK) SEED=$(SEED) $(BIN)/python -m pytest -n 1 --timeout=0 tests/domains/order/stock_machine
	ORDER_STEPS=$(ORDERS) SEED=$(SEED) $(BIN)/python -m pytest -n 1 --timeout=0 tests/domains/returns/order_machine
COUNT := 1000000
OPERATIONS := 50000
PAYMENTS := 1000
STOCK := 50000
ORDERS := 50000

faults: .venv/dev ## Kill processes and servers at work and check that nothing is lost (SAMPLE=1: some of them; FULL=1: for an hour; ONLY=kills/test_notifications.py: one file)
	FULL=$(FULL) $(BIN)/python -m pytest -n 2 --dist loadfile -m '$(if $(SAMPLE),sample,not clients)' tests/faults$(if $(ONLY),/$(ONLY))

lock: node ## Lock exact, hashed versions of all dependencies
	$(PIP) install uv
	$(BIN)/uv pip compile pyproject.toml --group build $(LOCK) --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev $(LOCK) --output-file requirements-dev.lock
	$(BIN)/uv pip compile --group clients $(LOCK) --output-file requirements-clients.lock
	$(BIN)/python -m tests.clients.toolchain update --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

clean: ## Remove the virtual environment and caches; the data in .commerce stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .clients_cache .coverage*

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; '$(PYTHON)' is older. Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Making a virtual environment in .venv"
	@$(PYTHON) -m venv .venv

node: .venv/dev
	@$(BIN)/python -m tests.clients.toolchain 2>/dev/null || $(PIP) install --require-hashes -r requirements-clients.lock

.venv/runtime: .venv/bin/python requirements.lock pyproject.toml
	@echo "Installing what the server needs (a minute the first time)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/bin/python requirements-dev.lock pyproject.toml
	@echo "Installing what tests and checks need (a minute the first time)"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ .venv/runtime
