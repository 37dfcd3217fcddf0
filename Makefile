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

# For dkms: a kernel that it does not compile for gets a module that says so, and dkms no
# error, which the kernel's package would take for its own.
.PHONY: module-or-stub
module-or-stub: headers
	$(MAKE) -C $(KDIR) M=$(top) modules || { [ "$$NETSTATE_STUB" != no ] && \
		$(MAKE) -C $(KDIR) M=$(top) NST_STUB=1 modules; }

.PHONY: headers
headers: ## are there headers in KDIR? says how to get them if not
	@test -e $(KDIR)/Makefile || { \
		echo "No kernel headers in $(KDIR)."; \
		echo "Install them (Debian, Ubuntu: linux-headers-$(KVER); Fedora, RHEL: kernel-devel-$(KVER)),"; \
		echo "or say where they are: make KDIR=/path"; \
		exit 1; } >&2

.PHONY: reader
reader: $(reader_programs:%=userspace/%) ## build the reader: for --top it needs ncurses; no kernel headers

compiler = $(CC)
libs = $(reader_libs)
$(eval $(call reader_rules,build/obj,userspace))

# What goes where; the packages are made of this, too. STRIP=-s leaves symbols out.

bindir ?= $(PREFIX)/bin
mandir ?= $(PREFIX)/share/man
completiondir ?= $(PREFIX)/share/bash-completion/completions
zshdir ?= $(PREFIX)/share/zsh/site-functions
fishdir ?= $(PREFIX)/share/fish/vendor_completions.d
modulesloaddir ?= /usr/lib/modules-load.d
modprobedir ?= /usr/lib/modprobe.d
sysusersdir ?= /usr/lib/sysusers.d
unitdir ?= /usr/lib/systemd/system
# Where the python3 that is there looks below PREFIX.
pythondir ?= $(or $(shell python3 -c 'import sys; \
	print(*[p for p in sys.path if p.startswith("$(PREFIX)/lib") and p.endswith("-packages")][:1])' \
	2>/dev/null),$(PREFIX)/lib/python3/dist-packages)

# MODE:FILE:WHERE; a program is 755, a script 0755: there is nothing to strip
reader_files = 755:userspace/netstate:$(bindir)/netstate \
	$(foreach one,$(filter-out netstate,$(reader_programs)),755:userspace/$(one):$(libexecdir)/$(one)) \
	0755:packaging/prometheus/netstate-exporter:$(libexecdir)/netstate-exporter \
	644:userspace/man/netstate.8:$(mandir)/man8/netstate.8 \
	644:userspace/man/proc_netstate.5:$(mandir)/man5/proc_netstate.5 \
	644:userspace/completion/netstate.bash:$(completiondir)/netstate \
	644:userspace/completion/_netstate:$(zshdir)/_netstate \
	644:userspace/completion/netstate.fish:$(fishdir)/netstate.fish \
	644:userspace/python/netstate.py:$(pythondir)/netstate.py
boot_files = 644:packaging/boot/modules-load.d/netstate.conf:$(modulesloaddir)/netstate.conf \
	644:packaging/boot/modprobe.d/netstate.conf:/etc/modprobe.d/netstate.conf \
	644:packaging/boot/modprobe.d/zz-netstate-group.conf:$(modprobedir)/zz-netstate-group.conf \
	644:packaging/boot/sysusers.d/netstate.conf:$(sysusersdir)/netstate.conf \
	644:build/netstate-exporter.service:$(unitdir)/netstate-exporter.service \
	644:packaging/boot/systemd/netstate-exporter.timer:$(unitdir)/netstate-exporter.timer
part = $(word $(1),$(subst :, ,$(2)))

define put
install -D $(if $(filter 755,$(call part,1,$(1))),$(STRIP)) -m $(call part,1,$(1)) \
	$(call part,2,$(1)) $(DESTDIR)$(call part,3,$(1))

endef

.PHONY: install
install: reader ## install the reader below PREFIX (/usr/local), and that below DESTDIR
	$(foreach one,$(reader_files),$(call put,$(one)))

.PHONY: install-boot
install-boot: build/netstate-exporter.service ## install what has the module loaded at boot, and units
	$(foreach one,$(boot_files),$(call put,$(one)))

# It names a program, which lies elsewhere with another PREFIX.
.PHONY: build/netstate-exporter.service
build/netstate-exporter.service:
	@mkdir -p $(@D)
	@sed 's,/usr/libexec/netstate,$(libexecdir),' packaging/boot/systemd/$(@F) >$@

.PHONY: uninstall
uninstall: ## remove what those two have installed
	rm -f $(foreach one,$(reader_files) $(boot_files),$(DESTDIR)$(call part,3,$(one)))
	-rmdir $(DESTDIR)$(libexecdir)

.PHONY: module-clean
module-clean: ## remove what building the module left
	@test ! -e $(KDIR)/Makefile || $(MAKE) -C $(KDIR) M=$(top) clean

.PHONY: clean
clean: module-clean ## remove what was built, but not the cache of kernels
	rm -rf build dist userspace/netstate userspace/netstate-*

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

.PHONY: mutants
mutants: ## do the hosted tests see small faults? N=30 of them, FILE=module/core, SEED=
	tests/mutants/run $(if $(N),--number $(N)) $(if $(FILE),--file $(FILE)) $(if $(SEED),--seed $(SEED))

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
