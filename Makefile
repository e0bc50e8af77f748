# Selat: `make up` starts the region and pays across the strait; `make test` runs every test.
SWIFT ?= swift
BUILD := $(SWIFT) build -c release
SELAT := .build/release/selat
DATA  ?= .selat

.PHONY: help packages build up down test unit end-to-end lint generated corpus bench chaos overload clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

packages: ## install the Debian packages that are missing
	@.ci/packages

build: packages ## release build
	$(BUILD) --product selat

up: build ## start the region and send a first real payment
	@$(SELAT) up Nodes/topologies/strait.yaml --data $(DATA) --detach
	@.ci/first-payment $(SELAT) $(DATA)

down: ## stop the region
	@$(SELAT) down --data $(DATA)

test: packages ## every test: units in parallel, dying nodes, then end to end, one after the other
	$(BUILD) --build-tests
	$(SWIFT) test -c release --skip-build --skip EndToEndTests --skip CrashPointTests
	$(SWIFT) test -c release --skip-build --filter CrashPointTests
	$(SWIFT) test -c release --skip-build --filter EndToEndTests --no-parallel

chaos: build ## the region under load and faults: 200 times kill -9, and what is left of it
	@.ci/packages chaos
	python3 .ci/chaos $(CHAOS)

lint: ## house format, strictly
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift

generated: ## the committed generated code is what the definitions give
	$(SWIFT) run -c release --skip-build selat-specgen --check

bench: build ## what stages, store and region cost, with tables and plots in .build/bench
	@.ci/packages bench
	@.ci/bench

overload: build ## three times what the region takes, and bad peers: figures
	@.ci/overload $(SELAT)

clean: ## forget everything built and every local region
	rm -rf .build $(DATA)
