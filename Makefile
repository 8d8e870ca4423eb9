# The one entrance. `make` alone lists what there is.
PY ?= python3
# Test processes: one for each core, as pytest-xdist counts them.
JOBS ?= auto
BIN := .venv/bin
RUN := $(BIN)/python
export UV_SYSTEM_CERTS := true
export UV_PROJECT_ENVIRONMENT := .venv

.PHONY: help demo serve spark test check format messages docs screenshots bench clean

help: ## list what there is
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

.venv/.ready: pyproject.toml uv.lock tools/bootstrap.py
	@test -x $(BIN)/uv || $(PY) tools/bootstrap.py
	@$(BIN)/uv sync --quiet --frozen --all-extras --no-extra spark --inexact --python $(BIN)/python
	@touch $@

demo: .venv/.ready ## the whole loop on a made-up marketplace, then the pages (ARGS="--once" stops after the loop)
	@$(BIN)/goodstanding demo $(ARGS)

serve: .venv/.ready ## portal, console and API on the embedded default
	@$(BIN)/goodstanding serve $(ARGS)

spark: .venv/.ready ## add the engine spark, which the rest does without (450 MB; needs Java 17 or newer)
	@$(BIN)/uv sync --quiet --frozen --all-extras --inexact --python $(BIN)/python

test: .venv/.ready ## the whole suite on SQLite, then what touches the database on a throw-away PostgreSQL
	$(RUN) -m pytest -q -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)
	$(RUN) tools/pgtmp.py $(RUN) -m pytest -q -n $(JOBS) --dist loadfile --no-loadscope-reorder tests/server tests/journeys $(ARGS)

check: .venv/.ready ## style, types, import contracts, deployment settings
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(RUN) tools/docs.py --check

format: .venv/.ready ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: .venv/.ready ## gather texts for translation and compile the catalogues
	$(RUN) tools/messages.py

screenshots: .venv/.ready ## pictures of every page in three languages, phone and desk, into var/screenshots (ARGS="--only account")
	$(RUN) tools/screenshots.py $(ARGS)

docs: .venv/.ready ## write the generated pages of docs/reference anew
	$(RUN) tools/docs.py

bench: .venv/.ready ## run every benchmark (minutes)
	$(RUN) -m benchmarks

clean: ## remove the environment and what the server left behind
	rm -rf .venv var
