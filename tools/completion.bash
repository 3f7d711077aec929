# SPDX-License-Identifier: GPL-2.0
# bash completion of fspan: verbs, options, functions, parameters, members, presets, events
_fspan() {
	local cur=${COMP_LINE:0:COMP_POINT} verb=${COMP_WORDS[1]} word
	# the word under the cursor as the shell sees it: bash breaks words at : and >
	word=${cur##*[ ]}
	word=${word#[\'\"]}
	if [ "$COMP_CWORD" = 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(fspan help 2> /dev/null | awk '/^  [a-z]/ { print $1 }')" -- "$word")
		return
	fi
	case $word in
	-*)
		mapfile -t COMPREPLY < <(compgen -W "$(fspan "$verb" -h 2> /dev/null | grep -oE -- '--[a-z-]+')" -- "$word")
		return
		;;
	esac
	case $verb in
	trace | record | stat | top | add | show)
		mapfile -t COMPREPLY < <(fspan show --complete "${word:-@}" 2> /dev/null | grep -F -- "$word")
		compopt -o nospace
		;;
	gate)
		local names
		case ${COMP_WORDS[2]} in
		load) names=$(cd /usr/share/fspan/bpf 2> /dev/null && ls -- *.bpf.o | sed 's/\.bpf\.o$//'; compgen -f -X '!*.o' -- "$word") ;;
		rm) names=$(cd /sys/fs/bpf/fspan 2> /dev/null && ls) ;;
		esac
		[ "$COMP_CWORD" -gt 2 ] || names="load ls rm"
		mapfile -t COMPREPLY < <(compgen -W "$names" -- "$word")
		;;
	rm)
		mapfile -t COMPREPLY < <(compgen -W "$(fspan ls 2> /dev/null | awk 'NR > 1 { sub("^fspan/", "", $1); print $1 }')" -- "$word")
		;;
	esac
	# what readline replaces begins behind the last of its word breaks
	local break=${word%"${word##*[:=@>]}"}
	[ -z "$break" ] || COMPREPLY=("${COMPREPLY[@]#"$break"}")
}
complete -F _fspan fspan
