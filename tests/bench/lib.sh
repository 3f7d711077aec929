# shellcheck shell=bash disable=SC2153
# SPDX-License-Identifier: GPL-2.0
# What the peers share; sourced by tests/bench/measure after tests/lib.sh. There are
#   F      the function     ARGS   its first three arguments as fetch arguments
#   W      a directory      NAME   the name of its file as one, empty without BTF
#   CALLS  how many there were, when they have been made

# What a peer may define, and what is there if it does not.
start() { :; }
# run the command that makes the calls
around() { "$@"; }
# set $bytes, which were written, and $lost, the records that were not
written() { bytes=$(stats bytes:) lost=$(($(stats overrun:) + $(stats dropped))); }
# did it do what was measured, for each of $CALLS?
check() { :; }
# what else there is to say of this run
note() { :; }
stop() { :; }

# must COMMAND...
must() { "$@" || fail "$*"; }

# put TEXT FILE: into a file of tracefs
put() { printf '%s\n' "$1" >> "$2" || fail "$2 refused: $1"; }

# counts NUMBER: at least one for each call
counts() { [ "$1" -ge "$CALLS" ] || fail "$1 for $CALLS calls"; }

# stats WORD: a figure of the ring buffers, of all instances
stats() {
	cat $T/per_cpu/cpu*/stats $T/instances/*/per_cpu/cpu*/stats 2> /dev/null |
		awk -v w="$1" '$1 == w { n += $NF } END { print n + 0 }'
}
# the records in them
entries() { echo $(($(stats entries:) + $(stats overrun:))); }

# span ATTRS [FIELD...]: define fspan/bench, a span with the three arguments
span() { define "s$1:bench $F $ARGS ${*:2}"; }

# probe KIND NAME TARGET [FIELD...]: an event of group bench, of a kprobe or an fprobe
probe() { put "$1:bench/$2 ${*:3}" $T/dynamic_events; }
enable_probes() { put 1 $T/events/bench/enable; }
remove_probes() {
	[ ! -e $T/events/bench ] || echo 0 > $T/events/bench/enable
	: > $T/dynamic_events
}

# tracer NAME: of function calls, for this function alone
tracer() {
	grep -qw "$1" $T/available_tracers || skip "no tracer $1"
	put "$F" $T/set_ftrace_filter
	put "$1" $T/current_tracer
}
no_tracer() {
	echo nop > $T/current_tracer
	echo > $T/set_ftrace_filter
}

need() { command -v "$1" > /dev/null || skip "$1 is not here"; }
need_kernel_btf() { [ -e /sys/kernel/btf/vmlinux ] || skip "no BTF in the kernel"; }

# with the BPF program of this directory attached: bpf MODE COMMAND...
need_bpf() {
	[ -e build/bench/span.bpf.o ] || skip "needs clang and libbpf at build time"
	need_kernel_btf
}
bpf() { build/bench/bpfspan build/bench/span.bpf.o "$1" "$F" "$W/bpf" "${@:2}"; }
bpf_written() { read -r records bytes lost < "$W/bpf"; }

# with a program of tests/bpf at the gate
need_gate() {
	[ -e "build/bin/$1.bpf.o" ] || skip "needs clang at build time"
	must fspan gate load "build/bin/$1.bpf.o" > /dev/null
}
no_gate() { must fspan gate rm "$1"; }

# calls_of FUNCTION: who calls it, $calls of $node, and what the peers have of it
calls_of() {
	local device
	node=/tmp/a-name-of-thirty-one-characters
	case $1 in
	vfs_read) calls=read device='1 5' ;;
	null_lseek) calls=seek device='1 3' ;;
	*) fail "nothing here calls $1" ;;
	esac
	# shellcheck disable=SC2016
	ARGS='a=$arg1:x64 b=$arg2:x64 c=$arg3:x64'
	NAME=$(fspan add --dry-run "x=$1(file->f_path.dentry->d_name.name)" 2> /dev/null |
		sed -n "s/.* name=\([^ ]*\):string.*/\1/p")
	# shellcheck disable=SC2086 # major and minor
	rm -f "$node" && mknod "$node" c $device || fail "no $node"
}
