# Reads diff -U0 of a file (squeezed) and what clang-format makes of it; FILE is the file, PATCH where
# the hunks go that matter. A hunk matters if it is more than a line broken elsewhere, or if it moves
# the beginning of a statement.

BEGIN {
	while ((getline line < FILE) > 0)
		source[++lines] = line
}

/^(---|\+\+\+) / {
	header = header $0 "\n"
	next
}

/^@@/ {
	judge()
	split($2, at, /[-,]/)
	first = at[2]
	hunk = $0 "\n"
	old = new = old_first = new_first = ""
	next
}

{
	hunk = hunk $0 "\n"
	text = substr($0, 2)
	if (/^-/) {
		if (old == "")
			old_first = text
		old = old " " text
	} else {
		if (new == "")
			new_first = text
		new = new " " text
	}
}

END {
	judge()
}

function judge() {
	if (hunk == "" || (squeeze(old) == squeeze(new) && (indent(old_first) == indent(new_first) || !begins_statement(first))))
		return
	print FILE ":" first ": not as clang-format has it"
	printf "%s%s", header, hunk >PATCH
	header = ""
}

function squeeze(text) {
	gsub(/[ \t]+/, " ", text)
	return text
}

function indent(text) {
	match(text, /^[ \t]*/)
	return substr(text, 1, RLENGTH)
}

function begins_statement(n) {
	return n <= 1 || source[n - 1] ~ /([;{}]|\*\/)[ \t]*$|^[ \t]*$|^[ \t]*(case [^?]*|default):[ \t]*$/
}
