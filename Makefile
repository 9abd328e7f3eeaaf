# Everything happens in .venv: Python 3.11+, make and pip are all that a machine needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo run test check lint types bench bootstrap wire clean

$(READY): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(READY)  ## show the main job on a real Envoy
	$(BIN)/dragoman demo

test: $(READY)  ## every test, on a real Envoy, Redis and Prometheus
	tests/install-servers
	$(BIN)/python -m pytest

run: $(READY)  ## start the sidecar: make run CONFIG=path
	@test -n "$(CONFIG)" || { echo "say which configuration: make run CONFIG=config/quickstart.yaml"; exit 2; }
	$(BIN)/dragoman up $(CONFIG)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

check: lint types test  ## all that CI checks

bench: $(READY)  ## throughput and latency, side by side in one run
	$(BIN)/python -m benchmarks

bootstrap: $(READY)  ## write envoy/envoy.yaml anew: what Envoy runs for config/quickstart.yaml
	OPENAI_API_KEY=unused ANTHROPIC_API_KEY=unused \
		$(BIN)/dragoman bootstrap config/quickstart.yaml > envoy/envoy.yaml

wire: $(READY)  ## write extproc/transport/messages.binpb anew: the definitions of Envoy's messages
	$(BIN)/python -m extproc.transport.rendering

clean:
	rm -rf $(VENV) build dist *.egg-info
