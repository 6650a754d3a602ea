# bash completion for unioctl(8).  Which commands there are, it asks unioctl itself; accounts, meetings, calls and keys as
# well, in silence: who may not read the database is offered none.

_unioctl_ids() {
	"${COMP_WORDS[0]}" "${_unioctl_conf[@]}" "$@" --tsv 2>/dev/null
}

# What an operand, or an option's value, may be, by its name in the usage.
_unioctl_values() {
	case $1 in
	EMAIL* | --host= | --participant=) _unioctl_ids user list | cut -f 2 ;;
	MEETING | --meeting=) _unioctl_ids meeting list --limit 100 | cut -f 1 ;;
	CALL) _unioctl_ids call list --limit 100 | cut -f 1 ;;
	KID) _unioctl_ids key list | awk -F '\t' '$2 == "verify" { print $1 }' ;;
	ID*) _unioctl_ids session list "$2" | cut -f 1 ;;
	--status=) case $3 in
		call*) printf '%s\n' active ended ;;
		*) printf '%s\n' scheduled ongoing completed cancelled ;;
		esac ;;
	esac
}

_unioctl() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local words=() commands line name options operands _unioctl_conf=() i word
	local globals='-c --config= --json -q --quiet -n --check -V --version -h --help'

	commands=$("${COMP_WORDS[0]}" help --commands 2>/dev/null) || return
	COMPREPLY=()

	# The words so far that are no options, and the configuration that was named.
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		-c | --config) _unioctl_conf=(-c "${COMP_WORDS[++i]}") ;;
		-*) case $commands in *"$word="*) i=$((i + 1)) ;; esac ;;
		*) words+=("$word") ;;
		esac
	done

	# The command that they begin with, if it is whole.
	while IFS= read -r line; do
		name=${line%%$'\t'*}
		case "${words[*]} " in
		"$name "*) break ;;
		esac
		name=
	done <<<"$commands"

	if [[ $prev == -c || $prev == --config ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	elif [[ -z $name ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(cut -f 1 <<<"$commands" | awk -v said="${words[*]}" '
			BEGIN { n = split(said, word, " ") }
			n == 0 { print $1 }
			n == 1 && $1 == word[1] && NF > 1 { print $2 }' | sort -u)
			$([[ $cur != -* ]] || printf '%s' "${globals//=/}")" -- "$cur")
	else
		line=${line#*$'\t'} options=${line%%$'\t'*} operands=(${line#*$'\t'})
		i=$((${#words[@]} - $(wc -w <<<"$name")))
		if [[ $prev == --* && " $options " == *" $prev= "* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$(_unioctl_values "$prev=" '' "$name")" -- "$cur")
		elif [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "${options//=/} ${globals//=/}" -- "$cur")
		elif [[ $name == help ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$(cut -f 1 <<<"$commands" | cut -d ' ' -f $((i + 1)) | sort -u)" -- "$cur")
		elif [[ ${operands[i]} == FILE ]]; then
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		elif [[ -n ${operands[i]} ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$(_unioctl_values "${operands[i]}" "${words[-1]}" "$name")" -- "$cur")
		else
			mapfile -t COMPREPLY < <(compgen -W "${options//=/}" -- "$cur")
		fi
	fi
}

complete -F _unioctl unioctl
