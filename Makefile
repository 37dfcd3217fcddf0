# SPDX-License-Identifier: GPL-2.0-only
# Targets for people and for dkms; what the module is made of stands in Kbuild.

KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build
CFLAGS ?= -O2 -g

top := $(CURDIR)
version := $(shell cat VERSION)
reader := userspace
# Not there where dkms has only the module's sources.
-include userspace/reader.mk

.PHONY: all
all: module reader ## build the module for KDIR (default: the running kernel) and the reader

.PHONY: module
module: headers ## build netstate.ko for KDIR
	$(MAKE) -C $(KDIR) M=$(top) modules

.PHONY: headers
headers: ## are there headers in KDIR? says how to get them if not
	@test -e $(KDIR)/Makefile || { \
		echo "No kernel headers in $(KDIR)."; \
		echo "Install them (Debian, Ubuntu: linux-headers-$(KVER); Fedora, RHEL: kernel-devel-$(KVER)),"; \
		echo "or say where they are: make KDIR=/path"; \
		exit 1; } >&2

.PHONY: reader
reader: userspace/netstate ## build the reader: needs json-c, for --top ncurses, and no kernel headers

userspace/netstate: $(reader_sources) $(reader_headers) VERSION
	$(CC) -Iinclude -D_GNU_SOURCE -DNETSTATE_VERSION='"$(version)"' $(CPPFLAGS) \
		-std=gnu11 -Wall -Wextra $(reader_flags) $(CFLAGS) -o $@ $(reader_sources) \
		$(LDFLAGS) $(reader_libs)

.PHONY: module-clean
module-clean: ## remove what building the module left
	@test ! -e $(KDIR)/Makefile || $(MAKE) -C $(KDIR) M=$(top) clean

.PHONY: clean
clean: module-clean ## remove what was built, but not the cache of kernels
	rm -rf build dist userspace/netstate

# The guests: Debian's kernels under QEMU. K chooses one: make run K=5.10

.PHONY: run
run: ## boot a kernel in a guest (K=6.12) and show its sockets
	tests/vm/demo $(or $(K),6.12)

.PHONY: shell
shell: ## a shell in such a guest
	tests/vm/shell $(or $(K),6.12)

.PHONY: test
test: ## all tests, on all kernels or those in K
	tests/run $(K)

.PHONY: test-full
test-full: ## those, and the long ones: an hour more
	tests/run --full $(K)

.PHONY: test-next
test-next: ## the newest kernel in Debian experimental: one line says what breaks
	tests/next

.PHONY: soak
soak: ## the torture for T seconds (3600) on kernel K (6.12)
	tests/soak $(or $(K),6.12) $(or $(T),3600)

.PHONY: bench
bench: ## what reading costs, beside other tools (N=1000000: with so many sockets)
	tests/bench/run $(N)

# Packages; and dkms without one.

.PHONY: dkms-install
dkms-install: headers ## have dkms build the module for KVER, and for every kernel to come
	packaging/dkms install $(KVER) $(if $(filter-out file,$(origin KDIR)),$(KDIR))

.PHONY: dkms-uninstall
dkms-uninstall: ## take all versions of the module out of dkms
	packaging/dkms uninstall

.PHONY: deb
deb: ## Debian packages of the module (for dkms) and the reader, into dist/
	packaging/build deb dist

.PHONY: rpm
rpm: ## the same as RPM packages
	packaging/build rpm dist

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24
