# SPDX-License-Identifier: GPL-2.0-only
#
# gnuplot -e "tsv='bench.tsv'; out='FOLDER/'" pictures.gp - bench.tsv as pictures:
# bench-sockets, the cost over the number of sockets, and bench-buckets, over the
# size of the hash table; as SVG and PNG.

set datafile separator "\t"
set logscale xy
set grid xtics ytics lc rgb "#dddddd"
set border 3 lc rgb "#666666"
set tics nomirror
set key outside right center reverse Left samplen 2
set format y "%g"
set format x "%.0s%c"
set ylabel "CPU time, ms"

# lines(peer, n, buckets) - those of a peer, in order; "" is any
lines(peer, n, buckets) = sprintf("< awk -F'\\t' -v p='%s' -v n='%s' -v b='%s' \
	'$1 == p && $2 > 0 && (n == \"\" || $2 == n) && (b == \"\" || $3 == b)' '%s' | \
	sort -t '\t' -k 2n -k 3n", peer, n, buckets, tsv)

ours = "/proc/netstate"
counts = "/proc/netstate_metrics"

do for [kind in "svg png"] {
	if (kind eq "svg") {
		set terminal svg size 760,420 font "sans-serif,12" background "#ffffff"
	} else {
		set terminal pngcairo size 760,420 font "sans-serif,9"
	}

	set output out."bench-sockets.".kind
	set xlabel "sockets"
	plot lines("lsof -nP -iTCP", "", "") using 2:($5 / 1000) with linespoints pt 7 ps 0.5 \
		lc rgb "#e6ab02" title "lsof -nP -iTCP", \
	     lines("ss -tanp", "", "") using 2:($5 / 1000) with linespoints pt 7 ps 0.5 \
		lc rgb "#d95f02" title "ss -tanp", \
	     lines("netstat -tanp", "", "") using 2:($5 / 1000) with linespoints pt 7 ps 0.5 \
		lc rgb "#a6761d" title "netstat -tanp", \
	     lines("ss -tan", "", "") using 2:($5 / 1000) with linespoints pt 7 ps 0.5 \
		lc rgb "#7570b3" title "ss -tan (no owners)", \
	     lines("/proc/net/tcp", "", "524288") using 2:($5 / 1000) with linespoints pt 7 ps 0.5 \
		lc rgb "#666666" title "/proc/net/tcp (no owners)", \
	     lines("sock_diag", "", "524288") using 2:($5 / 1000) with linespoints pt 7 ps 0.5 \
		lc rgb "#aaaaaa" title "sock\\_diag (no owners)", \
	     lines(ours, "", "524288") using 2:($5 / 1000) with linespoints pt 7 ps 0.7 lw 3 \
		lc rgb "#1b9e77" title ours, \
	     lines(counts, "", "524288") using 2:($5 / 1000) with linespoints pt 7 ps 0.7 lw 3 \
		lc rgb "#66c2a5" title "/proc/netstate\\_metrics"

	set output out."bench-buckets.".kind
	set xlabel "buckets of the hash table, at 100,000 sockets"
	plot lines("/proc/net/tcp", "100000", "") using 3:($5 / 1000) with linespoints pt 7 ps 0.5 \
		lc rgb "#666666" title "/proc/net/tcp (no owners)", \
	     lines("sock_diag", "100000", "") using 3:($5 / 1000) with linespoints pt 7 ps 0.5 \
		lc rgb "#aaaaaa" title "sock\\_diag (no owners)", \
	     lines(ours, "100000", "") using 3:($5 / 1000) with linespoints pt 7 ps 0.7 lw 3 \
		lc rgb "#1b9e77" title ours, \
	     lines(counts, "100000", "") using 3:($5 / 1000) with linespoints pt 7 ps 0.7 lw 3 \
		lc rgb "#66c2a5" title "/proc/netstate\\_metrics"
	unset output
}
