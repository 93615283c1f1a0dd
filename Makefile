# One door to everything. `make` alone says what there is.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

GO ?= go
BIN := bin/dauys
# Used when golangci-lint is not installed; the first run builds it, which takes minutes.
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
PACKAGES ?= ./...
FUZZTIME ?= 10s
BENCH ?=
INGEST ?=
MAIL ?=
CROWD ?=
BROWSER_DEPS := test/browser/node_modules/.installed
FACE_DEPS := test/face/node_modules/.installed

.PHONY: help
help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

.PHONY: demo
demo: ## the whole world with nothing set up, on http://127.0.0.1:8080
	$(GO) run . demo

.PHONY: test
test: fmt vet build ## everything: format, vet, build, all tests with PostgreSQL and a browser
	scripts/with-postgres.sh $(GO) test -shuffle=on -p 3 -parallel 4 -timeout 10m $(PACKAGES)
	TZ=America/Noronha $(GO) test -count=1 ./civil/... ./petition/...
	@$(MAKE) browser
	@echo 'make test: all passed'

.PHONY: quick
quick: fmt ## the fast tests, without PostgreSQL and browser: a minute on a present-day machine
	env -u DAUYS_TEST_POSTGRES -u DAUYS_TEST_BROWSER $(GO) test -short -parallel 8 -timeout 5m $(PACKAGES)

.PHONY: fmt
fmt:
	@files=$$(gofmt -l .); if [ -n "$$files" ]; then echo "gofmt these: $$files" >&2; exit 1; fi

.PHONY: vet
vet:
	$(GO) vet $(PACKAGES)

.PHONY: build
build: ## the one static binary, bin/dauys
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags='-s -w' -o $(BIN) .

# Each test/browser/*.test.mjs starts its own `dauys demo` from DAUYS_BIN.
.PHONY: browser
browser: build $(BROWSER_DEPS) ## the pages in Chromium, with axe
	@shopt -s nullglob; tests=(test/browser/*.test.mjs); \
	if [ $${#tests[@]} = 0 ]; then echo 'make browser: test/browser has no *.test.mjs' >&2; exit 1; fi; \
	DAUYS_BIN=$$PWD/$(BIN) DAUYS_TEST_BROWSER=$$(scripts/find-chromium.sh) node --test --test-concurrency=1 "$${tests[@]}"

.PHONY: assets
assets: ## the packed forms of style sheet and script, after a change of either
	$(GO) generate ./internal/web

# SHOTS is another folder for them; PAGES, LANGS, THEMES and WIDTHS take fewer.
SHOTS ?=
.PHONY: screenshots
screenshots: build $(BROWSER_DEPS) ## pictures of the pages in three languages and widths, to docs/screenshots
	DAUYS_BIN=$$PWD/$(BIN) DAUYS_TEST_BROWSER=$$(scripts/find-chromium.sh) node test/browser/screenshots.mjs $(SHOTS)

.PHONY: face
face: build $(BROWSER_DEPS) $(FACE_DEPS) ## Lighthouse and axe on the ten main pages, as a table; 95 or more in all four
	DAUYS_BIN=$$PWD/$(BIN) DAUYS_TEST_BROWSER=$$(scripts/find-chromium.sh) node test/face/face.mjs

$(FACE_DEPS): test/face/package.json
	cd test/face && npm install --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

$(BROWSER_DEPS): test/browser/package.json
	cd test/browser && npm install --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

.PHONY: bench
bench: build ## the figures of docs/performance.md, each beside the raw limit of this machine
	$(BIN) bench http $(BENCH)
	$(BIN) bench ingest $(INGEST)
	$(BIN) bench mail $(MAIL)
	$(BIN) bench crowd $(CROWD)
	$(BIN) bench capacity

# TORTURE names scenarios with commas; TIMES is how often each fault comes.
TORTURE ?= all
TIMES ?= 50
.PHONY: torture
torture: ## a site under load while the machine fails in every way; writes docs/reliability.md, exits 1 on a loss
	DAUYS_TEST_TORTURE=$(TORTURE) DAUYS_TEST_TORTURE_TIMES=$(TIMES) DAUYS_TEST_TORTURE_REPORT=docs/reliability.md \
		$(GO) test -run '^TestTorture$$' -count=1 -timeout 2h -v .

.PHONY: lint
lint: ## golangci-lint with .golangci.yml, and shellcheck where it is installed
	@if command -v golangci-lint >/dev/null; then golangci-lint run; else $(GO) run $(GOLANGCI) run; fi
	@if command -v shellcheck >/dev/null; then shellcheck .ci/run scripts/*.sh; fi

.PHONY: fuzz
fuzz: ## each fuzz target for FUZZTIME (10s)
	@for pkg in $$($(GO) list $(PACKAGES)); do \
		for target in $$($(GO) test -list '^Fuzz' "$$pkg" | grep '^Fuzz' || true); do \
			echo "$$pkg $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x "$$pkg"; \
		done; \
	done

.PHONY: cover
cover: ## how much of the code the tests reach, with both engines; bin/cover.html
	@mkdir -p bin
	scripts/with-postgres.sh $(GO) test -timeout 10m -coverpkg=$(PACKAGES) -coverprofile=bin/cover.out $(PACKAGES)
	$(GO) tool cover -html=bin/cover.out -o bin/cover.html
	$(GO) tool cover -func=bin/cover.out | tail -n 1

.PHONY: clean
clean: ## what was built here
	rm -rf bin test/face/node_modules test/browser/node_modules test/browser/out
