# The front door: `make` lists what can be done here. Nothing needs to be installed beforehand but
# Python 3.11 or newer, Java 17 or newer and Maven.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Whatever a person's own Python is set up for must not reach into ours.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP VIRTUAL_ENV PIP_USER PIP_TARGET PIP_PREFIX

REQUIREMENTS := deploy/requirements
PYTHON := .venv/bin/python
FOR_TESTS := .venv/.installed-test
FOR_RUN := .venv/.installed-local
PYTEST := $(PYTHON) -m pytest

##@ Everyday

.PHONY: help
help:  ## Show this help
	@awk 'BEGIN { FS = ":.*## "; print "Usage: make <target>" } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: $(FOR_RUN)  ## Start the whole system on this machine and print the addresses to open
	@exec $(PYTHON) -m deploy.local run

.PHONY: check
check: $(FOR_TESTS)  ## Check style, types, imports and the unit tests, in under a minute
	@$(MAKE) -j2 --keep-going --output-sync=target style types imports current unit

# The linters run beside the tests, which mostly wait for the parts; what they find comes last.
.PHONY: test
test: $(FOR_TESTS)  ## Check everything, on the real parts and in a browser
	@DICHTBIJ_CHROMIUM="$$($(PYTHON) -m deploy.local.chromium)"; export DICHTBIJ_CHROMIUM; \
	  found="$$(mktemp)"; trap 'rm -f "$$found"' EXIT; \
	  nice $(MAKE) --keep-going style types imports > "$$found" 2>&1 & linters=$$!; \
	  code=0; $(PYTEST) || code=$$?; \
	  wait "$$linters" || { cat "$$found" >&2; code=1; }; exit "$$code"

.PHONY: bench
bench: $(FOR_TESTS)  ## Measure, and write the figures to docs/benchmarks.md
	@$(PYTHON) -m tests.bench

.PHONY: image
image: $(FOR_TESTS)  ## Build the container image without an engine and start each of its commands
	@$(PYTHON) -m deploy.image

##@ While changing things

.PHONY: setup
setup: $(FOR_TESTS)  ## Install what the tests need, in .venv

.PHONY: fix
fix: $(FOR_TESTS)  ## Format the code and repair what can be repaired
	@$(PYTHON) -m ruff check --fix --quiet . || true
	@$(PYTHON) -m ruff format .

.PHONY: schemas
schemas: docs  ## Write the schemas of all events again, and what else is derived

.PHONY: docs
docs: $(FOR_TESTS)  ## Write the generated pages of docs/ and .env.example again
	@$(PYTHON) -m docs

.PHONY: lock
lock: $(FOR_TESTS)  ## Choose the newest allowed version of every requirement
	@$(PYTHON) -m venv .local/uv
	@.local/uv/bin/python -m pip install --quiet uv
	@for name in run local test; do \
	  .local/uv/bin/uv pip compile -q --upgrade --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    $(REQUIREMENTS)/$$name.in -o $(REQUIREMENTS)/$$name.txt; \
	done

.PHONY: clean
clean:  ## Remove all that is installed, cached or kept here, the local data too
	@if [[ -e $(PYTHON) && -e .local/lock ]]; then $(PYTHON) -m deploy.local forget; fi
	@rm -rf .venv .local .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The parts of `check`, each a target so that two run at a time.
.PHONY: style types imports current unit
style:
	@$(PYTHON) -m ruff check --quiet .
	@$(PYTHON) -m ruff format --check --quiet . || { echo 'Run `make fix`.' >&2; exit 1; }
types:
	@.venv/bin/pyright
imports:
	@.venv/bin/lint-imports --no-cache
current:
	@$(PYTHON) -m docs --check
unit:
	@$(PYTEST) -q tests/unit

# A stamp is written last, so an installation that was interrupted is done again.
$(FOR_TESTS): $(REQUIREMENTS)/test.txt | .venv/bin/python
	@$(call install,test)
	@touch $(FOR_RUN) $@

$(FOR_RUN): $(REQUIREMENTS)/local.txt | .venv/bin/python
	@$(call install,local)
	@touch $@

# One line that counts, on a terminal; what pip has to complain of comes by another way.
define show_progress
awk -v total="$$(grep -c == $(REQUIREMENTS)/$(1).txt)" -v terminal="$$(test -t 2 && echo 1)" \
  '/^Collecting/ && terminal { printf "\r  %d of %d packages", ++n, total; fflush() } \
   END { if (terminal) print "" }'
endef

define install
echo 'Installing $(REQUIREMENTS)/$(1).txt in .venv; the first time takes a minute or two.'
$(PYTHON) -m pip install --disable-pip-version-check --progress-bar=off \
  --require-hashes -r $(REQUIREMENTS)/$(1).txt | $(show_progress)
endef

# Chosen by trying: a name may exist without a working Python, or without its venv module.
define find_python
for name in python3.11 python3.12 python3.13 python3.14 python3; do \
  if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then \
    found="$$name"; \
    if "$$name" -c 'import venv, ensurepip' 2> /dev/null; then break; fi; \
    found_without_venv="$$name"; found=''; \
  fi; \
done
endef

.venv/bin/python:
	@found=''; found_without_venv=''; $(find_python); \
	if [[ -z $$found && -n $$found_without_venv ]]; then \
	  echo "$$found_without_venv has no venv module. Install it with \`apt-get install python3-venv\`." >&2; exit 1; \
	elif [[ -z $$found ]]; then \
	  echo 'Python 3.11 or newer is needed, and this machine has none. Install it with `apt-get install python3 python3-venv`.' >&2; exit 1; \
	fi; \
	"$$found" -m venv --clear .venv
