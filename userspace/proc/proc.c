// SPDX-License-Identifier: GPL-2.0-only
/*
 * netstate-proc - the table of sockets where the kernel module is not: what /proc/netstate
 * would say to a filter, made of what other files of /proc tell. It takes longer, and is no
 * one picture: what comes and goes meanwhile may be missing or be there twice.
 */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "beside/grow.h"
#include "fail.h"
#include "proc/sockets.h"

static struct nst_filter filter;
static struct nst_proc_row *rows;
static size_t row_count;
static struct nst_group **groups;
static size_t group_count, group_space;
static void *tree;	/* of them */
static u32 netns;

static void put(const char *text, const char *end)
{
	fwrite(text, 1, end - text, stdout);
}

/* Whether these files can answer the filter. */
static bool can_answer(void)
{
	const unsigned int known = NST_NEED_OWNER | NST_NEED_UID | NST_NEED_INODE |
				   NST_NEED_QUEUES | NST_NEED_UNOWNED | NST_NEED_TIMER;
	const unsigned int needs = nst_filter_needs_match(&filter);
	const char *what = needs & NST_NEED_NETNS ? "sockets of other network namespaces" :
			   needs & ~known ? "all that this filter asks for" :
			   filter.unhashed ? "sockets in none of the kernel's tables (state=close, bound)" :
			   filter.group.by[0] == NST_BY_CGROUP ||
			   filter.group.by[1] == NST_BY_CGROUP ? "cgroups" : NULL;

	return !what || nst_fail(NST_EXIT_NO_MODULE, "only the kernel module tells %s", what);
}

static int compare_keys(const void *a, const void *b)
{
	return memcmp(&((const struct nst_group *)a)->key, &((const struct nst_group *)b)->key,
		      sizeof(struct nst_group_key));
}

static int compare(const void *a, const void *b)
{
	return nst_group_compare(*(const struct nst_group *const *)a,
				 *(const struct nst_group *const *)b);
}

/* Counts a socket for one of its holders, or for nobody. */
static bool add_to_group(const struct nst_proc_row *row, const struct nst_process *process)
{
	struct nst_group *group = calloc(1, sizeof(*group)), **found = NULL;

	if (group && nst_grow(&groups, group_count, &group_space, sizeof(*groups))) {
		nst_group_key_make(&group->key, &filter.group, &row->sock, row->table,
				   &row->detail, process, netns);
		found = tsearch(group, &tree, compare_keys);
	}
	if (!found)
		return nst_no_memory();
	nst_group_add(*found, &row->sock, row->table, row - rows + 1);
	if (*found == group)
		groups[group_count++] = group;
	else
		free(group);
	return true;
}

static bool print_groups(void)
{
	const bool by_owner = nst_grouping_by_owner(&filter.group);
	const struct nst_holder *holder;
	char text[NST_GROUP_MAX];
	size_t i;

	for (i = 0; i < row_count; i++) {
		if (!add_to_group(&rows[i], rows[i].sock.owner))
			return false;
		for (holder = rows[i].detail.holders.first; by_owner && holder; holder = holder->next)
			if (!add_to_group(&rows[i], holder->process))
				return false;
	}
	if (group_count)
		qsort(groups, group_count, sizeof(*groups), compare);
	put(text, nst_format_group_head(text, &filter.group, false));
	for (i = 0; i < group_count && i < filter.group.top; i++)
		put(text, nst_format_group(text, groups[i], &filter.group, false, false));
	return true;
}

static bool print_rows(void)
{
	static char text[NST_ROW_MAX + NST_DETAIL_MAX];
	size_t i;
	char *p;

	put(text, nst_format_columns(text, filter.show));
	for (i = 0; i < row_count; i++) {
		p = nst_format_row(text, &rows[i].sock, rows[i].table, filter.show);
		if (filter.show & NST_SHOW_DETAIL) {
			p = nst_format_detail(p - 1, text + sizeof(text) - 1, &rows[i].sock,
					      &rows[i].detail, netns);
			*p++ = '\n';
		}
		put(text, p);
	}
	return true;
}

static bool print(void)
{
	const unsigned int needs = nst_filter_needs_match(&filter) | nst_filter_needs_show(&filter);
	struct nst_counts counts = {};
	char text[NST_HEAD_MAX];
	struct stat file = {};
	bool hidden = false;
	size_t i;

	if (!can_answer() || !nst_proc_sockets(&filter, &rows, &row_count) ||
	    (needs & NST_NEED_OWNER && !nst_proc_owners(&filter, rows, &row_count, &hidden)))
		return false;
	stat("/proc/self/ns/net", &file);
	netns = file.st_ino;
	for (i = 0; i < row_count; i++)
		nst_counts_add(&counts, rows[i].table, rows[i].sock.state, 1);
	put(text, nst_format_counts(text, &counts, false) - 1);
	puts(hidden ? " owners=some" : "");
	return filter.group.by[0] ? print_groups() : print_rows();
}

int main(int argc, char **argv)
{
	struct nst_filter_error error;

	if (argc != 2)
		nst_fail(NST_EXIT_USAGE, "usage: netstate-proc FILTER, or --why");
	else if (!strcmp(argv[1], "--why"))
		nst_proc_why();
	else if (!nst_filter_parse(&filter, argv[1], strlen(argv[1]), &error))
		nst_fail(NST_EXIT_USAGE, "this is no filter: %s", argv[1]);
	else
		print();
	return nst_tell(EXIT_SUCCESS);
}
