// SPDX-License-Identifier: GPL-2.0-only
/*
 * replay FILE... - run a fuzzer's function over each file, once, where there is
 * no libFuzzer.
 */
#include <stdio.h>

#include "fuzz.h"

/* As long as a case may be, and more */
#define CASE_MAX 65536

int main(int argc, char **argv)
{
	static uint8_t data[CASE_MAX];

	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		size_t size;

		if (!file) {
			perror(argv[i]);
			return 1;
		}
		size = fread(data, 1, sizeof(data), file);
		fclose(file);
		fprintf(stderr, "%s\n", argv[i]);
		LLVMFuzzerTestOneInput(data, size);
	}
	return 0;
}
