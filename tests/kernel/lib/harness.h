/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kselftest's harness, with more time for each test: a guest may be emulated,
 * and share the machine with others.
 */
#ifndef LIB_HARNESS_H
#define LIB_HARNESS_H

#include "kselftest_harness.h"

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	600

#endif
