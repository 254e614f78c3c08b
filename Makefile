# make demo   install and run the main job: a table and a coverage map
# make test   install and run the tests
# make check  format, lint, types, house rules, the documentation site
# make bench  how fast, beside rivals; make bench-mesa: beside Mesa, which it installs
# make docs   write anew the reference, and what the commands in README and docs print
# make docs-site   build the documentation into site/, strictly
# make test-browser   the tests of pages in a browser; needs Chromium, on Debian: apt-get install chromium
# make soak   the long tests: wheel, fresh install, statistics over many seeds
# make attack  kills, corruption, full disks, fuzz, extreme inputs, hostile text: a table of what must be 0; ATTACK="kills --tries 9"
# make compare BASE=COMMIT   compare all results with those of a commit, bit for bit

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-$(shell cksum requirements.txt pyproject.toml | cksum | cut -d' ' -f1)

BASE ?= HEAD
ATTACK ?=

.PHONY: demo test test-browser check bench bench-mesa docs docs-site soak attack compare lock clean

demo: $(STAMP)
	@$(BIN)/seasweep demo

test: $(STAMP)
	@$(BIN)/python -m pytest

test-browser: $(STAMP)
	@command -v chromium >/dev/null || { echo "missing: chromium; on Debian: apt-get install chromium"; exit 1; }
	@$(BIN)/python -c 'import playwright' 2>/dev/null || \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check "playwright>=1.49"
	@$(BIN)/python -m pytest -m browser tests/browser

check: $(STAMP)
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest tests/test_house.py
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: $(STAMP)
	@$(BIN)/python -m benchmarks.bench

bench-mesa: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check mesa
	@$(BIN)/python -m benchmarks.mesa_rival

docs: $(STAMP)
	@$(BIN)/python -m tools.make_reference
	@$(BIN)/python -m tools.rule_tables
	@$(BIN)/python -m tools.reproduced
	@$(BIN)/python -m tools.renew_docs

docs-site: $(STAMP)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo site/index.html

soak: $(STAMP)
	@$(BIN)/python -m pytest -m soak

attack: $(STAMP)
	@$(BIN)/python -m tools.attack $(ATTACK)

compare: $(STAMP)
	@$(BIN)/python -m tools.compare_results $(BASE)

# The versions everybody runs. An exported list names no package host; `make lock` renews it.
lock:
	uv pip compile --universal --python-version 3.11 --extra dev --extra docs --no-header --no-annotate --quiet \
	  --output-file requirements.txt --upgrade pyproject.toml

$(STAMP): requirements.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "missing: $(PYTHON); on Debian: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || \
	  { echo "needs Python 3.11, 3.12 or 3.13; make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "missing: the venv module; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "installing into $(VENV) ..."
	@rm -rf $(VENV) && $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

clean:
	rm -rf $(VENV) dist runs site .mypy_cache .pytest_cache .ruff_cache .hypothesis
