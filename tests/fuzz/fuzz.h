/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a fuzzer gives to libFuzzer, or to replay.c; and how it finds fault.
 */
#ifndef NETSTATE_FUZZ_H
#define NETSTATE_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)						\
	do {								\
		if (!(condition)) {					\
			fprintf(stderr, "%s:%d: not so: %s\n",		\
				__FILE__, __LINE__, #condition);	\
			abort();					\
		}							\
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* NETSTATE_FUZZ_H */
