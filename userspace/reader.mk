# SPDX-License-Identifier: GPL-2.0-only
#
# What the reader is made of, for whoever builds it; $(reader) is this folder.
#
# --top wants ncurses. NCURSES=yes insists on that, no leaves it out; without it is
# there if pkg-config finds ncursesw.

PKG_CONFIG ?= pkg-config
NCURSES ?= $(shell $(PKG_CONFIG) --exists ncursesw 2>/dev/null && echo yes)

reader_sources := $(wildcard $(reader)/*.c $(reader)/../module/core/*.c)
reader_headers := $(wildcard $(reader)/*.h $(reader)/../include/netstate/*.h) $(reader)/reader.mk
reader_flags :=
reader_libs := -ljson-c
# The same, so that it runs where neither of them is installed.
reader_own_libs := -l:libjson-c.a

ifeq ($(NCURSES),yes)
reader_sources += $(wildcard $(reader)/top/*.c)
reader_headers += $(wildcard $(reader)/top/*.h)
reader_flags += -DNETSTATE_TOP $(shell $(PKG_CONFIG) --cflags ncursesw)
reader_libs += $(shell $(PKG_CONFIG) --libs ncursesw)
reader_own_libs += -l:libncursesw.a -l:libtinfo.a
endif
