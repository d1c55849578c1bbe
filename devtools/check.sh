#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Checks the source of this tree. Each check is a function check_NAME that prints the offending places, one a line, and
# nothing when all is well; a line that starts with "warning: " does not fail it. See usage.

set -euo pipefail

# shellcheck source=devtools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

top_dir=$(cd "$devtools_dir/.." && pwd)
ignored_words=$devtools_dir/codespell-ignore.txt

# In the order in which they run.
checks=(format spdx shell spelling headers calls todo sizes paths hooks messages man manifests docs commits)

# Status by which a check says that it cannot run here; its last line is the reason.
skipped=77

# Lines of source: what a reader takes in, and what is too much.
c_lines_warn=500
c_lines_max=1000
h_lines_warn=300
h_lines_max=500

usage() {
	cat <<-EOT
	usage: ${0##*/} [--builddir DIR] [NAME...]

	Runs the source checks named, or all. Exits with 1 if one fails.

	  format    C: tabs, no trailing blanks, at most 100 columns, return type on a line of its own;
	            all text: newline at the end, no CR
	  spdx      an SPDX line first, with the licence of the directory
	  shell     shellcheck -x
	  spelling  codespell; exceptions are in devtools/codespell-ignore.txt
	  headers   each header compiles alone, as C11, and public ones as C++ as well (needs a build)
	  calls     lib and drivers: nothing that ends the process, writes to standard output or
	            copies without a bound; no bare "return -1"
	  todo      no TODO or FIXME without an issue number
	  sizes     .c files up to $c_lines_max lines (warning from $c_lines_warn), headers up to $h_lines_max ($h_lines_warn)
	  paths     no path or mirror of somebody's machine
	  hooks     hook patches have an author, a subject and a reason, apply in order, and are listed in the wrap
	  messages  each message of the VF-token layer is in doc/guides/vf_token.rst or warm_start.rst
	  man       man pages pass mandoc's lint
	  manifests Kubernetes manifests have known fields only, and names in them agree
	  docs      the guides build without a warning
	  commits   "area: imperative lower case" of up to 60 characters, a body, Signed-off-by

	  --builddir DIR  the build that "headers" takes its include directories from (default: build)
	EOT
}

# ---- what there is to check

# files [GLOB...]: prints the files of the tree that git tracks or would track.
files() {
	git -C "$top_dir" ls-files --cached --others --exclude-standard -- "$@" | sort -u | while IFS= read -r file; do
		[[ ! -f $file || -L $file ]] || printf '%s\n' "$file"
	done
}

# Text files that are written here: patches, licences and test data are not.
own_text_files() {
	local file
	files | grep -Ev '^license/|\.patch$|/(corpus|golden)/|\.(png|svg|json)$' | while IFS= read -r file; do
		[[ ! -s $file ]] || grep -qIm 1 '' "$file" && printf '%s\n' "$file"
	done
}

shell_scripts() {
	own_text_files | while IFS= read -r file; do
		[[ $file == *.sh ]] || sed -n '1,3p' "$file" | grep -qE '^#!.*\b(ba|da|busybox )?sh$|^# shellcheck shell=' || continue
		printf '%s\n' "$file"
	done
}

# skip REASON: ends a check that cannot run here.
skip() {
	printf '%s\n' "$*"
	exit "$skipped"
}

need() {
	type "$1" >/dev/null 2>&1 || skip "$1 is not installed"
}

# places CMD...: prints what CMD reports; a failure that says nothing is a report, too.
places() {
	local status=0 output
	output=$("$@" 2>&1) || status=$?
	if [[ -n $output ]]; then
		printf '%s\n' "$output"
	elif ((status)); then
		printf '%s: failed with status %s\n' "$1" "$status"
	fi
}

# ---- the checks

check_format() {
	local -a c all
	mapfile -t c < <(files '*.c' '*.h')
	mapfile -t all < <(own_text_files)
	python3 - "${#c[@]}" "${c[@]}" "${all[@]}" <<-'PY'
	import re, sys

	count = int(sys.argv[1])
	sources, texts = sys.argv[2:2 + count], sys.argv[2 + count:]
	# "type name(" at the start of a line, which the body's brace and no semicolon follows.
	signature = re.compile(r"^(?!typedef|return|else|struct \w+ \w+ =)[A-Za-z_][\w ]*[ *]+\w+\([^;]*$")

	def report(name, number, what):
	    print(f"{name}:{number}: {what}")

	def too_long(line):
	    """Longer than 100 columns, but for a text for users that goes on to the end: split, nobody finds it."""
	    if len(line.expandtabs(8)) <= 100:
	        return False
	    text = re.match(r'^(.*?)"(?:[^"\\]|\\.)*"[,;)]*$', line)
	    return not (text and line.count('"') == 2 and len(text.group(1).expandtabs(8)) < 60)

	def definition(lines, i):
	    """Whether what starts in line i is a function with its body."""
	    for line in lines[i:i + 12]:
	        if line.endswith("{"):
	            return True
	        if line.endswith((";", ",  \\")) or line == "":
	            return False
	    return False

	for name in sources:
	    lines = open(name, encoding="utf-8").read().split("\n")
	    for number, line in enumerate(lines, 1):
	        if too_long(line):
	            report(name, number, f"{len(line.expandtabs(8))} columns, more than 100")
	        if re.match(r"\t* {2,}(?!\*)", line) or re.match(r"\t* (?!\*)\S", line):
	            report(name, number, "indented with spaces")
	        if re.search(r"[^\t] \t", line):
	            report(name, number, "a space before a tab")
	        if re.match(r"\s*(\} else )?(if|for|while|switch)\(", line) or re.search(r"^\s*(\} else )?(if|for|while|switch) ?\(.*\)\{$", line):
	            report(name, number, "a space is missing before '(' or '{'")
	        if not name.startswith("kmod/") and signature.match(line) and definition(lines, number - 1):
	            report(name, number, "the return type shares a line with the function's name")
	        if not name.startswith("kmod/") and re.match(r"\s+\S.*//|^//", line) and "://" not in line:
	            report(name, number, "a // comment")

	for name in texts:
	    data = open(name, "rb").read()
	    if data and not data.endswith(b"\n"):
	        report(name, data.count(b"\n") + 1, "no newline at the end of the file")
	    if data.endswith(b"\n\n"):
	        report(name, data.count(b"\n"), "blank lines at the end of the file")
	    for number, line in enumerate(data.split(b"\n"), 1):
	        if line.endswith(b"\r"):
	            report(name, number, "a CR at the end of the line")
	        elif line != line.rstrip():
	            report(name, number, "blanks at the end of the line")
	PY
}

check_spdx() {
	local file line wanted
	while IFS= read -r file; do
		# Second where the first is the interpreter's.
		line=$(sed -n '1{/^#!/d}; 1,2{/./{p;q}}' "$file")
		wanted='BSD-3-Clause'
		# What both sides of the kernel's interface include may carry both licences.
		[[ $file != kmod/* ]] || wanted='(GPL-2\.0(-only)?|\(\(?GPL-2\.0(-only)?( WITH Linux-syscall-note\))? OR BSD-3-Clause\))'
		[[ $line =~ SPDX-License-Identifier:\ $wanted([[:space:]]|$) ]] ||
			printf '%s:1: no "SPDX-License-Identifier: %s" here\n' "$file" "${wanted//\\/}"
	done < <(own_text_files)
	[[ -s license/bsd-3-clause.txt ]] || printf 'license/bsd-3-clause.txt: not there\n'
	if [[ -n $(files 'kmod/*') && ! -s license/gpl-2.0.txt ]]; then
		printf 'license/gpl-2.0.txt: not there, though kmod is\n'
	fi
}

check_shell() {
	local -a scripts
	need shellcheck
	mapfile -t scripts < <(shell_scripts)
	places shellcheck -x -f gcc "${scripts[@]}"
}

check_spelling() {
	local -a names
	need codespell
	mapfile -t names < <(own_text_files; files '*.patch')
	places codespell --quiet-level 2 --ignore-words "$ignored_words" "${names[@]}"
}

# Prints, for each header given, its directory's compiler options in the build, as lines "HEADER<tab>OPTIONS".
header_options() {
	python3 - "$build_dir" "$top_dir" "$@" <<-'PY'
	import json, os, shlex, sys

	build, top, headers = sys.argv[1], sys.argv[2], sys.argv[3:]
	options = {}
	for entry in json.load(open(os.path.join(build, "compile_commands.json"))):
	    where = entry["directory"]
	    source = os.path.realpath(os.path.join(where, entry["file"]))
	    directory = os.path.dirname(source)
	    if not source.startswith(top):
	        continue
	    words, kept = shlex.split(entry["command"]), []
	    for i, word in enumerate(words):
	        if word.startswith("-I"):
	            kept.append("-I" + os.path.join(where, word[2:]))
	        elif word == "-include":
	            kept += [word, words[i + 1]]
	        elif word.startswith(("-D", "-m")) and not word.startswith("-MD"):
	            kept.append(word)
	    # Some sources of a directory are compiled apart, with less to include.
	    options[directory] = max(options.get(directory, []), kept, key=lambda o: sum(w.startswith("-I") for w in o))
	for header in headers:
	    directory = os.path.dirname(os.path.join(top, header))
	    # What lies deeper than the sources is built with theirs.
	    while directory not in options and directory != top:
	        directory = os.path.dirname(directory)
	    print(header, shlex.join(options[directory]) if directory in options else "", sep="\t")
	PY
}

# compile_alone HEADER COMPILER OPTION...: prints the errors of a source that includes nothing but HEADER.
compile_alone() {
	local header=$1 output
	shift
	output=$(printf '#include "%s"\n' "$top_dir/$header" |
		"$@" -fsyntax-only -Wall -Wextra -Werror -Wno-unused-function - 2>&1) && return 0
	printf '%s: does not compile alone with %s %s:\n' "$header" "$1" "$2"
	printf '%s\n' "$output" | sed -n "s,$top_dir/,,g; /error/p" | head -n 5
}

check_headers() {
	local header words
	local -a headers options cc cxx
	mapfile -t headers < <(files 'lib/*.h' 'app/*.h' 'drivers/*.h')
	((${#headers[@]})) || skip "no headers"
	[[ -r $build_dir/compile_commands.json ]] || skip "no build in ${build_dir#"$top_dir"/}: run devtools/build.sh"
	need g++
	read -ra cc <<<"${CC:-gcc}"
	read -ra cxx <<<"${CXX:-g++}"
	words=$(header_options "${headers[@]}")
	grep -q $'\t.' <<<"$words" ||
		skip "the build in ${build_dir#"$top_dir"/} has no sources of this tree: run devtools/build.sh"
	while IFS=$'\t' read -r header words; do
		if [[ -z $words ]]; then
			printf 'warning: %s: not checked, as nothing of its directory is built\n' "$header"
			continue
		fi
		eval "options=($words)"
		compile_alone "$header" "${cc[@]}" -std=c11 -x c "${options[@]}"
		[[ ${header##*/} == rte_* ]] || continue
		compile_alone "$header" "${cxx[@]}" -std=c++11 -x c++ "${options[@]}"
	done <<<"$words"
	# Promised to need no library, for brokers that are not DPDK programs.
	header=lib/eal/rte_vfio_token_sock.h
	[[ ! -e $header ]] || compile_alone "$header" "${cc[@]}" -std=c11 -x c -nostdinc -isystem /usr/include \
		-isystem "$("${cc[@]}" -print-file-name=include)" -isystem "/usr/include/$("${cc[@]}" -print-multiarch)"
}

check_calls() {
	local -a names
	mapfile -t names < <(files 'lib/*.c' 'lib/*.h' 'drivers/*.c' 'drivers/*.h')
	((${#names[@]})) || skip "no library or driver"
	python3 - "${names[@]}" <<-'PY'
	import re, sys

	calls = re.compile(r"\b(_exit|abort|exit|gets|printf|putchar|puts|rte_exit|rte_panic|sprintf|strcat|strcpy|"
	                   r"vprintf|vsprintf)\s*\(|\bfprintf\s*\(\s*stdout\b|\breturn -1;")
	# Comments, strings and characters, so that what they say does not count.
	inert = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)

	for name in sys.argv[1:]:
	    text = inert.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), open(name, encoding="utf-8").read())
	    for number, line in enumerate(text.split("\n"), 1):
	        for match in calls.finditer(line):
	            # What a process was forked for ends with it.
	            if match.group(1) == "_exit" and "fork()" in text:
	                continue
	            print(f"{name}:{number}: {match.group().rstrip('( ')}")
	PY
}

check_todo() {
	own_text_files | xargs -d '\n' grep -HnE '\b(TODO|FIXME)\b' |
		grep -vE '\b(TODO|FIXME) ?\(?#[0-9]+|^devtools/check\.sh:' || true
}

check_sizes() {
	local file lines warn max
	while IFS= read -r file; do
		lines=$(wc -l <"$file")
		warn=$c_lines_warn max=$c_lines_max
		[[ $file != *.h ]] || warn=$h_lines_warn max=$h_lines_max
		if ((lines > max)); then
			printf '%s: %d lines, more than %d: split it\n' "$file" "$lines" "$max"
		elif ((lines > warn)); then
			printf 'warning: %s: %d lines, more than %d\n' "$file" "$lines" "$warn"
		fi
	done < <(files '*.c' '*.h')
}

check_paths() {
	local -a names
	# Homes and work directories, mirrors and proxies; in brackets, a letter that keeps this line from matching itself.
	local pattern='(^|[^A-Za-z0-9_.$}*])/(home|Users|wor[k])/[A-Za-z0-9.]|/tmp/sr[c]\b'
	pattern+='|\b(deb|security|snapshot|archive)\.debian\.or[g]|\b(archive|security)\.ubuntu\.co[m]'
	pattern+='|https?://([0-9]+\.){3}[0-9]|\b(https?|ftp)_prox[y]='
	mapfile -t names < <(files | grep -v '^license/')
	grep -HnIE "$pattern" "${names[@]}" || true
}

# hook_problems PATCH NUMBER COUNT: prints what is wrong with one patch of a series.
hook_problems() {
	local patch=$1 number=$2 count=$3 subject reason
	subject=$(sed -n 's/^Subject: //p' "$patch" | head -n 1)
	grep -qm 1 '^From: .' "$patch" || printf '%s: no From:\n' "$patch"
	[[ $subject =~ ^\[PATCH\ $number/$count\]\ [a-z0-9/_-]+:\ [a-z] ]] ||
		printf '%s: the subject is not "[PATCH %d/%d] area: what": %s\n' "$patch" "$number" "$count" "$subject"
	[[ ${patch##*/} == "$(printf '%04d' "$number")"-* ]] || printf '%s: not number %d of the series\n' "$patch" "$number"
	reason=$(sed -n '1,/^---$/{/^\(From\|Subject\|Date\):/d; /^---$/d; /./p}' "$patch")
	[[ -n $reason ]] || printf '%s: no reason between the subject and ---\n' "$patch"
	git apply --numstat "$patch" >/dev/null 2>&1 || printf '%s: not a patch that git apply can read\n' "$patch"
}

check_hooks() {
	local wrap lts listed there number
	local -a patches
	while IFS= read -r wrap; do
		lts=${wrap##*/dpdk-}
		lts=${lts%.wrap}
		listed=$(sed -n 's/^diff_files *= *//p' "$wrap" | tr ',' '\n' | tr -d ' ')
		there=$(cd subprojects/packagefiles && find "dpdk-$lts" -name '*.patch' | LC_ALL=C sort)
		[[ $listed == "$there" ]] || printf '%s: diff_files is not the sorted list of subprojects/packagefiles/dpdk-%s/*.patch\n' \
			"$wrap" "$lts"
		mapfile -t patches <<<"$there"
		for ((number = 1; number <= ${#patches[@]}; number++)); do
			hook_problems "subprojects/packagefiles/${patches[number - 1]}" "$number" "${#patches[@]}"
		done
	done < <(files 'subprojects/*.wrap')
}

check_messages() {
	local -a sources
	mapfile -t sources < <(files 'lib/eal/*.c')
	python3 - "${sources[@]}" <<-'PY'
	import re, sys

	call = re.compile(r'\b(?:vfio_token_fail\((?:[^,";]*,){2}|VFIO_TOKEN_LOG\((?:ERR|WARNING),)\s*(?:\w+\s*)?'
	                  r'((?:"(?:\\.|[^"\\])*"\s*)+)')
	blanks = re.compile(r"\s+")
	guides = ("doc/guides/vf_token.rst", "doc/guides/warm_start.rst")
	guide = blanks.sub(" ", "".join(open(name, encoding="utf-8").read() for name in guides))

	for name in sys.argv[1:]:
	    text = open(name, encoding="utf-8").read()
	    for match in call.finditer(text):
	        message = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', match.group(1)))
	        # What a reader can search for: the start of the first piece that is the same in each log.
	        pieces = [p.strip(" :;,") for p in re.split(r"%[-+ #0-9.*]*(?:[hlzjt]*[a-zA-Z]|%)", message)]
	        piece = next((p for p in pieces if len(p) >= 10), "")
	        if blanks.sub(" ", piece)[:40].strip() not in guide:
	            print(f"{name}:{text.count(chr(10), 0, match.start()) + 1}: not in the guide: {message}")
	PY
}

check_man() {
	local -a pages
	mapfile -t pages < <(files 'doc/man/*.[1-8]')
	((${#pages[@]})) || skip "no man pages yet"
	need mandoc
	places mandoc -T lint -W warning "${pages[@]}"
}

check_manifests() {
	local -a manifests
	mapfile -t manifests < <(files 'doc/k8s/*.yaml')
	((${#manifests[@]})) || skip "no manifests"
	/usr/bin/python3 -c 'import jsonschema, yaml' 2>/dev/null ||
		skip "python3-jsonschema or python3-yaml is not installed"
	places env PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 devtools/ctl/manifests.py "${manifests[@]}"
}

check_docs() {
	need sphinx-build
	places sphinx-build -q -W --keep-going -b html -d "$temp_dir/doctrees" doc/guides "$temp_dir/html"
}

check_commits() {
	local commit subject body lines not_imperative
	not_imperative='(add(s|ed|ing)|fix(es|ed|ing)|change[sd]|changing|remove[sd]|removing|update[sd]|updating|make[s]'
	not_imperative+='|making|made|use[sd]|using|implement(s|ed|ing)|improve[sd]|improving|move[sd]|moving)'
	git rev-parse -q --verify HEAD >/dev/null || skip "no commits yet"
	while IFS= read -r commit; do
		subject=$(git log -1 --format=%s "$commit")
		body=$(git log -1 --format=%b "$commit")
		[[ $subject =~ ^[a-z0-9][a-z0-9/_.,\ -]*:\ [a-z].*[^.]$ ]] ||
			printf '%.12s: not "area: imperative lower case": %s\n' "$commit" "$subject"
		[[ ! $subject =~ :\ $not_imperative\  ]] ||
			printf '%.12s: not imperative: %s\n' "$commit" "$subject"
		((${#subject} <= 60)) || printf '%.12s: subject of %d characters: %s\n' "$commit" "${#subject}" "$subject"
		grep -qE '^Signed-off-by: .+ <.+@.+>$' <<<"$body" || printf '%.12s: no Signed-off-by: %s\n' "$commit" "$subject"
		lines=$(git show --format= --numstat "$commit" | awk '{ n += $1 + $2 } END { print n + 0 }')
		# A few lines can explain themselves.
		((lines <= 10)) || grep -vE '^[A-Z][A-Za-z-]+: |^$' <<<"$body" | grep -q . ||
			printf '%.12s: no body for %d changed lines: %s\n' "$commit" "$lines" "$subject"
	done < <(git rev-list --no-merges HEAD)
}

# ---- running them

passed=0
failed=0
nr_skipped=0

# run NAME: runs a check, prints its result and counts it.
run() {
	local name=$1 status output
	# Not as part of a condition, in which "set -e" would not hold inside.
	set +e
	output=$(set -e; "check_$name" 2>&1)
	status=$?
	set -e
	if ((status == skipped)); then
		printf 'SKIP  %s: %s\n' "$name" "$(tail -n 1 <<<"$output")"
		((++nr_skipped))
		return
	fi
	((status == 0)) || output+="${output:+$'\n'}check_$name ended with status $status"
	if [[ -n $output ]] && grep -qv '^warning: ' <<<"$output"; then
		printf 'FAIL  %s\n' "$name"
		((++failed))
	else
		printf 'PASS  %s\n' "$name"
		((++passed))
	fi
	[[ -z $output ]] || printf '%s\n' "$output" | sed 's/^/  /'
}

main() {
	local name
	local -a names=()
	while (($#)); do
		case $1 in
		--builddir)
			(($# > 1)) || die "$1 needs a value; see --help"
			build_dir=$(realpath -m "$2")
			shift
			;;
		-h | --help)
			usage
			return 0
			;;
		*)
			[[ " ${checks[*]} " == *" $1 "* ]] || die "$1: no such check; there are: ${checks[*]}"
			names+=("$1")
			;;
		esac
		shift
	done
	((${#names[@]})) || names=("${checks[@]}")
	# Where they cannot be installed, the checks that need them say so.
	(ensure_packages check doc) || note "going on with what is installed"
	# A checkout of another user's, as in a container, is no less to be checked.
	export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=$top_dir
	git -C "$top_dir" rev-parse --is-inside-work-tree >/dev/null || die "$top_dir: not a git checkout"
	cd "$top_dir"
	temp_dir=$(mktemp -d)
	trap 'rm -rf "$temp_dir"' EXIT
	for name in "${names[@]}"; do
		run "$name"
	done
	printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$nr_skipped"
	((failed == 0))
}

build_dir=$top_dir/build
main "$@"
