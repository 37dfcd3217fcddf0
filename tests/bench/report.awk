# SPDX-License-Identifier: GPL-2.0-only
#
# awk -v tsv=FILE -v figures=FIGURES -f report.awk RAW - what tests/bench/run measured,
# as a report for people, as lines separated by tabs in FILE, and those of the top
# README, as they stand there, in FIGURES.

BEGIN {
	FS = OFS = "\t"
	table = "/proc/netstate"
	counts = "/proc/netstate_metrics"
	none = table " show=none"
	grouped = table " group=process"
	usual = 524288
	full = 100000
	peers = "/proc/net/tcp|sock_diag"
	files = table "|" none "|" table " show=more|" table " lport=19999|" \
		none_filter("lport=19999") "|" table " state=listen|" \
		none_filter("state=listen") "|" table " pid=N|" \
		table " group=state|" grouped "|" counts
	commands = "ss -tan|ss -tanp|ss -s|netstat -tan|netstat -tanp|lsof -nP -iTCP|./ss-by-process"
}

function none_filter(words)
{
	return table " " words " show=none"
}

$1 == "bystander" {
	if (!($5 in rounds))
		reader[++readers] = $5
	i = ++rounds[$5]
	served[$5, i] = $6
	p50[$5, i] = $7
	p99[$5, i] = $8
	reads[$5, i] = $10
	share[$5, i] = $11
	next
}

$1 == "poll" {
	poller[++pollers] = sprintf("%-38s%10d%10d%9d%10.2f%12.1f", $6, $3, $5, $7, \
		$9 * 100 / $8, $10 / 1048576)
	poll_share[$6, $3, $5] = $9 * 100 / $8
	poll_peak[$6, $3, $5] = $10 / 1000000
	next
}

$1 == "checked" || $1 == "unchecked" {
	if (!(($1, $5) in best) || best[$1, $5] > $6)
		best[$1, $5] = $6
	next
}

$1 == "memory" {
	if (!($5 in memory) || memory[$5] > $6)
		memory[$5] = $6
	next
}

{
	place = $1 == "native" ? "native" : "guest"
	key = place SUBSEP $2 SUBSEP $3 SUBSEP $4 SUBSEP $5
	wall[key] = $6
	cpu[key] = $7
	calls[key] = $10
	if ($5 == "nothing") {
		spent[place] += $6
		called[place] += $10
	}
	if (place == "native")
		native_buckets = $4
	else if ($2 == "-" && $5 == table)
		crowd[++crowds] = $3 SUBSEP $4
	if ($2 == "-" && $3 && !($3 in seen)) {
		seen[$3]
		size[++sizes] = $3
	}
	if ($2 != "-" && !(($2, $3) in shape_seen)) {
		shape_seen[$2, $3]
		shape[++shapes] = $2 SUBSEP $3
	}
}

# What a system call costs there, in microseconds
function price(place)
{
	return called[place] ? spent[place] / called[place] : 0
}

function guest_key(thing, n, buckets, what)
{
	return "guest" SUBSEP (what ? what : "-") SUBSEP n SUBSEP buckets SUBSEP thing
}

function native_key(thing, n)
{
	return "native" SUBSEP "-" SUBSEP n SUBSEP native_buckets SUBSEP thing
}

# What a thing in the guest costs, with the machine's own price for system calls
function cost(thing, n, buckets, what,	key)
{
	key = guest_key(thing, n, buckets, what)
	if (!(key in wall))
		return -1
	return wall[key] - calls[key] * (price("guest") - price("native"))
}

# What a command takes in the guest
function took(thing, n,	key)
{
	key = guest_key(thing, n, usual)
	return key in wall ? wall[key] : -1
}

# What a command costs on the machine itself
function native(thing, n,	key)
{
	key = native_key(thing, n)
	return key in cpu ? cpu[key] : -1
}

# What a command costs that does what ours does: to start cat, and to read. How
# long the machine takes for 1 ms of the guest's is "scale".
function ours(thing, n, scale)
{
	return native("cat /dev/null", n) + scale * cost(thing, n, usual)
}

# Which of ours tells what the thing does
function same(thing)
{
	if (thing == "ss -s")
		return counts
	return thing == "./ss-by-process" ? grouped : table
}

function ms(us)
{
	return us < 0 ? sprintf("%11s", "") : sprintf("%11.*f", us < 100000 ? 2 : 1, us / 1000)
}

function ratio(peer, own)
{
	return peer < 0 || own <= 0 ? sprintf("%10s", "") : sprintf("%9.1fx", peer / own)
}

# A line for what was measured as "key"
function line(peer, n, buckets, key, us, own)
{
	if (key in wall)
		printf "%s\t%s\t%s\t%.1f\t%.1f\t%.2f\n", peer, n, buckets, wall[key], us, \
			us / own >tsv
}

function write_lines(	i, j, key, list, m, n, part)
{
	print "peer", "n", "buckets", "median_us", "cpu_us", "ratio" >tsv
	m = split(peers "|" files, list, "|")
	for (j = 1; j <= m; j++)
		for (i = 1; i <= crowds; i++) {
			split(crowd[i], part, SUBSEP)
			line(list[j], part[1], part[2], guest_key(list[j], part[1], part[2]), \
				cost(list[j], part[1], part[2]), cost(table, part[1], part[2]))
		}
	m = split(commands, list, "|")
	for (j = 1; j <= m; j++)
		for (i = 1; i <= sizes; i++) {
			n = size[i]
			line(list[j], n, native_buckets, native_key(list[j], n), \
				native(list[j], n), ours(same(list[j]), n, 1))
		}
	for (j = 1; j <= m; j++)
		for (i = 1; i <= sizes; i++) {
			n = size[i]
			line("guest " list[j], n, usual, guest_key(list[j], n, usual), \
				took(list[j], n), took("cat " table, n))
		}
	for (i = 1; i <= shapes; i++) {
		split(shape[i], part, SUBSEP)
		m = split(peers "|" table "|" none "|" counts, list, "|")
		for (j = 1; j <= m; j++) {
			key = guest_key(list[j], part[2], usual, part[1])
			line(list[j] " (" part[1] ")", part[2], usual, key, \
				cost(list[j], part[2], usual, part[1]), \
				cost(table, part[2], usual, part[1]))
		}
	}
	close(tsv)
}

# A number with a comma between thousands
function commas(number,	text)
{
	for (text = sprintf("%d", number); match(text, /[0-9][0-9][0-9][0-9]($|,)/); )
		text = substr(text, 1, RSTART) "," substr(text, RSTART + 1)
	return text
}

function figure(name, value, what)
{
	print name, value, what >figures
}

# tests/static/documents compares these with README
function write_figures(	own, cat)
{
	own = cost(table, full, usual)
	cat = "cat " table
	figure("figure", "value", "what")
	figure("sockets", commas(full), "established TCP sockets over IPv4")
	figure("processes", 200, "that hold them")
	figure("read_ms", sprintf("%.0f", own / 1000), "a whole read with owners")
	figure("tcp_ratio", sprintf("%.1f", cost("/proc/net/tcp", full, usual) / own), \
		"/proc/net/tcp, over that")
	figure("diag_ratio", sprintf("%.1f", cost("sock_diag", full, usual) / own), \
		"sock_diag, over that")
	figure("counters_ms", sprintf("%.1f", cost(counts, full, usual) / 1000), \
		"a read of " counts)
	figure("cat_cpu_ms", sprintf("%.0f", ours(table, full, 1) / 1000), \
		"CPU of " cat ", an estimate")
	figure("ss_cpu_ms", sprintf("%.0f", native("ss -tanp", full) / 1000), "CPU of ss -tanp")
	figure("netstat_cpu_ms", sprintf("%.0f", native("netstat -tanp", full) / 1000), \
		"CPU of netstat -tanp")
	figure("lsof_cpu_ms", sprintf("%.0f", native("lsof -nP -iTCP", full) / 1000), \
		"CPU of lsof -nP -iTCP")
	figure("poll_percent", sprintf("%.1f", poll_share[table, full, 1000]), \
		"of a CPU, for a read a second")
	figure("poll_counters_percent", sprintf("%.1f", poll_share[counts, full, 1000]), \
		"of a CPU, for a read of the counters a second")
	figure("memory_mb", sprintf("%.1f", poll_peak[table, full, 1000]), "at the peak of a read")
	close(figures)
}

function head(last,	i)
{
	printf "%-38s", ""
	for (i = 1; i <= sizes; i++)
		printf "%11d", size[i]
	print last
}

function guest_rows(list,	i, j, m, thing)
{
	m = split(list, thing, "|")
	for (i = 1; i <= m; i++) {
		printf "%-38s", thing[i]
		for (j = 1; j <= sizes; j++)
			printf "%s", ms(cost(thing[i], size[j], usual))
		print ratio(cost(thing[i], full, usual), cost(table, full, usual))
	}
}

function command_rows(list,	i, j, m, thing)
{
	m = split(list, thing, "|")
	for (i = 1; i <= m; i++) {
		printf "%-38s", thing[i]
		for (j = 1; j <= sizes; j++)
			printf "%s", ms(took(thing[i], size[j]))
		print ratio(took(thing[i], full), took("cat " table, full))
	}
}

function native_row(thing,	j, us)
{
	printf "%-38s", thing
	for (j = 1; j <= sizes; j++)
		printf "%s", ms(native(thing, size[j]))
	us = native(thing, full)
	print ratio(us, ours(same(thing), full, 1)) ratio(us, ours(same(thing), full, pace()))
}

function native_rows(list,	i, m, thing)
{
	m = split(list, thing, "|")
	for (i = 1; i <= m; i++)
		native_row(thing[i])
}

function estimate_row(scale,	j)
{
	printf "%-38s", "cat " table (scale == 1 ? "" : ", scaled")
	for (j = 1; j <= sizes; j++)
		printf "%s", ms(native("cat /dev/null", size[j]) < 0 ? -1 : \
				ours(table, size[j], scale))
	print ""
}

# How long the machine itself takes for what the guest does in 1 ms, by what
# both can run
function pace()
{
	return (native("/proc/net/tcp", full) + native("sock_diag", full)) / \
		(cost("/proc/net/tcp", full, usual) + cost("sock_diag", full, usual))
}

function report_sizes()
{
	printf "\nA. In process, in the guest, %d buckets: ms. The ratio is to %s at %d sockets.\n", \
		usual, table, full
	head("     ratio")
	guest_rows(peers "|" files)
	printf "Commands there, system calls at the guest's price; the ratio is to cat %s there:\n", table
	command_rows(commands "|cat " table)

	printf "\nB. Commands, on this machine, %s buckets: CPU ms. The ratio is to cat %s, which\n", \
		native_buckets, table
	printf "could not run here: the time to start cat here, and the guest's time to read. \"scaled\" takes\n"
	printf "that time by %.2f, as long as this machine took for 1 ms of the guest's in reading what both\n", \
		pace()
	printf "can read, /proc/net/tcp and sock_diag; ss -s is set beside %s.\n", counts
	head("     ratio    scaled")
	native_rows(commands)
	native_row("cat /dev/null")
	estimate_row(1)
	estimate_row(pace())
	printf "In process:\n"
	native_rows(peers)
}

function report_buckets(	i, list, m)
{
	printf "\nC. By size of the hash table, %d sockets: ms\n%-38s", full, ""
	m = split("8192|65536|524288|2097152", list, "|")
	for (i = 1; i <= m; i++)
		printf "%11d", list[i]
	print ""
	buckets_row("/proc/net/tcp", full, list, m)
	buckets_row("sock_diag", full, list, m)
	buckets_row(table, full, list, m)
	buckets_row(none, full, list, m)
	buckets_row(counts, full, list, m)
	buckets_row(counts, 0, list, m)
}

function buckets_row(thing, n, list, m,	i)
{
	printf "%-38s", n ? thing : thing ", no sockets"
	for (i = 1; i <= m; i++)
		printf "%s", ms(cost(thing, n, list[i]))
	print ""
}

function report_shapes(	i, j, list, m, part)
{
	printf "\nD. Other crowds, %d buckets: ms\n%-20s%9s%15s%11s%11s%11s%11s\n", usual, "", \
		"sockets", "/proc/net/tcp", "sock_diag", "netstate", "show=none", "metrics"
	m = split(peers "|" table "|" none "|" counts, list, "|")
	for (i = 1; i <= shapes; i++) {
		split(shape[i], part, SUBSEP)
		printf "%-20s%9d    ", part[1], part[2]
		for (j = 1; j <= m; j++)
			printf "%s", ms(cost(list[j], part[2], usual, part[1]))
		print ""
	}
}

function step(name, us, n, how)
{
	printf "%-28s%8.1f   %s\n", name, us * 1000 / n, how
}

# What a reader is given as: "1000 THING", "0 THING", or "alone"
function reader_name(text,	interval)
{
	interval = text
	sub(/ .*/, "", interval)
	sub(/^[0-9]+ /, "", text)
	if (interval == "1000")
		return text ", every second"
	return text (interval == "0" ? ", without a pause" : "")
}

function middle(values, name,	i, j, n, swap, sorted)
{
	n = rounds[name]
	for (i = 1; i <= n; i++)
		sorted[i] = values[name, i]
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && sorted[j - 1] > sorted[j]; j--) {
			swap = sorted[j]
			sorted[j] = sorted[j - 1]
			sorted[j - 1] = swap
		}
	return sorted[int((n + 1) / 2)]
}

function report_bystanders(	i, name)
{
	printf "\nF. A server that accepts connections on one CPU of an emulated guest (times mean nothing but\n"
	printf "beside each other), %d other sockets, and a reader on the other CPU\n", full
	printf "%-38s%12s%10s%10s%8s%8s\n", "", "connects/s", "p50, us", "p99, us", "reads", "CPU %"
	for (i = 1; i <= readers; i++) {
		name = reader[i]
		printf "%-38s%12d%10d%10d%8d%8.1f\n", reader_name(name), middle(served, name), \
			middle(p50, name), middle(p99, name), middle(reads, name), middle(share, name)
	}
}

function report_pollers(	i)
{
	printf "\nG. A program that reads every so often, in the guest\n"
	printf "%-38s%10s%10s%9s%10s%12s\n", "", "sockets", "every, ms", "reads", "CPU %", "memory, MiB"
	for (i = 1; i <= pollers; i++)
		print poller[i]
}

function report_steps(	capture, fd, first, first_none, metrics)
{
	first = cost("begin " table, full, usual)
	first_none = cost("begin " none, full, usual)
	metrics = cost(counts, full, usual)
	fd = (cost("begin " table, full, usual, "fds") - first) / 200000
	printf "\nE. Where the time goes, ns. (1) is the table up to its first byte.\n"
	step("bucket, empty", cost(counts, 0, 2097152) - cost(counts, 0, 8192), 2097152 - 8192, \
		"metrics without sockets, 2097152 buckets less 8192")
	step("socket, counted", metrics - cost(counts, 0, usual), full, \
		"metrics with sockets, less without")
	step("record without owner", first_none - metrics, full, \
		"(1) show=none, less metrics: also a record's memory")
	step("open file", fd, 1, "(1) with 200000 other files, less without, a file")
	step("owner of a socket", first - first_none - fd * full, full, \
		"(1) less (1) show=none, less a file's time")
	step("row without owner", cost(none, full, usual) - first_none, full, \
		"all of show=none, less (1)")
	step("row", cost(table, full, usual) - first, full, "all, less (1)")
	step("all together, a socket", cost(table, full, usual), full, "")
	printf "\nThe limit: memory touched in random order, prefetched, in huge pages, ns\n"
	printf "%-28s%8.1f\n", "bucket, in order", memory["bucket"]
	printf "%-28s%8.1f\n", "1 cache line of a socket", memory["1"]
	printf "%-28s%8.1f\n", "3 cache lines", memory["3"]
	printf "%-28s%8.1f\n", "7 cache lines", memory["7"]
	printf "%-28s%8.1f   %s\n", "7 cache lines, cold", memory["7, cold"], \
		"after 256 MiB of other memory, as other readers touch in between"
	printf "\nWithout the looks that make sure that each chain was taken whole, and each socket was one,\n"
	printf "in guests of their own in turn, ns a socket\n"
	check(table)
	check(none)
	check(counts)
}

# What the checks of the walk cost
function check(thing)
{
	printf "%-28s%8.1f   of %.1f\n", thing, \
		(best["checked", thing] - best["unchecked", thing]) * 1000 / full, \
		best["checked", thing] * 1000 / full
}

END {
	write_lines()
	write_figures()
	print "Medians; established TCP sockets over IPv4 in 10, 50 and 200 processes."
	printf "Guest: User-mode Linux 6.12, one CPU, kernel code at native speed. A system call takes\n"
	printf "%.2f us there and %.2f us on this machine: the difference was taken off, for each call.\n", \
		price("guest"), price("native")
	report_sizes()
	report_buckets()
	report_shapes()
	report_steps()
	if (readers)
		report_bystanders()
	report_pollers()
}
