# Everything happens in .venv: Python 3.11+, make and pip are all that a machine needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CLIENTS := .venv-frameworks/.ready .venv-aider/.ready tests/clients/node_modules/.ready
PEERS := .venv-litellm/.ready benchmarks/node_modules/.ready
PACKAGING := .venv-packaging/.ready tests/packaging/node_modules/.ready
SERVERS := curl redis-server prometheus
NODE := nodejs npm
BROWSER := chromium-headless-shell
# What runs containers where nobody may make namespaces, and is tested wherever CI runs.
CONTAINERS := $(if $(CI),proot)
PIP_INSTALL := install --disable-pip-version-check --retries 10 --timeout 60 --progress-bar off
PARALLEL := --numprocesses=logical
# In the order that tests/conftest.py says, which begins with the files that take longest.
BY_FILE := $(PARALLEL) --dist=loadfile --no-loadscope-reorder
FUZZED := tests/fuzz tests/hostile/test_fuzzed_traffic.py

# Where it is set, each of the thousand processes that the tests start would compile all anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo run test unit coverage dataplane check lint types format fuzz soak bench clients bench-peers
.PHONY: bootstrap manifests messages wire constraints clean installed alone packaging browser screenshots

help:  ## show the targets
	@sed -nE 's/^([a-z-]+):.*  ## (.*)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name what; do \
		printf '  make %-12s %s\n' "$$name" "$$what"; done

$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(READY)  ## show the main job on a real Envoy
	$(BIN)/dragoman demo

run: $(READY)  ## start the sidecar: make run CONFIG=path
	@test -n "$(CONFIG)" || { echo "say which configuration: make run CONFIG=config/quickstart.yaml"; exit 2; }
	$(BIN)/dragoman up $(CONFIG)

test: $(READY)  ## every test, on a real Envoy, Redis and Prometheus, and with real clients
	@tests/install-servers $(SERVERS) $(NODE) $(CONTAINERS)
	@# One computes while the other waits. What has no limits of time gives way to what has.
	@$(MAKE) --no-print-directory --jobs=2 coverage installed
	@$(MAKE) --no-print-directory --jobs=2 dataplane packaging
	@$(MAKE) --no-print-directory alone
	@$(MAKE) --no-print-directory clients

unit: $(READY)  ## the tests that start no server, in two or three minutes
	$(BIN)/python -m pytest $(PARALLEL) -m "not envoy and not servers and not clients and not packaging"

dataplane: $(READY)  ## the tests with Envoy
	@tests/install-servers $(SERVERS)
	$(BIN)/python -m pytest $(BY_FILE) -m "envoy and not alone"

alone: $(READY)  ## the tests that keep every core busy
	$(BIN)/python -m pytest -m alone

coverage: $(READY)  ## the tests without Envoy, and which lines and branches they reach
	@tests/install-servers $(SERVERS)
	$(BIN)/python -m pytest $(PARALLEL) -m "not envoy and not clients and not packaging" --cov

lint: $(READY)  ## the linter and the formatter, which change nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)  ## the type checker
	$(BIN)/mypy

format: $(READY)  ## mend what the linter can mend, and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: lint types test  ## all that CI checks

fuzz: MINUTES = 60
soak: MINUTES = 20
fuzz: $(READY)  ## hostile requests, streams and configurations, new ones: make fuzz MINUTES=60
	@end=$$(( $$(date +%s) + $(MINUTES) * 60 )); while test $$(date +%s) -lt $$end; do \
		FUZZ=thorough $(BIN)/python -m pytest --timeout=0 \
			-W ignore::hypothesis.errors.HypothesisWarning $(FUZZED) || exit 1; done

soak: $(READY)  ## mixed traffic for twenty minutes, and what grows: make soak MINUTES=20
	$(BIN)/python -m benchmarks.soak --minutes $(MINUTES)

bench: $(READY)  ## all that a request costs, side by side in one run of about seven minutes
	$(BIN)/python -m benchmarks.comparison

bench-peers: $(READY) $(PEERS)  ## the same with LiteLLM and Portkey, in about ten minutes
	$(BIN)/python -m benchmarks.comparison --peers

clients: $(READY) $(CLIENTS) browser  ## the tools that people use, real ones, through a sidecar
	$(BIN)/python -m pytest $(PARALLEL) tests/clients

packaging: $(READY) $(PACKAGING)  ## the release, images, compose files, the chart and manifests
	@tests/install-servers $(SERVERS) $(CONTAINERS)
	nice -n 5 $(BIN)/python -m pytest tests/packaging

installed: $(CLIENTS) $(PACKAGING) browser

browser:
	@# Not every system packages it; CI must have it, for without it the console is not tested.
	@tests/install-servers $(BROWSER) || test "$$CI" != true

define from_pypi
	@test -x .venv-$*/bin/python || $(PYTHON) -m venv --without-pip .venv-$*
	@tests/installing "$* from PyPI" \
		$(BIN)/pip --python .venv-$*/bin/python $(PIP_INSTALL) --no-deps --requirement $<
	@touch $@
endef

.venv-%/.ready: tests/clients/requirements/%.txt | $(READY)
	$(from_pypi)

.venv-%/.ready: benchmarks/requirements/%.txt | $(READY)
	$(from_pypi)

.venv-%/.ready: tests/%/requirements.txt | $(READY)
	$(from_pypi)

%/node_modules/.ready: %/package.json %/package-lock.json
	@tests/install-servers $(NODE)
	@# npm ci asks for every platform's binaries
	@tests/installing "what $* needs from npm" npm install --prefix $* --no-save --loglevel http
	@touch $@

bootstrap: $(READY)  ## write envoy/envoy.yaml anew: what Envoy runs for config/quickstart.yaml
	OPENAI_API_KEY=unused ANTHROPIC_API_KEY=unused \
		$(BIN)/dragoman bootstrap config/quickstart.yaml > envoy/envoy.yaml

manifests: .venv-packaging/.ready  ## write the plain manifests of Kubernetes anew, from charts/dragoman
	.venv-packaging/bin/python charts/render envoy/kubernetes/values.yaml config/quickstart.yaml \
		> envoy/kubernetes/dragoman.yaml
	.venv-packaging/bin/python charts/render demos/model_routing_service/values.yaml \
		> demos/model_routing_service/dragoman-deployment.yaml

screenshots: $(READY) browser  ## draw the console anew for docs/
	$(BIN)/python -m tests.helpers.console_screenshots

messages: $(READY)  ## write extproc/envoy_api/messages.py anew: Envoy's messages for the bootstrap
	$(BIN)/python -m extproc.envoy_api.definitions
	$(BIN)/ruff format --quiet extproc/envoy_api/messages.py

wire: $(READY)  ## write extproc/transport/messages.binpb anew: the definitions of Envoy's messages
	$(BIN)/python -m extproc.transport.rendering

constraints:  ## write constraints.txt anew: the newest versions that pyproject.toml allows
	rm -rf build/constraints
	$(PYTHON) -m venv build/constraints
	build/constraints/bin/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	{ echo "# What the Makefile installs and CI tests: make constraints writes it anew."; \
		build/constraints/bin/pip freeze --exclude-editable; } > build/constraints/frozen.txt
	mv build/constraints/frozen.txt constraints.txt

clean:  ## remove what was built, .venv included
	rm -rf $(VENV) .venv-* tests/*/node_modules benchmarks/node_modules build dist *.egg-info
