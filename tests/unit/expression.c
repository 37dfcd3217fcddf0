// SPDX-License-Identifier: GPL-2.0-only
/*
 * Expressions made at random, and a plain judge of them.
 *
 * The judge knows what each word means by a line of C here, not by the filter's own code,
 * and asks all of them of the whole scene at once: no stages, nothing unknown.
 */
#include <stdio.h>
#include <string.h>

#include <netstate/counts.h>
#include <netstate/prefilter.h>

#include "expression.h"

/* What a word is asked of: a scene and one of its holders, or NULL for nobody. */
#define ASKED const struct scene *s, const struct nst_process *p

static bool lport_is_22(ASKED) { (void)p; return s->sock.lport == 22; }
static bool lport_is_not_22(ASKED) { (void)p; return s->sock.lport != 22; }
static bool rport_above_1000(ASKED) { (void)p; return s->sock.rport > 1000; }
static bool port_is_22_or_80(ASKED)
{
	(void)p;
	return s->sock.lport == 22 || s->sock.lport == 80 || s->sock.rport == 22 ||
	       s->sock.rport == 80;
}
static bool laddr_is_10(ASKED) { (void)p; return s->table % 2 == 0 && s->sock.addr[0] == 10; }
static bool raddr_is_v6(ASKED) { (void)p; return s->table % 2; }
static bool uid_is_0(ASKED) { (void)p; return s->sock.uid == 0; }
static bool inode_is_7(ASKED)
{
	(void)p;
	return s->sock.inode == 7 && s->sock.state != NST_NEW_SYN_RECV;
}
static bool recvq_above_0(ASKED) { (void)p; return s->sock.recvq > 0; }
static bool sendq_is_not_0(ASKED) { (void)p; return s->sock.sendq != 0; }
static bool pid_is_5(ASKED) { (void)s; return p && p->pid == 5; }
static bool pid_is_not_5(ASKED) { (void)s; return !p || p->pid != 5; }
static bool pid_below_7(ASKED) { (void)s; return p && p->pid < 7; }
static bool comm_is_a(ASKED) { (void)s; return p && p->comm[0] == 'a'; }
static bool comm_is_not_b(ASKED) { (void)s; return !p || strcmp(p->comm, "b"); }
static bool netns_is_5(ASKED) { (void)p; return s->netns == 5; }
static bool netns_is_not_5(ASKED) { (void)p; return s->netns != 5; }
static unsigned int shown(const struct scene *s) { return nst_shown_state(s->table, s->sock.state); }
static bool state_is_listen(ASKED) { (void)p; return shown(s) == NST_LISTEN; }
static bool state_is_not_established(ASKED) { (void)p; return shown(s) != NST_ESTABLISHED; }
static bool state_is_close(ASKED) { (void)p; return shown(s) == NST_CLOSE; }
static bool state_is_bound(ASKED) { (void)p; return shown(s) == NST_BOUND; }
static bool state_is_dgram(ASKED) { (void)p; return !shown(s); }
static bool proto_is_tcp(ASKED) { (void)p; return s->table == NST_TCP || s->table == NST_TCP6; }
static bool proto_is_not_udp(ASKED) { (void)p; return s->table != NST_UDP && s->table != NST_UDP6; }
static bool proto_is_raw(ASKED) { (void)p; return s->table == NST_RAW || s->table == NST_RAW6; }
static bool family_is_inet(ASKED) { (void)p; return s->table % 2 == 0; }
static bool owner_is_any(ASKED) { (void)s; return p; }
static bool owner_is_none(ASKED) { (void)s; return !p; }
static bool owner_is_queued(ASKED) { return !p && s->sock.unowned == NST_UNOWNED_QUEUED; }
static bool owner_is_not_orphan(ASKED) { return p || s->sock.unowned != NST_UNOWNED_ORPHAN; }
static bool owner_is_kernel(ASKED) { return !p && s->sock.unowned == NST_UNOWNED_KERNEL; }
static bool owner_is_hidden(ASKED)
{
	return !p && (s->sock.unowned == NST_UNOWNED_HIDDEN ||
		      (s->sock.unowned == NST_UNOWNED_UNKNOWN && s->sock.inode &&
		       s->sock.state != NST_NEW_SYN_RECV));
}
static bool owner_is_not_hidden(ASKED) { return !owner_is_hidden(s, p); }

/* What show=more knows, or may not. */
static const struct nst_detail *more(const struct scene *s)
{
	return nst_sock_detail((struct nst_sock *)&s->sock, s->table);
}
static bool knows(const struct scene *s, unsigned int what) { return more(s)->known & what; }
static bool idle_above_half(ASKED) { (void)p; return knows(s, NST_KNOWS_IDLE) && more(s)->idle > 50; }
static bool idle_is_not_1_to_2(ASKED)
{
	(void)p;
	return !knows(s, NST_KNOWS_IDLE) || more(s)->idle < 100 || more(s)->idle > 200;
}
static bool rtt_below_1(ASKED) { (void)p; return knows(s, NST_KNOWS_TRAFFIC) && more(s)->rtt < 1000; }
static bool retrans_is_0(ASKED)
{
	(void)p;
	return knows(s, NST_KNOWS_TRAFFIC) && !more(s)->retransmits;
}
static bool bytes_in_above_0(ASKED) { (void)p; return knows(s, NST_KNOWS_TRAFFIC) && more(s)->bytes_in; }
static bool bytes_out_is_not_1(ASKED)
{
	(void)p;
	return !knows(s, NST_KNOWS_TRAFFIC) || more(s)->bytes_out != 1;
}
static bool backlog_is_2(ASKED) { (void)p; return knows(s, NST_KNOWS_BACKLOG) && more(s)->backlog == 2; }
static bool fill_is_50(ASKED)
{
	(void)p;
	return knows(s, NST_KNOWS_BACKLOG) && s->sock.recvq * 100 / more(s)->backlog == 50;
}
static bool drops_above_0(ASKED) { (void)p; return knows(s, NST_KNOWS_DROPS) && more(s)->drops; }
static bool cookie_is_1(ASKED) { (void)p; return knows(s, NST_KNOWS_COOKIE) && more(s)->cookie == 1; }
static bool mark_is_1(ASKED) { (void)p; return knows(s, NST_KNOWS_MARK) && more(s)->mark == 1; }
static bool mark_is_not_1(ASKED) { (void)p; return !knows(s, NST_KNOWS_MARK) || more(s)->mark != 1; }
static bool cgroup_is_1(ASKED) { (void)p; return knows(s, NST_KNOWS_CGROUP) && more(s)->cgroup == 1; }
static const struct nst_tcp_info *tcp(const struct scene *s)
{
	return &nst_detail_info((struct nst_detail *)more(s))->tcp;
}
static bool cwnd_is_1(ASKED) { (void)p; return knows(s, NST_KNOWS_TCP) && tcp(s)->cwnd == 1; }
static bool mss_is_not_1(ASKED) { (void)p; return !knows(s, NST_KNOWS_TCP) || tcp(s)->mss != 1; }
static bool rto_above_1(ASKED) { (void)p; return knows(s, NST_KNOWS_TCP) && tcp(s)->rto > 1000; }
static bool unacked_above_0(ASKED) { (void)p; return knows(s, NST_KNOWS_TCP) && tcp(s)->unacked; }
static bool lost_is_0(ASKED) { (void)p; return knows(s, NST_KNOWS_TCP) && !tcp(s)->lost; }
static bool notsent_is_1(ASKED) { (void)p; return knows(s, NST_KNOWS_TCP) && tcp(s)->notsent == 1; }
static bool dir_is_in(ASKED) { (void)p; return knows(s, NST_KNOWS_DIR) && more(s)->dir == NST_DIR_IN; }
static bool dir_is_not_out(ASKED)
{
	(void)p;
	return !knows(s, NST_KNOWS_DIR) || more(s)->dir != NST_DIR_OUT;
}
static bool device_is_lo(ASKED)
{
	(void)p;
	return knows(s, NST_KNOWS_DEVICE) && !strcmp(more(s)->device, "lo");
}
static bool device_is_not_odd(ASKED)
{
	(void)p;
	return !knows(s, NST_KNOWS_DEVICE) || strcmp(more(s)->device, "e=\33");
}
static bool device_is_any(ASKED) { (void)p; return knows(s, NST_KNOWS_DEVICE); }
static bool listener_is(const struct scene *s, const char *name)
{
	return s->sock.unowned == NST_UNOWNED_QUEUED && more(s)->listener &&
	       !strcmp(more(s)->listener->comm, name);
}
static bool listener_is_a(ASKED) { (void)p; return listener_is(s, "a"); }
static bool listener_is_not_b(ASKED) { (void)p; return !listener_is(s, "b"); }
static bool timer_is_on(ASKED) { (void)p; return s->sock.timer == NST_TIMER_ON; }
static bool timer_is_none_of_2(ASKED)
{
	(void)p;
	return s->sock.timer != NST_TIMER_OFF && s->sock.timer != NST_TIMER_PROBE;
}
static bool retransmits_above_0(ASKED) { (void)p; return s->sock.retransmits; }
static bool probes_above_0(ASKED) { (void)p; return s->sock.probes; }

/* @raw, @unhashed: what a word asks for, unless it is negated: raw sockets, a state. */
static const struct word {
	const char *text;
	bool (*holds)(const struct scene *scene, const struct nst_process *process);
	bool raw;
	unsigned int unhashed;
} words[] = {
	{ .text = "lport=22", .holds = lport_is_22 },
	{ .text = "sport = :22", .holds = lport_is_22 },
	{ .text = "lport!=22", .holds = lport_is_not_22 },
	{ .text = "rport>1000", .holds = rport_above_1000 },
	{ .text = "dport gt 1000", .holds = rport_above_1000 },
	{ .text = "port=22,80", .holds = port_is_22_or_80 },
	{ .text = "laddr=10.0.0.0/8", .holds = laddr_is_10 },
	{ .text = "src 10.0.0.0/8", .holds = laddr_is_10 },
	{ .text = "raddr=::/0", .holds = raddr_is_v6 },
	{ .text = "uid=0", .holds = uid_is_0 },
	{ .text = "inode=7", .holds = inode_is_7 },
	{ .text = "recvq>0", .holds = recvq_above_0 },
	{ .text = "sendq!=0", .holds = sendq_is_not_0 },
	{ .text = "pid=5", .holds = pid_is_5 },
	{ .text = "pid!=5", .holds = pid_is_not_5 },
	{ .text = "pid<7", .holds = pid_below_7 },
	{ .text = "comm=a*", .holds = comm_is_a },
	{ .text = "comm!=b", .holds = comm_is_not_b },
	{ .text = "netns=5", .holds = netns_is_5 },
	{ .text = "netns != 5", .holds = netns_is_not_5 },
	{ .text = "state=listen", .holds = state_is_listen },
	{ .text = "state listening", .holds = state_is_listen },
	{ .text = "state!=established", .holds = state_is_not_established },
	{ .text = "state=close", .holds = state_is_close, .unhashed = NST_CLOSE },
	{ .text = "state=bound", .holds = state_is_bound, .unhashed = NST_BOUND },
	{ .text = "state=dgram", .holds = state_is_dgram },
	{ .text = "proto=tcp", .holds = proto_is_tcp },
	{ .text = "proto!=udp", .holds = proto_is_not_udp },
	{ .text = "proto=raw", .holds = proto_is_raw, .raw = true },
	{ .text = "family=inet", .holds = family_is_inet },
	{ .text = "idle>0.5", .holds = idle_above_half },
	{ .text = "idle!=1-2.00", .holds = idle_is_not_1_to_2 },
	{ .text = "rtt<1.000", .holds = rtt_below_1 },
	{ .text = "retrans=0", .holds = retrans_is_0 },
	{ .text = "bytes_in>0", .holds = bytes_in_above_0 },
	{ .text = "bytes_out!=1", .holds = bytes_out_is_not_1 },
	{ .text = "backlog=2", .holds = backlog_is_2 },
	{ .text = "fill=50", .holds = fill_is_50 },
	{ .text = "drops>0", .holds = drops_above_0 },
	{ .text = "cookie=1", .holds = cookie_is_1 },
	{ .text = "mark=1", .holds = mark_is_1 },
	{ .text = "mark ne 1", .holds = mark_is_not_1 },
	{ .text = "cgroup=1", .holds = cgroup_is_1 },
	{ .text = "dir=IN", .holds = dir_is_in },
	{ .text = "dir!=out", .holds = dir_is_not_out },
	{ .text = "device=lo", .holds = device_is_lo },
	{ .text = "device!=e\\075\\033", .holds = device_is_not_odd },
	{ .text = "device=*", .holds = device_is_any },
	{ .text = "listener=a", .holds = listener_is_a },
	{ .text = "listener=7/a", .holds = listener_is_a },
	{ .text = "listener!=4294967295/?", .holds = listener_is_not_b },
	{ .text = "cwnd=1", .holds = cwnd_is_1 },
	{ .text = "mss!=1", .holds = mss_is_not_1 },
	{ .text = "rto>1", .holds = rto_above_1 },
	{ .text = "unacked>0", .holds = unacked_above_0 },
	{ .text = "lost=0", .holds = lost_is_0 },
	{ .text = "notsent=1", .holds = notsent_is_1 },
	{ .text = "timer=on", .holds = timer_is_on },
	{ .text = "timer!=off,probe", .holds = timer_is_none_of_2 },
	{ .text = "retransmits>0", .holds = retransmits_above_0 },
	{ .text = "probes>0", .holds = probes_above_0 },
	{ .text = "owner=any", .holds = owner_is_any },
	{ .text = "owner=none", .holds = owner_is_none },
	{ .text = "owner=queued", .holds = owner_is_queued },
	{ .text = "owner!=orphan", .holds = owner_is_not_orphan },
	{ .text = "owner=kernel", .holds = owner_is_kernel },
	{ .text = "owner=hidden", .holds = owner_is_hidden },
	{ .text = "owner!=hidden", .holds = owner_is_not_hidden },
};

#define WORDS (sizeof(words) / sizeof(*words))

static unsigned int make_node(struct expression *e, unsigned int budget, random_fn next, void *arg)
{
	unsigned int at = e->nodes++;
	struct node *node = &e->node[at];

	node->kind = budget < 2 ? WORD : budget < 3 ? NOT : next(arg) % 5;
	if (node->kind > OR)
		node->kind = next(arg) % 2 ? AND : OR;
	if (node->kind == WORD) {
		node->word = next(arg) % WORDS;
	} else if (node->kind == NOT) {
		node->left = make_node(e, budget - 1, next, arg);
	} else {
		unsigned int left = 1 + next(arg) % (budget - 2);

		node->left = make_node(e, left, next, arg);
		node->right = make_node(e, budget - 1 - left, next, arg);
	}
	return at;
}

/* Makes a tree of at most EXPRESSION_NODES nodes. */
void expression_make(struct expression *expression, random_fn next, void *arg)
{
	memset(expression, 0, sizeof(*expression));
	make_node(expression, 1 + next(arg) % EXPRESSION_NODES, next, arg);
}

static char *put_node(const struct expression *e, unsigned int at, unsigned int around, char *p,
		      random_fn next, void *arg)
{
	static const char *const nots[] = { "not ", "! ", "NOT ", "!" };
	static const char *const ands[] = { " ", " and ", " & ", " && ", " AND ", " " };
	static const char *const ors[] = { " or ", " | ", " || ", " Or " };
	const struct node *node = &e->node[at];
	/* or binds least, a word most */
	unsigned int binds = node->kind == OR ? 0 : node->kind == AND ? 1 : 2;
	bool open = binds < around || next(arg) % 8 == 0;

	if (open)
		p += sprintf(p, "(");
	switch (node->kind) {
	case WORD:
		p += sprintf(p, "%s", words[node->word].text);
		break;
	case NOT:
		p += sprintf(p, "%s", nots[next(arg) % 4]);
		p = put_node(e, node->left, 2, p, next, arg);
		break;
	default:
		p = put_node(e, node->left, binds, p, next, arg);
		p += sprintf(p, "%s", node->kind == AND ? ands[next(arg) % 6] : ors[next(arg) % 4]);
		p = put_node(e, node->right, binds, p, next, arg);
		break;
	}
	return open ? p + sprintf(p, ")") : p;
}

/* Writes an expression, as one of the many texts that mean it. */
void expression_text(const struct expression *expression, char *text, random_fn next, void *arg)
{
	put_node(expression, 0, 0, text, next, arg);
}

/* Makes a scene that the words have something to say about. */
void scene_make(struct scene *scene, random_fn next, void *arg)
{
	static const u16 ports[] = { 22, 80, 999, 1001, 0 };
	static const struct nst_process listeners[] = {
		{ .pid = 7, .comm = "a" }, { .pid = U32_MAX, .comm = "b" },
	};
	static const char devices[][4] = { "lo", "l", "eth", "e=\33" };
	static const char names[][4] = { "a", "ab", "b", "c" };
	struct nst_sock *sock = &scene->sock;
	struct nst_detail *detail;
	u32 pid = 0;

	memset(scene, 0, sizeof(*scene));
	scene->table = next(arg) % NST_TABLES;
	scene->netns = 4 + next(arg) % 3;
	sock->state = 1 + next(arg) % (NST_STATES - 1);
	sock->lport = ports[next(arg) % 5];
	sock->rport = ports[next(arg) % 5];
	sock->addr[0] = next(arg) % 2 ? 10 : 192;
	sock->uid = next(arg) % 3 - 1;
	sock->inode = 7 * (next(arg) % 2);
	sock->recvq = next(arg) % 2;
	sock->sendq = next(arg) % 2;
	sock->timer = next(arg) % (NST_TIMER_PROBE + 1);
	sock->retransmits = next(arg) % 2;
	sock->probes = next(arg) % 2;
	detail = nst_sock_detail(sock, scene->table);
	detail->known = next(arg);
	detail->idle = next(arg) % 300;
	detail->rtt = 999 + next(arg) % 2;
	detail->retransmits = next(arg) % 2;
	detail->bytes_in = next(arg) % 2;
	detail->bytes_out = next(arg) % 2;
	detail->backlog = 1 + next(arg) % 2;
	detail->drops = next(arg) % 2;
	detail->cookie = next(arg) % 2;
	detail->mark = next(arg) % 2;
	detail->cgroup = next(arg) % 2;
	detail->dir = next(arg) % 3;
	nst_detail_info(detail)->tcp = (struct nst_tcp_info){
		.cwnd = next(arg) % 2, .mss = next(arg) % 2, .rto = 1000 + next(arg) % 2,
		.unacked = next(arg) % 2, .lost = next(arg) % 2, .notsent = next(arg) % 2,
	};
	strcpy(detail->device, devices[next(arg) % 4]);
	detail->listener = next(arg) % 3 ? &listeners[next(arg) % 2] : NULL;
	scene->holders = next(arg) % (SCENE_HOLDERS + 1);
	for (unsigned int i = 0; i < scene->holders; i++) {
		pid += 1 + next(arg) % 4;
		scene->holder[i].pid = pid;
		strcpy(scene->holder[i].comm, names[next(arg) % 4]);
	}
	if (!scene->holders)
		sock->unowned = next(arg) % NST_UNOWNED_LISTENER;
}

static bool holds(const struct expression *e, unsigned int at, const struct scene *scene,
		  const struct nst_process *process)
{
	const struct node *node = &e->node[at];

	switch (node->kind) {
	case WORD:
		return words[node->word].holds(scene, process);
	case NOT:
		return !holds(e, node->left, scene, process);
	case AND:
		return holds(e, node->left, scene, process) && holds(e, node->right, scene, process);
	default:
		return holds(e, node->left, scene, process) || holds(e, node->right, scene, process);
	}
}

/* Whether some word that is not negated asks for what a scene is one of. */
static bool asks(const struct expression *e, unsigned int at, bool negated,
		 bool (*is_asked)(const struct word *word, const struct scene *scene),
		 const struct scene *scene)
{
	const struct node *node = &e->node[at];

	switch (node->kind) {
	case WORD:
		return !negated && is_asked(&words[node->word], scene);
	case NOT:
		return asks(e, node->left, !negated, is_asked, scene);
	default:
		return asks(e, node->left, negated, is_asked, scene) ||
		       asks(e, node->right, negated, is_asked, scene);
	}
}

static bool asks_for_raw(const struct word *word, const struct scene *scene)
{
	(void)scene;
	return word->raw;
}

static bool asks_for_state(const struct word *word, const struct scene *scene)
{
	return word->unhashed && word->unhashed == shown(scene);
}

/* What must become of a scene. */
struct verdict expression_judge(const struct expression *e, const struct scene *scene)
{
	struct verdict verdict = {};

	if (scene->table >= NST_UDPLITE)
		return verdict;
	if (scene->table >= NST_RAW && !asks(e, 0, false, asks_for_raw, scene))
		return verdict;
	if (nst_state_is_unhashed(scene->table, scene->sock.state) &&
	    !asks(e, 0, false, asks_for_state, scene))
		return verdict;
	if (!scene->holders)
		verdict.shown = holds(e, 0, scene, NULL);
	for (unsigned int i = 0; i < scene->holders; i++) {
		if (!holds(e, 0, scene, &scene->holder[i]))
			continue;
		if (verdict.shown)
			verdict.others++;
		else
			verdict.pid = scene->holder[i].pid;
		verdict.shown = true;
	}
	return verdict;
}

/* Which of the stages before the last one say no, or NULL. */
static const char *refuses(const struct nst_filter *filter, const struct scene *scene)
{
	struct nst_prefilter prefilter;

	nst_prefilter_make(&prefilter, filter);
	if (!nst_filter_match_netns(filter, scene->netns))
		return "netns";
	if (!(filter->tables & BIT(scene->table)) ||
	    !nst_prefilter_state(&prefilter, scene->table, scene->sock.state))
		return "state";
	if (prefilter.tuple && (!nst_prefilter_ports(&prefilter, scene->sock.lport,
						     scene->sock.rport) ||
				!nst_filter_match_tuple(filter, &scene->sock, scene->table)))
		return "tuple";
	if (prefilter.details && !nst_filter_match_details(filter, &scene->sock, scene->table))
		return "details";
	return NULL;
}

/* What becomes of a scene in the stages of the module. */
struct verdict filter_judge(const struct nst_filter *filter, const struct scene *scene)
{
	unsigned int needs = nst_filter_needs_match(filter);
	const struct nst_process *process;
	struct verdict verdict = {};
	struct scene found = *scene;

	if (refuses(filter, scene))
		return verdict;
	found.sock.last_pid = scene->holders ? scene->holder[scene->holders - 1].pid : 0;
	found.holders = 0;
	for (unsigned int i = 0; i < scene->holders; i++) {
		process = &scene->holder[i];
		if (nst_filter_match_process(filter, process->pid, process->comm))
			found.holder[found.holders++] = *process;
	}
	found.sock.owner = found.holders ? &found.holder[0] : NULL;
	if (!nst_filter_match_owner(filter, &found.sock))
		return verdict;
	if (needs & NST_NEED_LATE && !nst_filter_match_late(filter, &found.sock, found.table))
		return verdict;
	if (filter->steps) {
		enum nst_filter_answer answer = nst_filter_answer(filter, &found.sock,
								  found.table, found.netns);
		unsigned int n = 0;

		if (answer == NST_NO)
			return verdict;
		for (unsigned int i = 0; i < found.holders; i++)
			if (answer == NST_YES || !(needs & NST_NEED_HOLDERS) ||
			    nst_filter_match_holder(filter, &found.sock, found.table,
						    found.netns, &found.holder[i]))
				found.holder[n++] = found.holder[i];
		if (answer == NST_UNKNOWN && !n)
			return verdict;
		found.holders = n;
	}
	verdict.shown = true;
	if (found.holders) {
		verdict.pid = found.holder[0].pid;
		verdict.others = found.holders - 1;
	}
	return verdict;
}

/*
 * Each stage by itself: which of them says no to what all together would let through. NULL
 * if none does. The expression is asked of the whole scene, whatever the stages said.
 */
const char *filter_contradicts(const struct nst_filter *filter, const struct scene *scene)
{
	const char *stage = refuses(filter, scene);
	bool holds = false;

	if (!filter->steps || filter->owners != NST_FILTER_ANY_OWNER)
		return NULL;
	for (unsigned int i = 0; i < filter->tests; i++)
		if (filter->test[i].key >= NST_KEY_FIRST)
			return NULL;	/* a plain word refuses, too */
	for (unsigned int i = 0; i < scene->holders; i++) {
		bool now = nst_filter_match_holder(filter, &scene->sock, scene->table,
						   scene->netns, &scene->holder[i]);

		if (now && !nst_filter_match_process(filter, scene->holder[i].pid,
						     scene->holder[i].comm))
			return "process";
		holds |= now;
	}
	if (!scene->holders)
		holds = nst_filter_answer(filter, &scene->sock, scene->table, scene->netns) ==
			NST_YES;
	return holds && stage && strcmp(stage, "state") ? stage : NULL;
}
