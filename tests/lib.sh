# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What the cases share. A case runs in the guest, as root, from the project's root.
set -uo pipefail

T=/sys/kernel/tracing
D=/sys/kernel/debug/fspan
# shellcheck disable=SC2034 # for the cases
E=$T/events/fspan
W=$(mktemp -d /tmp/case.XXXXXX)

fail() {
	echo "FAIL: $*"
	[ ! -e $D/error_log ] || tail -n 3 $D/error_log
	exit 1
}

skip() {
	echo "SKIP: $*"
	exit 77
}

# define LINE...: each must be accepted
define() {
	local line
	for line in "$@"; do
		printf '%s\n' "$line" >> /dev/fspan || fail "refused: $line"
	done
}

# undo what cases do to tracing; called when a case ends, whatever happened
reset() {
	local i
	# what a case that failed has left running would be counted in the next one
	for i in $(jobs -p); do
		kill -9 "$i" 2> /dev/null
	done
	# it has no others open than those of histograms
	for i in /proc/$$/fd/*; do
		i=${i##*/}
		[ "$i" -le 2 ] || [ "$i" = 255 ] || exec {i}<&-
	done
	[ ! -d /sys/fs/bpf/fspan ] || fspan gate rm --all
	for i in $T/instances/*/; do
		[ -d "$i" ] || continue
		echo 0 > "$i/events/enable"
		rmdir "$i"
	done
	for i in $E/*/trigger; do
		[ ! -e "$i" ] || grep -v '^#' "$i" | sed 's/ \[active\].*//; s/:unlimited//; s/^/!/' |
			while read -r t; do echo "$t" >> "$i"; done
	done
	echo 0 > $T/events/enable 2> /dev/null
	echo 0 > $T/tracing_on
	echo > $T/set_event_pid
	echo > $T/trace
	echo 1 > $T/tracing_on
	echo 1 > $T/options/record-cmd
	read -r i _ < $T/buffer_size_kb
	[ "$i" = 1408 ] || echo 1408 > $T/buffer_size_kb
	: > /dev/fspan
	rm -rf "$W"
}
trap reset EXIT

enable() {
	local e
	for e in "$@"; do
		echo 1 > "$E/$e/enable" || fail "cannot enable $e"
	done
}

disable() {
	local e
	for e in "$@"; do
		echo 0 > "$E/$e/enable" || fail "cannot disable $e"
	done
}

# test_module [NAME]: load a module of tests/modules
test_module() {
	local name=${1:-fspan_test}
	[ -d "/sys/module/$name" ] || insmod "$FSPAN_TEST_MODULES/$name.ko" || fail "no $name.ko"
}

# no_program WHAT: a program of fentry or the like is refused; where there are none the case is skipped
no_program() {
	[[ $1 != *'has no BPF trampolines'* ]] || skip "no BPF trampolines on this kernel"
	fail "$1"
}

# gate_load FILE [ARGUMENT...]
gate_load() {
	local said
	said=$(fspan gate load "$@" 2>&1) || no_program "$said"
}

# load_fspan: again, with the parameters that this guest is for
load_fspan() {
	# shellcheck disable=SC2086 # parameters are words
	insmod "$FSPAN_KO" $FSPAN_MODPARAMS || fail "fspan is not loaded again"
}

# need_direct EVENT: it is armed, and calls us directly; where that cannot be, the case is skipped
need_direct() {
	[ "$(profile "$1" direct)" = 0 ] || return 0
	[ "$(uname -m)" = x86_64 ] || skip "no direct engine on $(uname -m)"
	[ "$(cat /sys/module/fspan/parameters/engine)" = direct ] || skip "another engine is asked for"
	fail "x86-64 has the engine: $(grep "^fspan/$1 " $D/functions)"
}

# unhooked FUNCTION...: neither ftrace nor kprobes have anything there
unhooked() {
	local f
	[ -r $T/enabled_functions ] && [ -r /sys/kernel/debug/kprobes/list ] || fail "nobody says what is hooked"
	for f in "$@"; do
		! grep -E "^$f( |\$)" $T/enabled_functions || fail "ftrace still has $f"
		! grep -E " $f(\+0x[0-9a-f]+)?( |\$)" /sys/kernel/debug/kprobes/list || fail "kprobes still have $f"
	done
}

# profile EVENT COLUMN: a counter of a definition of group fspan
profile() {
	local lines line words=() c=0
	# as a whole: "read" goes back in the file for each line, and that may have changed
	mapfile -t lines < $D/profile
	for line in "${lines[@]}"; do
		read -ra words <<< "$line"
		if [ "${words[0]}" = event ]; then
			while [ "${words[c]}" != "$2" ]; do c=$((c + 1)); done
		elif [ "${words[0]}" = "fspan/$1" ]; then
			echo "${words[c]}"
		fi
	done
}

# eq WHAT HAVE WANT
eq() {
	[ "$2" = "$3" ] || fail "$1: have '$2', want '$3'"
}

# records EVENT: those of the top instance's buffer, as text
records() {
	grep -aE " $1: " "${2:-$T/trace}"
}

# identity EVENT: entered = written + dropped + missed + in flight
identity() {
	local lines line head=() words=() i sum=0 entered=none
	mapfile -t lines < $D/profile
	for line in "${lines[@]}"; do
		read -ra words <<< "$line"
		[ ${#head[@]} -gt 0 ] || head=("${words[@]}")
		[ "${words[0]}" = "fspan/$1" ] || continue
		for i in "${!head[@]}"; do
			case ${head[i]} in
			entered) entered=${words[i]} ;;
			written | dropped_* | missed_* | inflight) sum=$((sum + words[i])) ;;
			esac
		done
		break
	done
	[ "$entered" = "$sum" ] || fail "identity of $1: entered $entered, but the sum is $sum"
}

# hist EVENT [KEYVALUE]: its histogram, which is armed for as long as this takes; or the
# values of one key
hist() {
	if [ $# = 1 ]; then
		cat "$D/hist/fspan.$1"
	else
		awk -v k="$2 calls=" 'index($0, k) == 1 { print substr($0, length(k) - 5) }' "$D/hist/fspan.$1"
	fi
}

# expect_hist: what a histogram has to say of the records on stdin, as text
expect_hist() {
	awk '
		function low(v, width) {
			for (width = 1; v >= 32 * width; width *= 2)
				;
			return v - v % width
		}
		match($0, / dur=[0-9]+\.[0-9]+us/) {
			split(substr($0, RSTART + 5, RLENGTH - 7), us, ".")
			dur = us[1] * 1000 + us[2]
			if (!calls++ || dur < min) min = dur
			if (dur > max) max = dur
			sum += dur
			if (match($0, / ret=-[0-9]+/)) errors += substr($0, RSTART + 6, RLENGTH - 6) + 0 <= 4095
			if (!n[low(dur)]++) lows[++nlows] = low(dur)
		}
		END {
			if (!calls) exit
			printf "calls=%d errors=%d sum=%.0f min=%.0f max=%.0f", calls, errors, sum, min, max
			for (i = 1; i <= nlows; i++)
				for (j = i; j > 1 && lows[j] < lows[j - 1]; j--) {
					t = lows[j]
					lows[j] = lows[j - 1]
					lows[j - 1] = t
				}
			for (i = 1; i <= nlows; i++) printf " %.0f:%d", lows[i], n[lows[i]]
			print ""
		}'
}

# clean WHAT: the tool has left nothing behind, of definitions or of instances
clean() {
	eq "definitions after $1" "$(cat /dev/fspan)" ""
	eq "events after $1" "$(ls -d $E/*/ 2> /dev/null)" ""
	eq "instances after $1" "$(ls $T/instances)" ""
}

# armed EVENT: wait until somebody else has enabled it
armed() {
	local i
	for i in $(seq 300); do
		[ "$(profile "$1" armed)" = 1 ] && return
		sleep 0.1
	done
	fail "$1 was not armed"
}

# does the kernel have fprobes?
has_fprobes() {
	grep -q ' register_fprobe_ips$' /proc/kallsyms
}

# need_btf MODULE: its parameters have names
need_btf() {
	[ -e "/sys/kernel/btf/$1" ] || skip "no BTF of $1"
}

# perf that records looks at each file of /lib/modules first, for half a minute in a guest.
# PERF_TIMEOUT: seconds, for one that may never be done with what it causes itself
perf() {
	timeout "${PERF_TIMEOUT:-0}" unshare --mount sh -c 'mount -t tmpfs none /lib/modules && exec perf "$@"' sh "$@"
}

# run_doc FILE: its programs and commands, with the headers where they are when fspan is installed
run_doc() {
	local top=$PWD doc
	doc=$(realpath "$1")
	cp include/fspan.bpf.h /usr/include/ && cp include/uapi/linux/fspan.h /usr/include/linux/ || fail "headers"
	(cd "$W" && "$top/tests/run-doc" "$doc") || fail "$1 is not what happens"
}
