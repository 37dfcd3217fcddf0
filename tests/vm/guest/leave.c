// SPDX-License-Identifier: GPL-2.0-only
/*
 * leave CODE - end the guest through QEMU's isa-debug-exit device
 *
 * QEMU then exits with 2 * CODE + 1. Debian's cloud kernels have no /dev/port,
 * hence a program.
 */
#include <stdlib.h>
#include <sys/io.h>

#define EXIT_PORT	0xf4

int main(int argc, char **argv)
{
	if (argc != 2 || ioperm(EXIT_PORT, 1, 1))
		return 1;
	outb(atoi(argv[1]), EXIT_PORT);
	return 1;
}
