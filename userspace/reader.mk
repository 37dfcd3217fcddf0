# SPDX-License-Identifier: GPL-2.0-only
#
# The reader's programs, for whoever builds them; $(reader) is this directory.
#
# netstate reads. The others are run by it, as git runs its commands. All are made of the
# same objects, reader_parts; what is a program's own is reader_NAME. netstate-top wants
# ncurses: NCURSES=yes insists on that, no leaves it out; without it is there if pkg-config
# finds ncursesw.

PKG_CONFIG ?= pkg-config
NCURSES ?= $(shell $(PKG_CONFIG) --exists ncursesw 2>/dev/null && echo yes)

reader_commands := check diagnose diff drop json metrics pids proc sort top
reader_programs := netstate $(patsubst %,netstate-%,$(filter-out \
	$(if $(filter yes,$(NCURSES)),,top),$(reader_commands)))
reader_root := $(reader)/..
reader_find = $(patsubst $(reader_root)/%.c,%.o,$(wildcard $(1:%=$(reader_root)/%/*.c)))
reader_main := userspace/main.o
reader_face := $(addprefix userspace/netstat/,elsewhere.o files.o parts.o plain.o program.o)
reader_parts := $(filter-out $(reader_main),$(call reader_find,userspace userspace/beside userspace/names module/core)) \
	$(reader_face)
reader_explain := userspace/explain/explain.o
reader_netstate-check := $(call reader_find,userspace/check) $(reader_explain)
reader_json := userspace/json/print.o
reader_netstate := $(reader_main) $(reader_json) \
	$(filter-out $(reader_face),$(call reader_find,userspace/netstat))
reader_netstate-diagnose := $(call reader_find,userspace/diagnose) $(reader_json)
reader_netstate-diff := $(call reader_find,userspace/diff) $(reader_json)
reader_netstate-drop := $(call reader_find,userspace/drop)
reader_netstate-json := $(call reader_find,userspace/json)
reader_netstate-metrics := $(call reader_find,userspace/metrics)
reader_netstate-pids := $(call reader_find,userspace/pids)
reader_netstate-proc := $(call reader_find,userspace/proc)
reader_netstate-sort := $(call reader_find,userspace/sort)
reader_netstate-top := $(call reader_find,userspace/top) $(reader_explain)
reader_headers := $(wildcard $(reader)/*.h $(reader)/*/*.h $(reader_root)/include/netstate/*.h) \
	$(reader)/reader.mk $(reader_root)/VERSION

# Where the others lie if not beside netstate.
PREFIX ?= /usr/local
libexecdir ?= $(PREFIX)/libexec/netstate

reader_flags := -I$(reader) -I$(reader_root)/include -D_GNU_SOURCE \
	-DNETSTATE_VERSION='"$(shell cat $(reader_root)/VERSION)"' \
	-DNETSTATE_LIBEXECDIR='"$(libexecdir)"' \
	-std=gnu11 -Wall -Wextra -ffunction-sections -pthread
reader_curses := $(if $(filter yes,$(NCURSES)),$(shell $(PKG_CONFIG) --libs ncursesw))
reader_libs = $(if $(filter %-top,$@),$(reader_curses))
# The same, so that it runs where that is not installed.
reader_own_libs = $(if $(filter %-top,$@),-l:libncursesw.a -l:libtinfo.a)

# reader_rules OBJECTS,PROGRAMS - rules for the programs in a directory, by $(compiler), with
# $(libs); $(quiet) may be "@"
define reader_rules
$(1)/%.o: $(reader_root)/%.c $(reader_headers)
	@mkdir -p $$(@D)
	$(quiet)$$(compiler) $$(CPPFLAGS) $$(reader_flags) $$(CFLAGS) -c -o $$@ $$<

$(foreach one,$(reader_programs),$(2)/$(one): $(addprefix $(1)/,$(reader_parts) $(reader_$(one)))
)
# Where it is installed is built into netstate: another PREFIX makes that anew.
$(1)/userspace/beside/run.o $(1)/$(reader_main): $(1)/libexecdir
$(1)/libexecdir: reader-always
	@mkdir -p $$(@D)
	@[ "$$$$(cat $$@ 2>/dev/null)" = '$(libexecdir)' ] || echo '$(libexecdir)' >$$@

$(reader_programs:%=$(2)/%):
	@mkdir -p $$(@D)
	$(quiet)$$(compiler) $$(CFLAGS) -pthread -Wl,--gc-sections -o $$@ $$^ $$(LDFLAGS) $$(libs)
endef

.PHONY: reader-always
