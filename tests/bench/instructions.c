// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin of QEMU that counts instructions, for one CPU: of the kernel and of programs,
 * between two marks that a program in the guest sets, mark.h says how. Arguments:
 *
 *	each=FILE	a line for each pair of marks: how many instructions
 *	where=FILE	at the end, for each block of code that ran between marks: its
 *			address, how many instructions it has, how often it ran
 *
 * An instruction that repeats itself (rep movs) counts once, unlike with -icount.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"
#include "plugin.h"

int qemu_plugin_version = 4;

/* A block of code that QEMU has translated. It may do so again: then there are two. */
struct block {
	uint64_t address;
	uint64_t instructions;
	uint64_t runs;
	struct block *next;
};

static struct block *blocks;
static uint64_t counted;
static bool counting;
static FILE *each, *where;

static void run_block(unsigned int cpu, void *data)
{
	struct block *block = data;

	(void)cpu;
	if (!counting)
		return;
	block->runs++;
	counted += block->instructions;
}

static void meet_mark(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (counting && each) {
		fprintf(each, "%llu\n", (unsigned long long)counted);
		fflush(each);
	}
	counting = !counting;
	counted = 0;
}

static bool is_mark(const struct qemu_plugin_insn *insn)
{
	uint8_t bytes[16];

	return qemu_plugin_insn_data(insn, bytes, sizeof(bytes)) == strlen(MARK) &&
	       !memcmp(bytes, MARK, strlen(MARK));
}

static void translate(uint64_t id, struct qemu_plugin_tb *tb)
{
	struct block *block = malloc(sizeof(*block));
	size_t i;

	(void)id;
	if (!block)
		abort();
	*block = (struct block){
		.address = qemu_plugin_tb_vaddr(tb),
		.instructions = qemu_plugin_tb_n_insns(tb),
		.next = blocks,
	};
	blocks = block;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, run_block, 0, block);
	for (i = 0; i < block->instructions; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (is_mark(insn))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, meet_mark, 0, NULL);
	}
}

static void finish(uint64_t id, void *data)
{
	(void)id;
	(void)data;
	if (each)
		fclose(each);
	for (struct block *block = blocks; where && block; block = block->next)
		if (block->runs)
			fprintf(where, "%llx %llu %llu\n", (unsigned long long)block->address,
				(unsigned long long)block->instructions,
				(unsigned long long)block->runs);
	if (where)
		fclose(where);
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "each=", 5))
			each = fopen(argv[i] + 5, "w");
		else if (!strncmp(argv[i], "where=", 6))
			where = fopen(argv[i] + 6, "w");
	}
	if (!each && !where)
		return 1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}
