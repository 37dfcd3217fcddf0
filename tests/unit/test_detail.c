// SPDX-License-Identifier: GPL-2.0-only
#include <netstate/comm.h>
#include <netstate/detail.h>

#include "test.h"

static const struct nst_process nginx = { .pid = 812, .comm = "nginx" };
static const struct nst_process odd = { .pid = 813, .comm = "a,b c" };

static void more_words(void **unused)
{
	static struct nst_holder second = { .process = &odd };
	static const struct {
		const struct nst_process *owner;
		struct nst_detail detail;
		u32 recvq, others;
		const char *text;
	} words[] = {
		{ NULL, {}, 0, 0, " netns=7" },
		{ &odd, {}, 0, 0, " owners=813/a\\054b\\040c netns=7" },
		{ &nginx, { .holders.first = &second }, 0, 1,
		  " owners=812/nginx,813/a\\054b\\040c netns=7" },
		/* More hold it than are noted. */
		{ &nginx, { .holders.first = &second }, 0, 2,
		  " owners=812/nginx,813/a\\054b\\040c,... netns=7" },
		{ &nginx, {}, 0, 1, " owners=812/nginx,... netns=7" },
		{ NULL, { .known = NST_KNOWS_DEVICE, .device = "\33]0;x\7=\\" }, 0, 0,
		  " device=\\033]0;x\\007\\075\\134 netns=7" },
		{ NULL, { .known = NST_KNOWS_DIR }, 0, 0, " dir=? netns=7" },
		{ NULL, { .known = NST_KNOWS_DIR, .dir = NST_DIR_IN }, 0, 0, " dir=in netns=7" },
		{ NULL, { .known = NST_KNOWS_DIR, .dir = NST_DIR_OUT }, 0, 0, " dir=out netns=7" },
		{ NULL, { .known = NST_KNOWS_IDLE, .idle = 5 }, 0, 0, " idle=0.05 netns=7" },
		{ NULL, { .known = NST_KNOWS_IDLE, .idle = 123456 }, 0, 0, " idle=1234.56 netns=7" },
		{ NULL, { .known = NST_KNOWS_TRAFFIC, .rtt = 1050, .retransmits = 3, .bytes_in = 10,
		    .bytes_out = UINT64_MAX }, 0, 0,
		  " rtt=1.050 retrans=3 bytes_in=10 bytes_out=18446744073709551615 netns=7" },
		{ NULL, { .known = NST_KNOWS_BACKLOG, .backlog = 128 }, 9, 0, " backlog=9/128 netns=7" },
		{ NULL, { .known = NST_KNOWS_DROPS | NST_KNOWS_COOKIE, .drops = 1, .cookie = 4097 }, 0, 0,
		  " drops=1 cookie=4097 netns=7" },
		{ NULL, { .known = NST_KNOWS_MARK | NST_KNOWS_DEVICE | NST_KNOWS_CGROUP, .mark = 255,
		    .device = "eth0", .cgroup = 42 }, 0, 0,
		  " mark=255 device=eth0 cgroup=42 netns=7" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const struct nst_sock sock = {
			.recvq = words[i].recvq, .owner = words[i].owner, .others = words[i].others,
		};
		char text[1024], *end;

		end = nst_format_detail(text, text + sizeof(text), &sock, &words[i].detail, 7);
		assert_non_null(end);
		*end = '\0';
		assert_string_equal(text, words[i].text);
	}
}

/* Of what nobody holds. */
static void why_unowned(void **unused)
{
	static const struct {
		enum nst_unowned unowned;
		const struct nst_process *listener;
		const char *text;
	} reasons[] = {
		{ NST_UNOWNED_UNKNOWN, NULL, " netns=7" },
		{ NST_UNOWNED_UNKNOWN, &odd, " netns=7 maybe=813/a\\054b\\040c" },
		{ NST_UNOWNED_QUEUED, NULL, " netns=7 owner=queued" },
		{ NST_UNOWNED_QUEUED, &nginx, " netns=7 owner=queued listener=812/nginx" },
		{ NST_UNOWNED_ORPHAN, NULL, " netns=7 owner=orphan" },
		{ NST_UNOWNED_KERNEL, NULL, " netns=7 owner=kernel" },
		{ NST_UNOWNED_HIDDEN, NULL, " netns=7 owner=hidden" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		const struct nst_sock sock = { .unowned = reasons[i].unowned };
		const struct nst_detail detail = {
			.listener = reasons[i].listener, .known = NST_KNOWS_FILES,
		};
		char text[1024], *end = nst_format_detail(text, text + sizeof(text), &sock, &detail, 7);

		assert_non_null(end);
		*end = '\0';
		assert_string_equal(text, reasons[i].text);
	}
}

/* With too little room nothing is written past it, and the caller is told. */
static void more_room(void **unused)
{
	static struct nst_holder holders[100];
	struct nst_detail detail = { .holders.first = holders };
	const struct nst_sock sock = { .owner = &nginx, .others = ARRAY_SIZE(holders) };
	size_t fits = 0;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(holders); i++) {
		holders[i].process = &odd;
		holders[i].next = i + 1 < ARRAY_SIZE(holders) ? &holders[i + 1] : NULL;
	}
	for (size_t room = 0; room < 8192; room += 64) {
		char *text = malloc(room + !room);	/* ASan guards its end */

		if (nst_format_detail(text, text + room, &sock, &detail, 7))
			fits++;
		else
			assert_int_equal(fits, 0);
		free(text);
	}
	assert_true(fits > 0);
}

/* However many hold a socket, so many are named, and there is room for all of these. */
static void more_holders(void **unused)
{
	static const struct nst_process longest = {
		.pid = UINT32_MAX, .comm = "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1",
	};
	static struct nst_holder holders[2 * NST_HOLDERS_MAX];
	static char text[NST_DETAIL_MAX];
	struct nst_detail detail = { .holders.first = holders };
	const struct nst_sock sock = { .owner = &longest, .others = ARRAY_SIZE(holders) };
	size_t named = 0;
	char *end;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(holders); i++) {
		holders[i].process = &longest;
		holders[i].next = i + 1 < ARRAY_SIZE(holders) ? &holders[i + 1] : NULL;
	}
	end = nst_format_detail(text, text + sizeof(text), &sock, &detail, 7);
	assert_non_null(end);
	*end = '\0';
	for (const char *p = text; (p = strstr(p, "4294967295/")); p++)
		named++;
	assert_int_equal(named, NST_HOLDERS_MAX + 1);
	assert_non_null(strstr(text, ",... netns=7"));
}

static void comm_escapes(void **unused)
{
	static const struct {
		const char *comm;
		char separator;
		const char *text;
	} names[] = {
		{ "", 0, "" },
		{ "nginx", 0, "nginx" },
		{ "a b", 0, "a\\040b" },
		{ "a\nb\t", 0, "a\\012b\\011" },
		{ "\\", 0, "\\134" },
		{ "\177\200\377", 0, "\\177\\200\\377" },
		{ "a,b", 0, "a,b" },
		{ "a,b", ',', "a\\054b" },
		{ "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1", 0,
		  "\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char text[NST_COMM_MAX + 1];

		*nst_comm_text(text, names[i].comm, names[i].separator) = '\0';
		assert_string_equal(text, names[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_words),
		cmocka_unit_test(why_unowned),
		cmocka_unit_test(more_room),
		cmocka_unit_test(more_holders),
		cmocka_unit_test(comm_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
