/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Expressions made at random, and a plain judge of them: a tree, walked by recursion.
 */
#ifndef TEST_EXPRESSION_H
#define TEST_EXPRESSION_H

#include <netstate/filter.h>
#include <netstate/info.h>

#define EXPRESSION_NODES 24
#define EXPRESSION_TEXT 1024
#define SCENE_HOLDERS 4

/* A tree: node 0 is its root. */
struct expression {
	struct node {
		enum { WORD, NOT, AND, OR } kind;
		unsigned int word;	/* one of those in expression.c */
		unsigned int left, right;
	} node[EXPRESSION_NODES];
	unsigned int nodes;
};

/* A socket, and who holds it, by rising pid. */
struct scene {
	enum nst_table table;
	u32 netns;
	unsigned int holders;
	struct nst_process holder[SCENE_HOLDERS];
	union {
		struct nst_sock sock;
		u8 room[NST_SOCK_MAX];
	};
};

/* What becomes of a scene: whether it is shown, whose name is in it, and how many more. */
struct verdict {
	bool shown;
	u32 pid;
	u32 others;
};

typedef u32 (*random_fn)(void *arg);

void expression_make(struct expression *expression, random_fn next, void *arg);
void expression_text(const struct expression *expression, char *text, random_fn next, void *arg);
void scene_make(struct scene *scene, random_fn next, void *arg);
struct verdict expression_judge(const struct expression *expression, const struct scene *scene);
struct verdict filter_judge(const struct nst_filter *filter, const struct scene *scene);
const char *filter_contradicts(const struct nst_filter *filter, const struct scene *scene);

#endif /* TEST_EXPRESSION_H */
