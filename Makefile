# The main commands. Each does its own set-up on a fresh Debian or Ubuntu with Python 3.11 or later.
SHELL := /bin/bash
VENV  := .venv
PY    := $(VENV)/bin/python
ARGS  ?=
NAME  ?= untitled
PUBLISHED ?= $(wildcard ../shared/data/documents-dev.jsonl)

INTEROP := docs/interoperability.md

.PHONY: demo test check bench bench-classify fuzz interop screenshots train sbom weaknesses lock clean setup setup-dev

demo: setup ## Send real mails through the real relay, and show what left
	@$(VENV)/bin/sallyport demo $(ARGS)

test: setup-dev ## Every test, with real servers, and the coverage floor
	@scripts/test.sh $(ARGS)

check: setup-dev ## Lint, types, layers, migrations
	@scripts/check.sh

bench: setup-dev ## Speed and memory, as ratios to a baseline in the same run
	@$(PY) -m benchmarks $(ARGS)

fuzz: setup-dev ## Our own parsers under atheris, for ARGS seconds (600)
	@scripts/fuzz.sh $(ARGS)

interop: setup-dev ## Who opens what we protect: gpg, sq, rnp, openssl, gpgsm and NSS, into docs/interoperability.md
	@PYTHONPATH=$(CURDIR) $(PY) -m tests.interop --write $(INTEROP)

bench-classify: setup-dev ## How well documents are told apart, on authors the classifier has not seen
	@$(PY) -m benchmarks.classify $(ARGS)

screenshots: setup-dev ## Pictures of the console's main pages into docs/screenshots, made of the demo
	@$(PY) scripts/screenshots.py $(ARGS)

train: setup-dev ## Train the classifier's model on benchmarks/corpus, and write its card
	@$(VENV)/bin/sallyport classifier train --labelled benchmarks/corpus $(if $(PUBLISHED),--published $(PUBLISHED)) \
	  --name $(NAME) --out classifiers/learned/model.json --card docs/model-card.md

setup: ## The virtual environment with the product's pinned packages
	@scripts/setup.sh run

setup-dev:
	@scripts/setup.sh dev

sbom: setup-dev ## What the product is made of, as CycloneDX, into build/sbom.cdx.json
	@mkdir -p build
	@$(VENV)/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --mc-type application \
	  --of JSON --output-reproducible -o build/sbom.cdx.json

weaknesses: ## Whether a weakness is known in a pinned package; says so loudly where nobody can be asked
	@scripts/weaknesses.sh

lock: ## Resolve pyproject.toml again into requirements*.lock
	@scripts/lock.sh

clean:
	rm -rf $(VENV) .demo .fuzz .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
