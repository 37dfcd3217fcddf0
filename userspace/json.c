// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows, groups and counts as JSON, each an object on one line. The names of its members
 * are promised: netstate(8) lists them.
 */
#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "fail.h"
#include "json.h"
#include "names/cgroups.h"

static void add(struct json_object *object, const char *key, struct json_object *value)
{
	if (json_object_object_add(object, key, value))
		nst_no_memory();
}

static void add_number(struct json_object *object, const char *key, u64 number)
{
	add(object, key, json_object_new_uint64(number));
}

/* How many bytes a character has; 0 if it is not UTF-8 as it should be. */
static unsigned int utf8_len(const char *p)
{
	static const u32 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c = *p;
	unsigned int len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	u32 code = len == 1 ? c : c & (0xff >> (len + 1));
	unsigned int i;

	if ((c & 0xc0) == 0x80 || c >= 0xf8)
		return 0;
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	return code < least[len] || code > 0x10ffff || code >> 11 == 0xd800 >> 11 ? 0 : len;
}

/* Text that is freed then; a byte that is no UTF-8 becomes "?". */
static struct json_object *new_utf8(char *text)
{
	struct json_object *object;
	unsigned int len;
	char *p = text;

	if (!text) {
		nst_no_memory();
		return NULL;
	}
	while (*p) {
		len = utf8_len(p);
		if (!len)
			*p = '?';
		p += len ? len : 1;
	}
	object = json_object_new_string(text);
	free(text);
	return object;
}

/* A name, without the table's escapes. */
static struct json_object *new_text(struct nst_word word)
{
	char *text = malloc(word.len + 1);

	if (text)
		nst_word_unescape(word, text, word.len + 1);
	return new_utf8(text);
}

/* Where a cgroup is, if that is known. */
static void add_cgroup_path(struct json_object *object, u64 id)
{
	const char *path = nst_cgroup_path(id);

	if (path)
		add(object, "cgroup_path", new_utf8(strdup(path)));
}

/* A row has a state if that is one of TCP's, as in struct nst_counts. */
static struct json_object *new_state(const struct nst_row *row)
{
	unsigned int state = nst_shown_state(row->table, row->sock.state);

	return state ? json_object_new_string(nst_state_name(state)) : NULL;
}

/* "812/nginx" as an object; NULL if it is something else. */
static struct json_object *new_process(struct nst_word word)
{
	struct json_object *process;
	struct nst_word pid, name;
	u64 number;

	if (!nst_word_split(word, '/', &pid, &name) || !nst_word_number(pid, U32_MAX, &number))
		return NULL;
	process = json_object_new_object();
	add_number(process, "pid", number);
	add(process, "program", new_text(name));
	return process;
}

/* "812/nginx,813/nginx" as a list; NULL if it is something else. */
static struct json_object *new_owners(struct nst_word rest)
{
	struct json_object *owners = json_object_new_array(), *owner;
	struct nst_word one;

	while (rest.len) {
		if (!nst_word_split(rest, ',', &one, &rest)) {
			one = rest;
			rest.len = 0;
		}
		owner = new_process(one);
		if (!owner) {
			json_object_put(owners);
			return NULL;
		}
		json_object_array_add(owners, owner);
	}
	return owners;
}

/* Whether a text is a number as JSON writes it, with a point in it. */
static bool is_decimal(struct nst_word word)
{
	struct nst_word before, after;
	u64 number;

	return nst_word_split(word, '.', &before, &after) &&
	       nst_word_number(before, ~0ULL, &number) &&
	       nst_word_number(after, ~0ULL, &number) &&
	       (*before.start != '0' || before.len == 1);
}

static struct json_object *new_decimal(struct nst_word word)
{
	char text[48];

	snprintf(text, sizeof(text), "%.*s", (int)word.len, word.start);
	return json_object_new_double_s(strtod(text, NULL), text);
}

static struct json_object *new_value(struct nst_word key, struct nst_word word)
{
	struct json_object *processes = NULL;
	u64 number;

	if (nst_word_is(key, "device"))	/* whose name may be a number */
		return new_text(word);
	if (nst_word_number(word, ~0ULL, &number))
		return json_object_new_uint64(number);
	if (is_decimal(word))
		return new_decimal(word);
	if (nst_word_is(key, "owners"))
		processes = new_owners(word);
	else if (nst_word_is(key, "listener") || nst_word_is(key, "maybe"))
		processes = new_process(word);
	return processes ? processes : new_text(word);
}

/* "3/128": connections that wait to be accepted, and how many may. */
static bool add_backlog(struct json_object *object, struct nst_word value)
{
	struct nst_word waiting, limit;
	u64 numbers[2];

	if (!nst_word_split(value, '/', &waiting, &limit) ||
	    !nst_word_number(waiting, U32_MAX, &numbers[0]) ||
	    !nst_word_number(limit, U32_MAX, &numbers[1]))
		return false;
	add_number(object, "backlog", numbers[0]);
	add_number(object, "backlog_max", numbers[1]);
	return true;
}

/* key=value words. A name that is there already keeps its value. */
static void add_words(struct json_object *object, struct nst_word words)
{
	struct nst_word word, key, value;
	char name[64];
	u64 number;

	for (word = nst_word_next(&words); word.len; word = nst_word_next(&words)) {
		if (!nst_word_split(word, '=', &key, &value))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)key.len, key.start);
		if (!strcmp(name, "backlog") && add_backlog(object, value))
			continue;
		if (!json_object_object_get_ex(object, name, NULL))
			add(object, name, new_value(key, value));
		if (!strcmp(name, "cgroup") && nst_word_number(value, ~0ULL, &number))
			add_cgroup_path(object, number);
	}
}

/* json-c escapes all control characters but DEL and those behind ASCII, U+0080 to U+009F. */
static void print(struct json_object *object)
{
	const int form = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;
	const char *p = json_object_to_json_string_ext(object, form), *plain = p;

	if (!p)
		nst_no_memory();
	for (; p && *p; p++) {
		bool is_second = *p == '\xc2' && (p[1] & 0xe0) == 0x80;

		if (*p != 0x7f && !is_second)
			continue;
		fwrite(plain, 1, p - plain, stdout);
		p += is_second;
		printf("\\u%04x", (unsigned char)*p);
		plain = p + 1;
	}
	if (p)
		fwrite(plain, 1, p - plain, stdout);
	json_object_put(object);
}

/* Prints a text as a string. */
void nst_json_text(const char *text)
{
	print(new_utf8(strdup(text)));
}

static void add_endpoint(struct json_object *object, const char *host_key,
			 const char *port_key, struct nst_word host, u16 port)
{
	add(object, host_key, json_object_new_string_len(host.start, host.len));
	add_number(object, port_key, port);
}

static void add_program(struct json_object *object, const struct nst_row *row)
{
	bool owned = row->sock.owner;

	add(object, "pid", owned ? json_object_new_uint64(row->owner.pid) : NULL);
	add(object, "program", owned ? new_text(row->name) : NULL);
	add_number(object, "more_holders", row->sock.more);
}

static void add_timer(struct json_object *object, const struct nst_row *row)
{
	const struct nst_sock *sock = &row->sock;
	struct nst_word rest = row->timer, seconds = { NULL, 0 };
	char text[16];

	seconds.len = sprintf(text, "%u.%02u", sock->timer_left / 100, sock->timer_left % 100);
	seconds.start = text;
	add(object, "timer", new_text(nst_word_next(&rest)));
	add(object, "timer_seconds", new_decimal(seconds));
	add_number(object, "retransmits", sock->retransmits);
	add_number(object, "probes", sock->probes);
}

/* Prints the columns that a row has; @change: what has happened to it, @old: it before, or NULL. */
void nst_json_row(const struct nst_row *row, const char *change, const struct nst_row *old)
{
	struct json_object *object = json_object_new_object();
	const struct nst_sock *sock = &row->sock;

	if (change)
		add(object, "change", json_object_new_string(change));
	if (old)
		add(object, "was", new_state(old));
	add(object, "proto", new_text(row->proto));
	add_number(object, "recv_q", sock->recvq);
	add_number(object, "send_q", sock->sendq);
	add_endpoint(object, "local_address", "local_port", row->local.host, sock->lport);
	add_endpoint(object, "remote_address", "remote_port", row->remote.host, sock->rport);
	add(object, "state", new_state(row));
	if (row->show & NST_SHOW_USER) {
		add_number(object, "uid", sock->uid);
		add_number(object, "inode", sock->inode);
	}
	if (row->show & NST_SHOW_PROGRAM)
		add_program(object, row);
	if (row->show & NST_SHOW_TIMER)
		add_timer(object, row);
	if (row->show & NST_SHOW_NETNS)
		add_number(object, "netns", row->netns);
	add_words(object, row->more);
	print(object);
}

/* What a group's sockets have in common; null where they have nothing of the kind. */
static void add_key(struct json_object *object, const char *name, struct nst_word key)
{
	struct nst_word pid, program;
	u64 number;

	if (!strcmp(name, "process")) {
		bool owned = nst_word_split(key, '/', &pid, &program) &&
			     nst_word_number(pid, U32_MAX, &number);

		add(object, "pid", owned ? json_object_new_uint64(number) : NULL);
		add(object, "program", owned ? new_text(program) : NULL);
	} else if (nst_word_is(key, "-") || nst_word_is(key, "*")) {
		add(object, name, NULL);
	} else if (strcmp(name, "program") && nst_word_number(key, ~0ULL, &number)) {
		add_number(object, name, number);
		if (!strcmp(name, "cgroup"))
			add_cgroup_path(object, number);
	} else {
		add(object, name, new_text(key));
	}
}

/*
 * Prints a group. What is left over when there are too many groups has a member "other" in
 * place of what the others have in common.
 */
void nst_json_group(const struct nst_groups_head *head, const struct nst_word *column)
{
	struct json_object *object = json_object_new_object();
	const char *name;
	unsigned int i;
	u64 number;

	if (nst_word_is(column[0], "(other)")) {
		add(object, "other", json_object_new_boolean(true));
	} else {
		for (i = 0; i < head->keys; i++)
			add_key(object, head->name[i], column[i]);
	}
	for (i = head->keys; i < head->columns; i++) {
		name = head->name[i];
		if (!strcmp(name, "recvq"))
			name = "recv_q";
		else if (!strcmp(name, "sendq"))
			name = "send_q";
		nst_word_number(column[i], ~0ULL, &number);
		add_number(object, name, number);
	}
	print(object);
}

/* Prints key=value words. */
void nst_json_words(struct nst_word words)
{
	struct json_object *object = json_object_new_object();

	add_words(object, words);
	print(object);
}
