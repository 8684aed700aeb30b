# emsd: build, try, test, install. `make help` lists what there is.

PREFIX ?= /usr/local
DESTDIR ?=
# Where the toolchain is, if it is not on the path.
SWIFT ?= $(shell command -v swift 2>/dev/null || ls -d /opt/swift/usr/bin/swift $$HOME/.local/share/swiftly/bin/swift 2>/dev/null | head -n 1)

BUILD_PACKAGES = binutils ca-certificates git libc6-dev libgcc-12-dev libmodbus-dev libmosquitto-dev libpq-dev libsqlite3-dev libstdc++-12-dev \
	libzstd-dev pkg-config tzdata zlib1g-dev
TEST_PACKAGES = influxdb librsvg2-bin mosquitto mosquitto-clients postgresql prometheus python3 python3-venv strace tidy victoria-metrics
RELEASE = .build/release
OTHER_NAMES = emsctl emsim
VENV = .build-venv
SOAK_SEEDS ?= 10
UNIT_DIRECTORY = $(DESTDIR)$(PREFIX)/lib/systemd/system

DEB_PACKAGES = chrpath dpkg-dev lintian
SYSTEMD_PACKAGES = debootstrap systemd-container
.PHONY: deb systemd-test bundle-test help deps test-deps swift build demo test bench soak lint format install uninstall clean

help:
	@echo "make deps      install the Debian packages that are missing"
	@echo "make build     build emsd, emsctl and emsim for release"
	@echo "make demo      show a simulated plant at work (KEEP=1 leaves it running)"
	@echo "make test      run the whole suite"
	@echo "make bench     measure, beside plain C and plain rows (PARTS=\"speed size questions polling late objectives wear fleet\")"
	@echo "make soak      cut the power, kill, damage, send rubbish, change definitions at random, and attack (SOAK_SEEDS=$(SOAK_SEEDS))"
	@echo "make deb       build the Debian package in .build/deb, and look at it with lintian"
	@echo "make systemd-test  install that package on a Debian that systemd boots in a container, and kill, stop, reboot, upgrade it"
	@echo "make bundle-test  carry a case's evidence (or BUNDLE=DIR, made by emsctl export evidence) to a bare Debian and check it there"
	@echo "make lint      check the style of the sources"
	@echo "make install   install to PREFIX=$(PREFIX), below DESTDIR if given"
	@echo "make clean     remove what was built"

swift:
	@if [ -z "$(SWIFT)" ] || ! "$(SWIFT)" --version >/dev/null 2>&1; then \
		echo "No Swift toolchain was found: install Swift 6.2 or later from https://www.swift.org/install/linux/ and put it on the PATH, or name it with SWIFT=/path/to/swift." >&2; \
		exit 1; \
	fi

# $(call install_missing,PACKAGES): nothing is asked of apt-get where nothing is missing.
define install_missing
	@missing=""; \
	for package in $(1); do \
		dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q "ok installed" || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
		command -v apt-get >/dev/null || { echo "These packages are missing, and there is no apt-get to install them:$$missing" >&2; exit 1; }; \
		sudo=""; \
		if [ "$$(id -u)" != 0 ]; then \
			command -v sudo >/dev/null || { echo "These packages are missing; install them as root:$$missing" >&2; exit 1; }; \
			sudo=sudo; \
		fi; \
		echo "installing$$missing"; \
		$$sudo apt-get update -qq && \
		$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	fi
endef

deps: swift
	$(call install_missing,$(BUILD_PACKAGES))

test-deps: deps
	$(call install_missing,$(TEST_PACKAGES))

build: deps
	@# What is installed and nothing else: a build without names would make the programs of the bench as well.
	"$(SWIFT)" build -c release --static-swift-stdlib --product emsd
	@# One program with three names.
	cd $(RELEASE) && for name in $(OTHER_NAMES); do ln -sf emsd $$name; done

demo: build
	@PROGRAMS="$(CURDIR)/$(RELEASE)" KEEP="$(KEEP)" config/demo/run

# The black-box tests run the programs of the same build, against a Modbus server and readers from PyPI.
$(VENV)/ready: Makefile
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check "pymodbus>=3.7,<4" "pyserial>=3.5,<4" "pyyaml>=6,<7"
	touch $@

test: test-deps
	@$(MAKE) --no-print-directory $(VENV)/ready
	"$(SWIFT)" build --build-tests
	@EMSD_PROGRAMS="$$("$(SWIFT)" build --show-bin-path)" EMSD_PYTHON="$(CURDIR)/$(VENV)/bin/python3" \
		Tests/run .build/test.log

# A bare Debian 12 by debootstrap, without our programs: the script in the bundle must hold, and name a changed byte in any file.
bundle-test: $(if $(BUNDLE),,build)
	$(call install_missing,debootstrap python3)
	@bundle="$(BUNDLE)"; made=$$(mktemp -d) && trap 'rm -rf "$$made"' EXIT && \
	if [ -z "$$bundle" ]; then bundle="$$made/case" && python3 Tests/Systemd/case.py "$(RELEASE)" "$$bundle" || exit 1; fi; \
	python3 Tests/Systemd/bare.py "$$bundle" --cache "$(CURDIR)/.build/debian" || [ $$? = 77 ]

bench: build
	$(call install_missing,python3)
	for program in emsd-bench emsd-wear; do "$(SWIFT)" build -c release --static-swift-stdlib --product $$program || exit 1; done
	@PROGRAMS="$(CURDIR)/$(RELEASE)" CC="$${CC:-$(dir $(SWIFT))clang}" Tests/Bench/bench $(PARTS)

# Every seed is 1,200 cuts of the power, a damaged database, and eight more kills of a polling daemon (200 at most).
soak: test-deps
	@$(MAKE) --no-print-directory $(VENV)/ready
	"$(SWIFT)" build --build-tests
	SOAK_SEEDS=$(SOAK_SEEDS) FUZZ_ROUNDS=$$((1000 * $(SOAK_SEEDS))) \
		EMSD_PROGRAMS="$$("$(SWIFT)" build --show-bin-path)" EMSD_PYTHON="$(CURDIR)/$(VENV)/bin/python3" \
		"$(SWIFT)" test --skip-build --filter 'PowerCutTests|SalvageTests|LiveKillTests|FuzzTests|StorageTests.ReadingTests|ChangeTests|CountingTests|BundleTests'
	mkdir -p .build/chains && rm -rf .build/chains/*
	for seed in $$(seq 1001 $$((1000 + 20 * $(SOAK_SEEDS)))); do \
		for more in "" "--late --parts 2" "--late --parts 3 --kills 1"; do \
			"$(CURDIR)/$(VENV)/bin/python3" Tests/Oracle/differential.py --programs "$$("$(SWIFT)" build --show-bin-path)" \
				--out .build/chains/it --seed $$seed --changes $$more > .build/chains/said \
				|| { echo "seed $$seed --changes $$more"; cat .build/chains/said; exit 1; }; \
			rm -rf .build/chains/it; \
		done; \
	done
	for target in postgresql influx victoria sparkplug; do \
		python3 Tests/Forward/forward.py "$$("$(SWIFT)" build --show-bin-path)" --target $$target --kills $$((20 * $(SOAK_SEEDS))) \
			|| [ $$? = 77 ] || exit 1; \
	done
	for target in postgresql victoria; do \
		python3 Tests/Forward/outage.py "$$("$(SWIFT)" build --show-bin-path)" --target $$target || [ $$? = 77 ] || exit 1; \
	done
	python3 Tests/Attack/tamper.py "$$("$(SWIFT)" build --show-bin-path)" --seeds $$((100 * $(SOAK_SEEDS)))
	python3 Tests/Attack/heads.py "$$("$(SWIFT)" build --show-bin-path)" --kills $$((10 * $(SOAK_SEEDS))) --places 60
	python3 Tests/Attack/attack.py "$$("$(SWIFT)" build --show-bin-path)" --seconds $$((30 * $(SOAK_SEEDS)))

lint: swift
	"$(SWIFT)" format lint --strict --configuration .swift-format --recursive Sources Tests Package.swift
	@python3 Tests/Style/rooms.py

format: swift
	"$(SWIFT)" format --in-place --configuration .swift-format --recursive Sources Tests Package.swift

install:
	@for program in emsd emsctl emsim; do \
		[ -x $(RELEASE)/$$program ] || { echo "$(RELEASE)/$$program is not built yet: run make build first." >&2; exit 1; }; \
	done
	install -d $(DESTDIR)$(PREFIX)/bin $(UNIT_DIRECTORY) $(DESTDIR)$(PREFIX)/lib/sysusers.d $(DESTDIR)$(PREFIX)/lib/tmpfiles.d
	install -d $(DESTDIR)$(PREFIX)/share/doc/emsd/config/permits $(DESTDIR)$(PREFIX)/share/emsd/profiles
	install -m 0755 $(RELEASE)/emsd $(DESTDIR)$(PREFIX)/bin
	@# Names stay, for traces; what only a debugger reads is left out.
	cd $(DESTDIR)$(PREFIX)/bin && strip --strip-debug emsd && for name in $(OTHER_NAMES); do ln -sf emsd $$name; done
	sed 's|/usr/local/|$(PREFIX)/|' systemd/emsd.service > $(UNIT_DIRECTORY)/emsd.service
	chmod 0644 $(UNIT_DIRECTORY)/emsd.service
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man8
	$(RELEASE)/emsctl --generate-manual > $(DESTDIR)$(PREFIX)/share/man/man1/emsctl.1
	$(RELEASE)/emsim --generate-manual > $(DESTDIR)$(PREFIX)/share/man/man1/emsim.1
	$(RELEASE)/emsd --generate-manual > $(DESTDIR)$(PREFIX)/share/man/man8/emsd.8
	$(RELEASE)/emsd --generate-manual emsd.yaml < config/README.md > $(DESTDIR)$(PREFIX)/share/man/man5/emsd.yaml.5
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions
	install -d $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	@# Where none of our names fit, a path does.
	for program in emsd emsctl emsim; do \
		$(RELEASE)/$$program --generate-completion-script bash | sed 's/^complete -o filenames /complete -o default -o filenames /' \
			> $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$program; \
		$(RELEASE)/$$program --generate-completion-script zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_$$program; \
		$(RELEASE)/$$program --generate-completion-script fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/$$program.fish; \
	done
	install -m 0644 systemd/emsd.sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/emsd.conf
	install -m 0644 systemd/emsd.tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/emsd.conf
	install -m 0644 systemd/emsd.logrotate README.md Sources/Indicators/Indicators.docc/Rules.md Sources/Storage/Storage.docc/Record.md \
		$(DESTDIR)$(PREFIX)/share/doc/emsd
	install -m 0644 config/README.md config/emsd.yaml $(DESTDIR)$(PREFIX)/share/doc/emsd/config
	install -m 0644 config/permits/*.yaml $(DESTDIR)$(PREFIX)/share/doc/emsd/config/permits
	install -d $(DESTDIR)$(PREFIX)/share/doc/emsd/config/guides
	install -m 0644 config/guides/*.md $(DESTDIR)$(PREFIX)/share/doc/emsd/config/guides
	for profile in config/profiles/*.yaml; do \
		[ ! -e "$$profile" ] || install -m 0644 "$$profile" $(DESTDIR)$(PREFIX)/share/emsd/profiles; \
	done
	@[ -n "$(DESTDIR)" ] || echo "installed; as root: systemd-sysusers && systemd-tmpfiles --create emsd.conf && systemctl daemon-reload"

deb: build
	$(call install_missing,$(DEB_PACKAGES))
	systemd/debian/build .build/deb
	lintian --allow-root --fail-on error .build/deb/emsd_*.deb

# About a minute, and another one the first time, for the root in .build/debian. Where no container can be booted it says so.
systemd-test: deb
	$(call install_missing,$(SYSTEMD_PACKAGES))
	python3 Tests/Systemd/boot.py .build/deb/emsd_*.deb .build/debian

uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/bin/,emsd emsctl emsim) $(UNIT_DIRECTORY)/emsd.service
	rm -f $(DESTDIR)$(PREFIX)/lib/sysusers.d/emsd.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/emsd.conf
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/emsd $(DESTDIR)$(PREFIX)/share/emsd
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/share/man/,man1/emsctl.1 man1/emsim.1 man5/emsd.yaml.5 man8/emsd.8)
	for program in emsd emsctl emsim; do \
		rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$program \
			$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_$$program \
			$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/$$program.fish; \
	done

clean:
	rm -rf .build $(VENV)
