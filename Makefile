# What people type. Each target installs what it lacks and says so.
.DEFAULT_GOAL := help
NODE_MIN := 20.19.0
INSTALLED := node_modules/.package-lock.json
BUILT := packages/cli/dist/.built

help: ## this list
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(INSTALLED): package-lock.json package.json $(wildcard packages/*/package.json)
	@node tools/require-node.mjs $(NODE_MIN)
	@echo 'Installing npm packages (once, about a minute)…'
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(BUILT): $(INSTALLED) FORCE
	@node tools/build.mjs --if-changed

build: $(BUILT) ## bundle agent, CLI and dashboard into packages/cli/dist

check: $(INSTALLED) ## the gates: format, lint, types, boundaries, dead code, generated files, docs
	@npm run --silent check

test: $(BUILT) ## everything: unit, property, compliance, package and end-to-end tests
	@node tools/test.mjs

e2e-api: $(INSTALLED) ## tests of what talks to an API server, against a given one: KUBECONFIG=FILE
	@test -n '$(KUBECONFIG)' || { echo 'Say which API server: make e2e-api KUBECONFIG=FILE'; exit 2; }
	@PORPULSION_TEST_KUBECONFIG='$(abspath $(KUBECONFIG))' npx vitest run --config vitest.api.config.ts

e2e: $(BUILT) ## the end-to-end story on two real clusters: KUBECONFIG_A= KUBECONFIG_B= IMAGE= HOST_ADDRESS=, or OUT_OF_CLUSTER=1
	@node tools/e2e.mjs

bench: $(BUILT) ## measure the link; writes bench/results.json
	@npm run --silent bench

fuzz: $(INSTALLED) ## 120 000 broken, cut and hostile frame sequences, at most 5 min; SEED= repeats a run, CASE= one case
	@npm run --silent fuzz

soak: $(BUILT) ## what takes minutes: long faults, restarts, renewals, fairness by the clock; PART=word runs the parts named so
	@npm run --silent soak -- $(PART)

demo: $(BUILT) ## two clusters that peer and run an app; Ctrl-C ends it; DETACH=1 returns once ready
	@node packages/cli/bin/porpulsion.js demo $(if $(DETACH),--detach)

demo-stop: $(BUILT) ## stop a detached demo, keep its state
	@node packages/cli/bin/porpulsion.js demo stop

demo-clean: $(BUILT) ## stop the demo and forget its state
	@node packages/cli/bin/porpulsion.js demo clean

deploy: ## three k3s clusters with an agent each, in Docker; PEER=1 peers them and runs an app
redeploy: ## build the image again and roll the agents of `make deploy`, clusters and state stay
logs: ## follow what those agents say; CLUSTER=a picks one, FOLLOW=0 ends at the end
status: ## those clusters, their agents, peers and apps
teardown: ## remove those clusters and everything in them
deploy redeploy logs status teardown:
	@node tools/require-node.mjs $(NODE_MIN)
	@node tools/deploy.mjs $@

clean: ## remove what was built
	@rm -rf .cache packages/*/dist

FORCE:
.PHONY: help build check test e2e e2e-api bench fuzz soak demo demo-stop demo-clean clean FORCE
.PHONY: deploy redeploy logs status teardown
