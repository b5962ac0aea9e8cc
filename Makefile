# Resolves: `make demo` shows it, `make test` tests it, `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 8000
PYTHON ?= python3
WORKERS ?= $(shell nproc 2>/dev/null || echo 2)
BIN := .venv/bin
BASE := .venv/.base
DEV := .venv/.dev

# Compiled modules are kept: without them each start reads a thousand files anew.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

# $(call step,What,command): one line for one step, with its seconds; the command's own words only when it fails.
define step
@printf '%-40s' '$(1) … '; began=$${EPOCHREALTIME/[.,]/}; \
said=$$( { $(2); } 2>&1 ) || { printf 'failed\n\n%s\n' "$$said"; exit 1; }; \
took=$$(( ($${EPOCHREALTIME/[.,]/} - began) / 100000 )); printf '%5s s\n' "$$((took / 10)).$$((took % 10))"
endef

# $(call install,requirements file): exact versions, checked by their hashes; wheels only, so that nothing is compiled here.
# A terminal sees the packages counted. Without ensurepip the environment has no pip, and the system's own fills it.
define install
@began=$$SECONDS; total=$$(grep -c == $(1)); log=.venv/install.log; pip="$(BIN)/python -m pip"; \
$$pip --version >/dev/null 2>&1 || pip="$(PYTHON) -m pip --python $(BIN)/python"; \
[ -t 1 ] && tty=1 || tty=0; [ $$tty = 1 ] || printf '%-40s' "$$total packages … "; \
$$pip install --no-input --progress-bar off --require-hashes --no-deps --only-binary :all: --no-compile -r $(1) 2>&1 | tee $$log \
| awk -v total=$$total -v tty=$$tty 'tty && /^(Collecting|Requirement)/ { printf "\r%d of %d packages … ", ++n, total; fflush() } \
  tty && /^Installing/ { printf "\r%-40s", "unpacking " total " packages … "; fflush() }' \
|| { printf 'failed\n\n'; cat $$log; exit 1; }; \
if [ $$tty = 1 ]; then printf '\r%-40s' "$$total packages … "; fi; printf '%5s s\n' "$$((SECONDS - began))"
endef

demo = RESOLVES_MODE=demo RESOLVES_NOW="$${RESOLVES_NOW:-2018-02-16T09:00}" SITE_URL=http://localhost:$(PORT) \
  exec $(BIN)/python manage.py demo --port $(PORT)
lint_env = env -u DATABASE_URL -u TEST_DATABASE_URL RESOLVES_TEST_ROOT=var/lint DJANGO_SETTINGS_MODULE=tests.settings

.PHONY: help
help: ## list the targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name words; do \
	  printf '  make %-14s %s\n' "$$name" "$$words"; done

.PHONY: demo
demo: $(BASE) ## run the demonstration on Resolution 1306 [PORT=8000]
	@$(demo)

.PHONY: demo-reset
demo-reset: $(BASE) ## forget the demonstration's state and start it afresh [PORT=8000]
	@$(demo) --reset

.PHONY: test
test: $(DEV) ## all tests: on PostgreSQL where there is one, then on SQLite with the browser story
	@failed=0; \
	echo '--- PostgreSQL'; \
	$(BIN)/python -m tests.postgres $(BIN)/python -m pytest -n $(WORKERS) -m "not browser and not slow and not soak" || failed=$$?; \
	echo '--- SQLite, with the browser'; \
	env -u DATABASE_URL -u TEST_DATABASE_URL $(BIN)/python -m pytest -n $(WORKERS) -m "not slow and not soak" || failed=$$?; \
	exit $$failed

.PHONY: test-fast
test-fast: $(DEV) ## the tests without browser, real processes and long properties, on SQLite
	@$(BIN)/python -m pytest -n $(WORKERS) -m "not browser and not slow and not soak and not processes"

.PHONY: test-slow
test-slow: $(DEV) ## the long properties and kill tests, on both databases (none is fine)
	@$(BIN)/python -m tests.postgres $(BIN)/python -m pytest -n $(WORKERS) -m "slow and not browser" || [ $$? = 5 ]
	@env -u DATABASE_URL -u TEST_DATABASE_URL $(BIN)/python -m pytest -n $(WORKERS) -m slow || [ $$? = 5 ]

.PHONY: test-soak
test-soak: $(DEV) ## what takes an hour: every method for everybody, hundreds of races, long walks, on both databases
	@$(BIN)/python -m tests.postgres $(BIN)/python -m pytest -n $(WORKERS) -m soak || [ $$? = 5 ]
	@env -u DATABASE_URL -u TEST_DATABASE_URL $(BIN)/python -m pytest -n $(WORKERS) -m soak || [ $$? = 5 ]

.PHONY: lint
lint: $(DEV) ## style, types, import rules, migrations, templates, catalogues
	$(call step,ruff check,$(BIN)/ruff check .)
	$(call step,ruff format,$(BIN)/ruff format --check .)
	$(call step,import rules,$(BIN)/lint-imports)
	$(call step,mypy,$(lint_env) $(BIN)/mypy)
	$(call step,manage.py check,$(lint_env) $(BIN)/python manage.py check --fail-level WARNING)
	$(call step,migrations,$(lint_env) $(BIN)/python manage.py makemigrations --check --dry-run)
	$(call step,templates,$(BIN)/djlint templates --lint --quiet)
	$(call step,catalogues,$(call catalogues_are_fresh))

# Compiled catalogues are kept in the repository, because a fresh machine has no msgfmt.
define catalogues_are_fresh
command -v msgfmt >/dev/null || { echo "no msgfmt on this machine: apt install gettext"; exit 0; }; \
for po in locale/*/LC_MESSAGES/*.po; do [ -e "$$po" ] || continue; \
  msgfmt --check --output-file=- "$$po" | cmp - "$${po%.po}.mo" || { echo "$$po: run manage.py compilemessages"; exit 1; }; done
endef

.PHONY: bench
bench: $(DEV) ## measure: one JSON object a line (name, value, unit, floor, ratio)
	@$(BIN)/python -m benchmarks.bench

.PHONY: bench-lists
bench-lists: $(DEV) ## measure every list page in a body with 100,000 occurrences
	@$(BIN)/python -m benchmarks.lists

.PHONY: screenshots
screenshots: $(DEV) ## take the pictures of the documentation anew (needs Chromium)
	@$(BIN)/python -m docs.screenshots

.PHONY: docs
docs: $(DEV) ## write the tables of the documentation anew from the code
	@$(lint_env) $(BIN)/python -m docs.generate

.PHONY: lock
lock: $(DEV) ## choose the exact versions of requirements/*.txt anew
	@$(BIN)/uv pip compile $(lock_options) pyproject.toml -o requirements/base.txt
	@$(BIN)/uv pip compile $(lock_options) --extra dev --constraint requirements/base.txt pyproject.toml -o requirements/dev.txt

lock_options := --upgrade --universal --python-version 3.11 --generate-hashes --quiet --no-header --no-emit-index-url --no-emit-find-links

.PHONY: clean
clean: ## remove what can be made again (not the demonstration's state, not .venv)
	@rm -rf static-build var/lint .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# --- the virtual environment: made once, brought up to date when requirements/*.txt change -----------------------------

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'Resolves needs Python 3.11 or newer: apt install python3 python3-venv (or name one: make PYTHON=python3.12).'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(PYTHON) -m pip --version >/dev/null 2>&1 || { \
	  echo 'This Python cannot make virtual environments. On Debian: apt install python3-venv'; exit 1; }
	$(call step,Virtual environment,$(PYTHON) -m venv .venv || { rm -rf .venv && $(PYTHON) -m venv --without-pip .venv; })

$(BASE): requirements/base.txt | .venv/bin/python
	$(call install,$<)
	@touch $@

# requirements/dev.txt holds all of requirements/base.txt, at the same versions.
$(DEV): requirements/dev.txt | .venv/bin/python
	$(call install,$<)
	@touch $@ $(BASE)
