// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows, groups and counts as JSON, each an object on one line. The names of its members
 * are promised: netstate(8) lists them.
 */
#include <stdarg.h>

#include "json/print.h"
#include "names/names.h"

static const char *before;	/* what goes before the next member of an object or list */

/* Prints a member, with a value that is formatted. */
static void __attribute__((format(printf, 2, 3))) put(const char *key, const char *format, ...)
{
	va_list args;

	printf("%s\"%s\":", before, key);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	before = ",";
}

static void put_number(const char *key, u64 number)
{
	put(key, "%llu", (unsigned long long)number);
}

/* How many bytes a character has; 0 if it is not UTF-8 as it should be. */
static unsigned int utf8_len(const char *p, const char *end)
{
	static const u32 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c = *p;
	unsigned int len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4, i;
	u32 code = len == 1 ? c : c & (0xff >> (len + 1));

	if ((c & 0xc0) == 0x80 || c >= 0xf8 || end - p < (ptrdiff_t)len)
		return 0;
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	return code < least[len] || code > 0x10ffff || code >> 11 == 0xd800 >> 11 ? 0 : len;
}

/* Prints a string: no control character as it is, "?" for a byte that is no UTF-8. */
void nst_json_text(const char *text)
{
	static const char special[] = "\"\\\b\f\n\r\t", escapes[] = "\"\\bfnrt";
	const char *end = text + strlen(text), *found, *plain;
	unsigned int len;

	putchar('"');
	for (; text < end; text += len ? len : 1) {
		plain = text;
		while (*text >= ' ' && *text < 0x7f && *text != '"' && *text != '\\')
			text++;
		fwrite(plain, 1, text - plain, stdout);
		if (text == end)
			break;
		len = utf8_len(text, end);
		found = strchr(special, *text);
		if (!len)
			putchar('?');
		else if (found)
			printf("\\%c", escapes[found - special]);
		else if (len == 1 && (*text < ' ' || *text == 0x7f))
			printf("\\u%04x", *text);
		else if (len == 2 && *text == '\xc2' && (unsigned char)text[1] < 0xa0)
			printf("\\u%04x", (unsigned char)text[1]);
		else
			fwrite(text, 1, len, stdout);
	}
	putchar('"');
}

/* Prints a member, a name without the table's escapes. */
static void put_text(const char *key, struct nst_word word)
{
	char text[word.len + 1];

	nst_word_unescape(word, text, sizeof(text));
	put(key, "%s", "");
	nst_json_text(text);
}

/* The state of a row; null if it is none of TCP's, which struct nst_counts counts as dgram. */
static void put_state(const char *key, const struct nst_row *row)
{
	unsigned int state = nst_shown_state(row->table, row->sock.state);

	if (state)
		put(key, "\"%s\"", nst_state_name(state));
	else
		put(key, "null");
}

/* Takes a process, "812/nginx", off a list. */
static bool next_process(struct nst_word *rest, bool is_list, u64 *pid, struct nst_word *program)
{
	struct nst_word one = *rest, number;

	if (!is_list || !nst_word_split(*rest, ',', &one, rest))
		rest->len = 0;
	return nst_word_split(one, '/', &number, program) && nst_word_number(number, U32_MAX, pid);
}

static void put_process(u64 pid, struct nst_word program)
{
	put_number("pid", pid);
	put_text("program", program);
}

static void put_no_process(void)
{
	put("pid", "null");
	put("program", "null");
}

/* Prints processes as objects; false, and nothing is printed, if the text is something else. */
static bool put_processes(const char *key, struct nst_word words, bool is_list)
{
	struct nst_word rest = words, program;
	u64 pid;

	if (!is_list && !words.len)
		return false;
	while (rest.len)
		if (!next_process(&rest, is_list, &pid, &program))
			return false;
	put(key, "%s", is_list ? "[" : "");
	for (before = ""; words.len; before = ",") {
		next_process(&words, is_list, &pid, &program);
		printf("%s{", before);
		before = "";
		put_process(pid, program);
		putchar('}');
	}
	fputs(is_list ? "]" : "", stdout);
	before = ",";
	return true;
}

/* Whether a text is a number as JSON writes it, maybe with a point in it. */
static bool is_number(struct nst_word word)
{
	struct nst_word whole = word, part = { "0", 1 };
	u64 number;

	nst_word_split(word, '.', &whole, &part);
	return nst_word_number(whole, ~0ULL, &number) && nst_word_number(part, ~0ULL, &number) &&
	       (*whole.start != '0' || whole.len == 1);
}

/* The number of a cgroup, and its path if that is known. */
static void put_cgroup(u64 id)
{
	const char *path = nst_cgroup_path(id);

	put_number("cgroup", id);
	if (path) {
		put("cgroup_path", "%s", "");
		nst_json_text(path);
	}
}

/* A key=value word. The name of a device may look like a number. */
static void put_value(const char *key, struct nst_word word)
{
	bool is_device = !strcmp(key, "device"), is_owners = !strcmp(key, "owners");
	struct nst_word waiting, limit;
	u64 number, most;

	/* "3/128": connections that wait to be accepted, and how many may. */
	if (!strcmp(key, "backlog") && nst_word_split(word, '/', &waiting, &limit) &&
	    nst_word_number(waiting, U32_MAX, &number) && nst_word_number(limit, U32_MAX, &most)) {
		put_number("backlog", number);
		put_number("backlog_max", most);
	} else if (!is_device && nst_word_number(word, ~0ULL, &number)) {
		if (strcmp(key, "cgroup"))
			put_number(key, number);
		else
			put_cgroup(number);
	} else if (!is_device && is_number(word)) {
		put(key, "%.*s", (int)word.len, word.start);
	} else if ((!is_owners && strcmp(key, "listener") && strcmp(key, "maybe")) ||
		   !put_processes(key, word, is_owners)) {
		put_text(key, word);
	}
}

/* Prints key=value words; of several with one name the first, and none whose name is in @others. */
static void put_words(struct nst_word words, const char *others)
{
	struct nst_word rest = words, word, key, value;
	char name[64], in_others[sizeof(name) + 2];

	for (word = nst_word_next(&rest); word.len; word = nst_word_next(&rest)) {
		if (!nst_word_split(word, '=', &key, &value))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)key.len, key.start);
		snprintf(in_others, sizeof(in_others), " %s ", name);
		if (!strstr(others, in_others) && nst_word_value(words, name).start == value.start)
			put_value(name, value);
	}
}

/* Prints the columns that a row has; @change: what has happened to it, @old: it before, or NULL. */
void nst_json_row(const struct nst_row *row, const char *change, const struct nst_row *old)
{
	static const char names[] = " netns proto recv_q send_q local_address local_port "
		"remote_address remote_port state uid inode pid program more_holders timer "
		"timer_seconds retransmits probes change was backlog_max cgroup_path ";
	const struct nst_sock *sock = &row->sock;
	struct nst_word timer = row->timer;

	before = "{";
	if (change)
		put("change", "\"%s\"", change);
	if (old)
		put_state("was", old);
	put_text("proto", row->proto);
	put_number("recv_q", sock->recvq);
	put_number("send_q", sock->sendq);
	put_text("local_address", row->local.host);
	put_number("local_port", sock->lport);
	put_text("remote_address", row->remote.host);
	put_number("remote_port", sock->rport);
	put_state("state", row);
	if (row->show & NST_SHOW_USER) {
		put_number("uid", sock->uid);
		put_number("inode", sock->inode);
	}
	if (row->show & NST_SHOW_PROGRAM) {
		if (sock->owner)
			put_process(row->owner.pid, row->name);
		else
			put_no_process();
		put_number("more_holders", sock->others);
	}
	if (row->show & NST_SHOW_TIMER) {
		put_text("timer", nst_word_next(&timer));
		put("timer_seconds", "%u.%02u", sock->timer_left / 100, sock->timer_left % 100);
		put_number("retransmits", sock->retransmits);
		put_number("probes", sock->probes);
	}
	if (row->show & NST_SHOW_NETNS)
		put_number("netns", row->netns);
	put_words(row->detail, row->show & NST_SHOW_NETNS ? names : names + strlen(" netns"));
	putchar('}');
}

/* What the sockets of a group have in common; null where they have nothing of the kind. */
static void put_group_key(const char *name, struct nst_word key)
{
	struct nst_word program, rest = key;
	u64 number;

	if (!strcmp(name, "process")) {
		if (next_process(&rest, false, &number, &program))
			put_process(number, program);
		else
			put_no_process();
	} else if (nst_word_is(key, "-") || nst_word_is(key, "*")) {
		put(name, "null");
	} else if (!strcmp(name, "program") || !nst_word_number(key, ~0ULL, &number)) {
		put_text(name, key);
	} else if (!strcmp(name, "cgroup")) {
		put_cgroup(number);
	} else {
		put_number(name, number);
	}
}

/*
 * Prints a group. Where there are too many groups, the rest of them is one whose keys are
 * "(other)": that one has a member "other" in place of them.
 */
void nst_json_group(const struct nst_groups_head *head, const struct nst_word *column)
{
	bool is_other = nst_word_is(column[0], "(other)");
	const char *name;
	unsigned int i;
	u64 number;

	before = "{";
	if (is_other)
		put("other", "true");
	for (i = is_other ? head->keys : 0; i < head->columns; i++) {
		name = !strcmp(head->name[i], "recvq") ? "recv_q" :
		       !strcmp(head->name[i], "sendq") ? "send_q" : head->name[i];
		if (i < head->keys)
			put_group_key(head->name[i], column[i]);
		else if (nst_word_number(column[i], ~0ULL, &number))
			put_number(name, number);
	}
	putchar('}');
}

/* Prints key=value words; @hidden: and that owners are hidden. */
void nst_json_words(struct nst_word words, bool hidden)
{
	before = "{";
	put_words(words, "");
	if (hidden)
		put("owners_hidden", "true");
	fputs(*before == '{' ? "{}" : "}", stdout);
}
