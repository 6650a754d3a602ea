# bash completion for unioctl(8).  Which commands there are, it asks unioctl itself; accounts, meetings, calls and keys as
# well, in silence: who may not read the database is offered none.

_unioctl_list() {
	"${COMP_WORDS[0]}" "${conf[@]}" "$@" --tsv 2>/dev/null
}

# What an operand, or an option's value, may be, by its name in the usage.
_unioctl_values() {
	case $1 in
	EMAIL* | --host= | --participant= | --user=) _unioctl_list user list | cut -f 2 ;;
	MEETING | --meeting=) _unioctl_list meeting list --limit 100 | cut -f 1 ;;
	CALL) _unioctl_list call list --limit 100 | cut -f 1 ;;
	KID) _unioctl_list key list | awk -F '\t' '$2 == "verify" { print $1 }' ;;
	WEBHOOK | --webhook=) _unioctl_list webhook list | cut -f 1 ;;
	DELIVERY) _unioctl_list webhook deliveries --limit 100 | cut -f 1 ;;
	ID*) _unioctl_list session list "$2" | cut -f 1 ;;
	--status=)
		case $3 in
		call*) printf '%s\n' active ended ;;
		webhook*) printf '%s\n' waiting delivered failed ;;
		*) printf '%s\n' scheduled ongoing completed cancelled ;;
		esac
		;;
	esac
}

# The next word of the commands that begin with the words so far.
_unioctl_names() {
	cut -f 1 <<<"$commands" | awk -v said="$*" '
		BEGIN { n = split(said, word, " ") }
		n == 0 { print $1 }
		n == 1 && $1 == word[1] { print $2 }' | sort -u
}

# Those of the words that begin like the current one, quoted as the command line needs them. Not compgen -W, which
# expands its words: an account may be called `id`@example.org.
_unioctl_offer() {
	local word all

	COMPREPLY=()
	read -rd '' -a all <<<"$1"
	for word in "${all[@]}"; do
		printf -v word %q "$word"
		[[ $word != "$cur"* ]] || COMPREPLY+=("$word")
	done
}

_unioctl() {
	local line words conf=() said=() operands=() commands options='' name='' i
	local globals='-c --config --json -q --quiet -n --check -V --version -h --help'

	# Bash cuts words before an @, which stands in the middle of ours.
	read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
	[[ ${COMP_LINE:COMP_POINT-1:1} != ' ' ]] || words+=('')
	local cur=${words[-1]} prev=${words[-2]}

	commands=$("${COMP_WORDS[0]}" help --commands 2>/dev/null) || return
	for ((i = 1; i < ${#words[@]} - 1; i++)); do
		case ${words[i]} in
		-c | --config) conf=(-c "${words[++i]}") ;;
		-*) [[ $commands != *"${words[i]}="* ]] || i=$((i + 1)) ;;
		*) said+=("${words[i]}") ;;
		esac
	done
	while IFS= read -r line; do
		if [[ "${said[*]} " == "${line%%$'\t'*} "* ]]; then
			name=${line%%$'\t'*}
			line=${line#*$'\t'}
			options=${line%%$'\t'*}
			read -ra operands <<<"${line#*$'\t'}"
			i=$((${#said[@]} - $(wc -w <<<"$name")))
		fi
	done <<<"$commands"

	if [[ $prev == -c || $prev == --config || $prev == --secret-file || (-n $name && ${operands[i]} == FILE && $cur != -*) ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
	elif [[ " $options " == *" $prev= "* ]]; then
		line=$(_unioctl_values "$prev=" '' "$name")
	elif [[ $cur == -* ]]; then
		line="${options//=/} $globals"
	elif [[ -z $name ]]; then
		line=$(_unioctl_names "${said[@]}")
	elif [[ $name == help ]]; then
		line=$(_unioctl_names "${said[@]:1}")
	elif [[ -n ${operands[i]} ]]; then
		line=$(_unioctl_values "${operands[i]}" "${said[-1]}" "$name")
	else
		line=${options//=/}
	fi
	_unioctl_offer "$line"
	[[ $cur != *@* ]] || COMPREPLY=("${COMPREPLY[@]#"${cur%@*}"}")
}

complete -F _unioctl unioctl
