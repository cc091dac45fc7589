# Tidemark. Everything here works with Go and make alone; CI installs what it needs itself.
.PHONY: build check test demo demo-once race cross audit peers bench bench-accuracy bench-speed soak-leak soak-kills soak-syscalls soak-restores soak-copies soak-damage soak-disk clean

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

build: ## the one binary, into bin/
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o bin/tidemark ./cmd/tidemark

demo: ## twelve fictional members; the first one's pages open in a browser
	CGO_ENABLED=0 go run ./cmd/tidemark demo

demo-once: ## twelve fictional members, their whole way, a summary
	CGO_ENABLED=0 go run ./cmd/tidemark demo --once

check: ## before each commit: form, doubts, house rules, short tests
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "gofmt: the files above"; exit 1; }
	go vet ./...
	GOTOOLCHAIN=auto go run $(STATICCHECK) ./...
	go test -short ./...

test: ## everything; tests that need Chromium or ../shared skip without it
	go test -timeout 30m ./...

PURE := ./schema/... ./aggregation/... ./node/gate/...
race: ## the pure packages under the race detector (needs cgo)
	CGO_ENABLED=1 go test -race -short $(PURE)
	CGO_ENABLED=1 go test -race -run Share ./dashboard/view

cross: ## the platforms that members use
	@for target in linux/amd64 linux/arm64 linux/386 darwin/arm64 windows/amd64; do \
	  echo "build $$target"; \
	  CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} go build -trimpath -o /dev/null ./cmd/tidemark || exit 1; \
	done

audit: ## what a release tells, asked from outside; minutes; writes aggregation/AUDIT.md
	TIDEMARK_AUDIT=full TIDEMARK_AUDIT_PAGE=../../aggregation/AUDIT.md go test -run '^TestAudit' -count 1 -timeout 60m -v ./node/vault
	TIDEMARK_AUDIT=full TIDEMARK_AUDIT_PAGE=../AUDIT.md go test -run '^TestAudit' -count 1 -timeout 60m -v ./aggregation/joint

soak-kills: ## 10,000 kills of a vault that imports, releases and countersigns; about an hour
	TIDEMARK_KILLS=10000 go test -run '^TestKilledAtAnyMoment$$' -count 1 -timeout 3h -v ./node/vault

soak-syscalls: ## every system call of one release fails once (needs strace); minutes
	TIDEMARK_SYSCALLS=full go test -run '^TestEverySyscallMayFail$$' -count 1 -timeout 60m -v ./node/vault

soak-restores: ## 500 restores of backups of random age, 500 lives with old copies of a folder; minutes
	TIDEMARK_RESTORES=500 go test -run '^TestARestoredVaultCatchesUp' -count 1 -timeout 60m -v ./node/vault
	TIDEMARK_OLD_COPIES=500 go test -run '^TestSoakOldCopies$$' -count 1 -timeout 3h -v ./node

soak-copies: ## a folder copied at every moment of a release, and 200 lives with copies that all go on; minutes
	go test -run '^TestACopiedFolderGetsNoSecondDraw$$' -count 1 -timeout 60m ./node
	TIDEMARK_CLONES=200 go test -run '^TestSoakClones$$' -count 1 -timeout 2h -v ./node

soak-damage: ## flipped bits and clocks that jump by up to a year; minutes
	TIDEMARK_BITS=200 go test -run '^TestSoakBits$$' -count 1 -timeout 2h -v ./node
	TIDEMARK_CLOCKS=200 go test -run '^TestSoakClocks$$' -count 1 -timeout 2h -v ./node

soak-disk: ## 500 releases on a disk that is full at a random moment (needs root for a disk of its own)
	TIDEMARK_FULL=500 go test -run '^TestTheDiskIsFullAtAnyMoment$$' -count 1 -timeout 60m -v ./node/vault

soak-leak: ## 1,000 cases, 8,000 names: none comes out anywhere, in any form; 1,000 pairs of vaults; minutes
	TIDEMARK_LEAK=full go test -run '^TestNothingLeaks$$' -count 1 -timeout 20m -v ./cmd/tidemark
	TIDEMARK_LEAK=full go test -run '^TestOnlyTheTablesLeave$$' -count 1 -timeout 30m ./node/vault

peers: ## the tests of what the product is compared with (needs cgo)
	cd aggregation/peers && CGO_ENABLED=1 go vet ./... && CGO_ENABLED=1 go test -timeout 20m ./...

bench-accuracy: ## errors beside those of peers, at equal privacy; minutes; writes aggregation/BENCH.md
	cd aggregation/peers && go run ./accuracy -page ../BENCH.md

bench-speed: ## CPU and memory beside DuckDB's, dpagg's and Privacy on Beam's (needs cgo); minutes; writes aggregation/BENCH.md
	cd aggregation/peers && CGO_ENABLED=1 go run ./speed -page ../BENCH.md

bench: ## the figures of the README's table
	go test -run '^$$' -bench . -benchmem ./...

clean:
	rm -rf bin
