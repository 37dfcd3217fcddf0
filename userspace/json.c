// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows, groups and counts as JSON, each an object on one line. The names of its members
 * are promised: netstate(8) lists them.
 */
#include "forms.h"
#include "names/names.h"

static const char *before;	/* what goes before the next member of an object or list */

static void put_key(const char *key)
{
	printf("%s\"%s\":", before, key);
	before = ",";
}

static void put_number(const char *key, u64 number)
{
	put_key(key);
	printf("%llu", (unsigned long long)number);
}

static void put_null(const char *key)
{
	put_key(key);
	fputs("null", stdout);
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
	static const char letters[] = "\"\\\b\f\n\r\t", escapes[] = "\"\\bfnrt";
	const char *end = text + strlen(text), *letter, *plain;
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
		letter = strchr(letters, *text);
		if (!len)
			putchar('?');
		else if (letter)
			printf("\\%c", escapes[letter - letters]);
		else if (len == 1 && (*text < ' ' || *text == 0x7f))
			printf("\\u%04x", *text);
		else if (len == 2 && *text == '\xc2' && (unsigned char)text[1] < 0xa0)
			printf("\\u%04x", (unsigned char)text[1]);
		else
			fwrite(text, 1, len, stdout);
	}
	putchar('"');
}

/* A name, without the table's escapes. */
static void put_text(const char *key, struct nst_word word)
{
	char text[word.len + 1];

	nst_word_unescape(word, text, sizeof(text));
	put_key(key);
	nst_json_text(text);
}

/* A row has a state if that is one of TCP's, as in struct nst_counts. */
static void put_state(const char *key, const struct nst_row *row)
{
	unsigned int state = nst_shown_state(row->table, row->sock.state);

	if (state)
		put_text(key, nst_word_of(nst_state_name(state)));
	else
		put_null(key);
}

static bool is_process(struct nst_word word, struct nst_word *program, u64 *pid)
{
	struct nst_word number;

	return nst_word_split(word, '/', &number, program) && nst_word_number(number, U32_MAX, pid);
}

/* "812/nginx,813/nginx" as objects; false, and nothing is printed, if it is something else. */
static bool put_processes(const char *key, struct nst_word words, bool is_list)
{
	struct nst_word rest = words, one, program;
	u64 pid;
	int printing;

	for (printing = 0; printing < 2; printing++) {
		if (printing) {
			put_key(key);
			before = is_list ? "[" : "";
		}
		for (rest = words; rest.len; ) {
			if (!is_list || !nst_word_split(rest, ',', &one, &rest)) {
				one = rest;
				rest.len = 0;
			}
			if (!is_process(one, &program, &pid))
				return false;
			if (!printing)
				continue;
			printf("%s{", before);
			before = "";
			put_number("pid", pid);
			put_text("program", program);
			putchar('}');
		}
	}
	fputs(!is_list ? "" : words.len ? "]" : "[]", stdout);
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

static void put_value(const char *key, struct nst_word word)
{
	bool is_owners = !strcmp(key, "owners");
	u64 number;

	if (strcmp(key, "device") && nst_word_number(word, ~0ULL, &number)) {
		put_number(key, number);
	} else if (strcmp(key, "device") && is_number(word)) {
		put_key(key);
		fwrite(word.start, 1, word.len, stdout);
	} else if ((!is_owners && strcmp(key, "listener") && strcmp(key, "maybe")) ||
		   !put_processes(key, word, is_owners)) {
		put_text(key, word);
	}
}

/* "3/128": connections that wait to be accepted, and how many may. */
static bool put_backlog(struct nst_word value)
{
	struct nst_word waiting, limit;
	u64 numbers[2];

	if (!nst_word_split(value, '/', &waiting, &limit) ||
	    !nst_word_number(waiting, U32_MAX, &numbers[0]) ||
	    !nst_word_number(limit, U32_MAX, &numbers[1]))
		return false;
	put_number("backlog", numbers[0]);
	put_number("backlog_max", numbers[1]);
	return true;
}

/* Where a cgroup is, if that is known. */
static void put_cgroup_path(u64 id)
{
	const char *path = nst_cgroup_path(id);

	if (path) {
		put_key("cgroup_path");
		nst_json_text(path);
	}
}

/* key=value words, the first one of a name; @others are the names that are there already. */
static void put_words(struct nst_word words, const char *others)
{
	struct nst_word rest = words, word, key, value;
	char name[64], in_others[sizeof(name) + 2];
	u64 number;

	for (word = nst_word_next(&rest); word.len; word = nst_word_next(&rest)) {
		if (!nst_word_split(word, '=', &key, &value))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)key.len, key.start);
		snprintf(in_others, sizeof(in_others), " %s ", name);
		if (strstr(others, in_others) || nst_word_value(words, name).start != value.start ||
		    (!strcmp(name, "backlog") && put_backlog(value)))
			continue;
		put_value(name, value);
		if (!strcmp(name, "cgroup") && nst_word_number(value, ~0ULL, &number))
			put_cgroup_path(number);
	}
}

static void put_endpoint(const char *host_key, const char *port_key, struct nst_word host, u16 port)
{
	put_text(host_key, host);
	put_number(port_key, port);
}

static void put_owner(const struct nst_row *row)
{
	if (row->sock.owner) {
		put_number("pid", row->owner.pid);
		put_text("program", row->name);
	} else {
		put_null("pid");
		put_null("program");
	}
	put_number("more_holders", row->sock.others);
}

static void put_timer(const struct nst_row *row)
{
	struct nst_word rest = row->timer;

	put_text("timer", nst_word_next(&rest));
	put_key("timer_seconds");
	printf("%u.%02u", row->sock.timer_left / 100, row->sock.timer_left % 100);
	put_number("retransmits", row->sock.retransmits);
	put_number("probes", row->sock.probes);
}

/* Prints the columns that a row has; @change: what has happened to it, @old: it before, or NULL. */
void nst_json_row(const struct nst_row *row, const char *change, const struct nst_row *old)
{
	static const char names[] = " netns proto recv_q send_q local_address local_port "
		"remote_address remote_port state uid inode pid program more_holders timer "
		"timer_seconds retransmits probes change was backlog_max cgroup_path ";

	before = "{";
	if (change)
		put_text("change", nst_word_of(change));
	if (old)
		put_state("was", old);
	put_text("proto", row->proto);
	put_number("recv_q", row->sock.recvq);
	put_number("send_q", row->sock.sendq);
	put_endpoint("local_address", "local_port", row->local.host, row->sock.lport);
	put_endpoint("remote_address", "remote_port", row->remote.host, row->sock.rport);
	put_state("state", row);
	if (row->show & NST_SHOW_USER) {
		put_number("uid", row->sock.uid);
		put_number("inode", row->sock.inode);
	}
	if (row->show & NST_SHOW_PROGRAM)
		put_owner(row);
	if (row->show & NST_SHOW_TIMER)
		put_timer(row);
	if (row->show & NST_SHOW_NETNS)
		put_number("netns", row->netns);
	put_words(row->detail, row->show & NST_SHOW_NETNS ? names : names + strlen(" netns"));
	putchar('}');
}

/* What a group's sockets have in common; null where they have nothing of the kind. */
static void put_group_key(const char *name, struct nst_word key)
{
	struct nst_word program;
	u64 number;

	if (!strcmp(name, "process") && is_process(key, &program, &number)) {
		put_number("pid", number);
		put_text("program", program);
	} else if (!strcmp(name, "process")) {
		put_null("pid");
		put_null("program");
	} else if (nst_word_is(key, "-") || nst_word_is(key, "*")) {
		put_null(name);
	} else if (strcmp(name, "program") && nst_word_number(key, ~0ULL, &number)) {
		put_number(name, number);
		if (!strcmp(name, "cgroup"))
			put_cgroup_path(number);
	} else {
		put_text(name, key);
	}
}

/* Prints a group; what is left over when there are too many has a member "other" for its keys. */
void nst_json_group(const struct nst_groups_head *head, const struct nst_word *column)
{
	bool is_other = nst_word_is(column[0], "(other)");
	const char *name;
	unsigned int i;
	u64 number;

	before = "{";
	if (is_other) {
		put_key("other");
		fputs("true", stdout);
	}
	for (i = is_other ? head->keys : 0; i < head->columns; i++) {
		name = head->name[i];
		if (i < head->keys) {
			put_group_key(name, column[i]);
			continue;
		}
		nst_word_number(column[i], ~0ULL, &number);
		put_number(!strcmp(name, "recvq") ? "recv_q" : !strcmp(name, "sendq") ? "send_q" : name,
			   number);
	}
	putchar('}');
}

/* Prints key=value words. */
void nst_json_words(struct nst_word words)
{
	before = "{";
	put_words(words, "");
	fputs(*before == '{' ? "{}" : "}", stdout);
}
