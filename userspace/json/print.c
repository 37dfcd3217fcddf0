// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows, groups and counts as JSON, each an object on one line. The names of its members
 * are promised: netstate(8) lists them.
 */
#include <netstate/decimal.h>

#include "json/print.h"
#include "names/names.h"

#define KEY_MAX 63	/* words with longer keys are left out */

static char made[4096];		/* what is printed next */
static size_t made_len;
static char before;		/* what goes before the next member of an object or list, or 0 */

/* Prints what was made. All that others call ends so. */
static void flush(void)
{
	fwrite_unlocked(made, 1, made_len, stdout);
	made_len = 0;
}

/* Makes room for some bytes; returns where they go. */
static inline char *room(size_t len)
{
	if (len > sizeof(made) - made_len)
		flush();
	return made + made_len;
}

static inline void add(const char *text, size_t len)
{
	if (len > sizeof(made)) {
		flush();
		fwrite_unlocked(text, 1, len, stdout);
		return;
	}
	memcpy(room(len), text, len);
	made_len += len;
}

/* Prints the name of a member, which is short. */
static inline void put_key(struct nst_word key)
{
	char *p = room(key.len + 4);

	*p = before;
	p += !!before;
	*p++ = '"';
	p = mempcpy(p, key.start, key.len);
	*p++ = '"';
	*p++ = ':';
	made_len = p - made;
	before = ',';
}

/* Prints a member whose value is JSON already. */
static inline void put(const char *key, const char *value)
{
	put_key((struct nst_word){ key, strlen(key) });
	add(value, strlen(value));
}

static inline void add_number(u64 number)
{
	made_len = nst_decimal64(room(NST_DECIMAL_MAX), number) - made;
}

static inline void put_number(const char *key, u64 number)
{
	put(key, "");
	add_number(number);
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

/* How many bytes at the start of a text are printed as they are, without a closer look. */
static size_t count_plain(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && text[i] >= ' ' && text[i] < 0x7f && text[i] != '"' && text[i] != '\\')
		i++;
	return i;
}

/* Prints a string: no control character as it is, "?" for a byte that is no UTF-8. */
static void add_text(const char *text)
{
	static const char special[] = "\"\\\b\f\n\r\t", escapes[] = "\"\\bfnrt";
	const char *end = text + strlen(text), *found;
	char code[8];
	size_t plain;
	unsigned int len;

	add("\"", 1);
	for (; text < end; text += len ? len : 1) {
		plain = count_plain(text, end - text);
		add(text, plain);
		text += plain;
		if (text == end)
			break;
		len = utf8_len(text, end);
		found = strchr(special, *text);
		if (!len)
			strcpy(code, "?");
		else if (found)
			sprintf(code, "\\%c", escapes[found - special]);
		else if (len == 1)
			sprintf(code, "\\u%04x", *text);
		else if (len == 2 && *text == '\xc2' && (unsigned char)text[1] < 0xa0)
			sprintf(code, "\\u%04x", (unsigned char)text[1]);
		else
			sprintf(code, "%.*s", (int)len, text);
		add(code, strlen(code));
	}
	add("\"", 1);
}

void nst_json_text(const char *text)
{
	add_text(text);
	flush();
}

/* Prints a name without the table's escapes; most have none. */
static void add_name(struct nst_word word)
{
	char text[word.len + 1];

	if (count_plain(word.start, word.len) == word.len) {
		add("\"", 1);
		add(word.start, word.len);
		add("\"", 1);
		return;
	}
	nst_word_unescape(word, text, sizeof(text));
	add_text(text);
}

static inline void put_text(const char *key, struct nst_word word)
{
	put(key, "");
	add_name(word);
}

/* The state of a row; null if it is none of TCP's, which struct nst_counts counts as dgram. */
static void put_state(const char *key, const struct nst_row *row)
{
	unsigned int state = nst_shown_state(row->table, row->sock.state);

	if (state)
		put_text(key, nst_word_of(nst_state_name(state)));
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
static bool put_processes(struct nst_word key, struct nst_word words, bool is_list)
{
	struct nst_word rest = words, program;
	const char *start = is_list ? "[{" : "{";
	u64 pid;

	if (!is_list && !words.len)
		return false;
	while (rest.len)
		if (!next_process(&rest, is_list, &pid, &program))
			return false;
	put_key(key);
	if (!words.len)
		add("[", 1);
	for (; words.len; start = ",{") {
		next_process(&words, is_list, &pid, &program);
		add(start, strlen(start));
		before = 0;
		put_process(pid, program);
		add("}", 1);
	}
	add("]", is_list);
	before = ',';
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
		put("cgroup_path", "");
		add_text(path);
	}
}

/* A key=value word. A name may look like a number. */
static void put_value(struct nst_word key, struct nst_word word)
{
	bool is_name = nst_word_is(key, "device") || nst_word_is(key, "ca");
	bool is_owners = nst_word_is(key, "owners");
	struct nst_word waiting, limit;
	u64 number, most;

	/* "3/128": connections that wait to be accepted, and how many may. */
	if (nst_word_is(key, "backlog") && nst_word_split(word, '/', &waiting, &limit) &&
	    nst_word_number(waiting, U32_MAX, &number) && nst_word_number(limit, U32_MAX, &most)) {
		put_number("backlog", number);
		put_number("backlog_max", most);
	} else if (nst_word_is(key, "cgroup") && nst_word_number(word, ~0ULL, &number)) {
		put_cgroup(number);
	} else if (!is_name && is_number(word)) {
		put_key(key);
		add(word.start, word.len);
	} else if (!is_name && nst_word_number(word, ~0ULL, &number)) {
		put_key(key);	/* it has leading zeros */
		add_number(number);
	} else if ((!is_owners && !nst_word_is(key, "listener") && !nst_word_is(key, "maybe")) ||
		   !put_processes(key, word, is_owners)) {
		put_key(key);
		add_name(word);
	}
}

/* A bit for a name. Those of the names that rows have differ, but others may share it. */
static u64 bit_of(struct nst_word name)
{
	const char *p = name.start;
	size_t len = name.len;

	return len ? 1ULL << (2 * p[len / 2] + 25 * p[len - 1] + 4 * len) % 64 : 1;
}

/* Whether a key=value word is not the first with its key, or the key is in @others. */
static bool is_taken(struct nst_word words, const char *others, struct nst_word key)
{
	char in_others[KEY_MAX + 3], *name = in_others + 1;

	snprintf(in_others, sizeof(in_others), " %.*s ", (int)key.len, key.start);
	if (strstr(others, in_others))
		return true;
	name[key.len] = '\0';
	return nst_word_value(words, name).start != key.start + key.len + 1;
}

/* Prints key=value words; of several with one name the first, and none whose name is in @others. */
static void put_words(struct nst_word words, const char *others)
{
	static const char *known;	/* the last @others, and the bits of what is in it */
	static u64 known_bits;
	struct nst_word rest = nst_word_of(others), word, key, value;
	u64 bits, bit;

	if (others != known) {
		known_bits = 0;
		for (word = nst_word_next(&rest); word.len; word = nst_word_next(&rest))
			known_bits |= bit_of(word);
		known = others;
	}
	bits = known_bits;
	rest = words;
	for (word = nst_word_next(&rest); word.len; word = nst_word_next(&rest)) {
		if (!nst_word_split(word, '=', &key, &value) || key.len > KEY_MAX ||
		    !nst_word_is_key(key))
			continue;
		bit = bit_of(key);
		if (!(bits & bit) || !is_taken(words, others, key))
			put_value(key, value);
		bits |= bit;
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

	before = '{';
	if (change)
		put_text("change", nst_word_of(change));
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
		if (sock->uid == NST_UID_NONE)
			put("uid", "null");
		else
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
		put_number("timer_seconds", sock->timer_left / 100);
		add(".", 1);
		add(nst_digits[sock->timer_left % 100], 2);
		put_number("retransmits", sock->retransmits);
		put_number("probes", sock->probes);
	}
	if (row->show & NST_SHOW_NETNS)
		put_number("netns", row->netns);
	put_words(row->detail, row->show & NST_SHOW_NETNS ? names : names + strlen(" netns"));
	add("}", 1);
	flush();
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
	} else if (nst_word_is(key, "-") || (nst_word_is(key, "*") && strcmp(name, "program"))) {
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

	before = '{';
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
	add("}", 1);
	flush();
}

/* Begins an object that others make, member by member. */
void nst_json_open(void)
{
	before = '{';
}

void nst_json_put_number(const char *key, u64 number)
{
	put_number(key, number);
}

void nst_json_put_signed(const char *key, long long number)
{
	put(key, number < 0 ? "-" : "");
	add_number(number < 0 ? -(u64)number : (u64)number);
}

/* @text is printed as it is, NULL as null. */
void nst_json_put_text(const char *key, const char *text)
{
	put(key, text ? "" : "null");
	if (text)
		add_text(text);
}

/* A list of words that are separated by spaces or commas. */
void nst_json_put_list(const char *key, const char *words)
{
	const char *between = "[";
	size_t len;

	put(key, "");
	for (words += strspn(words, " ,"); *words; words += len, words += strspn(words, " ,")) {
		len = strcspn(words, " ,");
		add(between, 1);
		add_name((struct nst_word){ words, len });
		between = ",";
	}
	add("[", *between == '[');
	add("]", 1);
}

void nst_json_close(void)
{
	if (before == '{')
		add("{", 1);
	add("}", 1);
	flush();
}

/* Prints key=value words; @hidden: and that owners are hidden. */
void nst_json_words(struct nst_word words, bool hidden)
{
	before = '{';
	put_words(words, "");
	if (hidden)
		put("owners_hidden", "true");
	nst_json_close();
}
