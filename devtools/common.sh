# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Functions that the scripts in devtools/ share. To be sourced by bash; sets no shell option and does nothing by
# itself. Everything it keeps lies under cache_dir, so that a fresh clone downloads nothing twice.

devtools_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# How old the package lists may be before they are fetched again, in minutes.
apt_lists_max_age_min=1440

# One line of progress. Standard error, so that a script's standard output stays its own.
note() {
	printf '%s: %s\n' "${note_prefix:-${0##*/}}" "$*" >&2
}

# Ends the script with $die_status (1 unless set). Say what failed, why, and what to do about it.
die() {
	note "error: $*"
	exit "${die_status:-1}"
}

# step WHAT LOG CMD...: runs CMD with its output in the file LOG; one line of progress, and the log's end on failure.
step() {
	local what=$1 log=$2 start=$SECONDS status=0
	shift 2
	note "$what ..."
	mkdir -p "$(dirname "$log")"
	"$@" >"$log" 2>&1 </dev/null || status=$?
	if ((status)); then
		tail -n 20 "$log" | sed 's/^/  | /' >&2
		note "$what: failed with status $status after $((SECONDS - start)) s; the whole output is in $log"
		return "$status"
	fi
	note "$what: done in $((SECONDS - start)) s"
}

# Prints the directory for downloads and what is made of them, and makes it.
cache_dir() {
	local dir="${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/dpdk-sriov"
	mkdir -p "$dir" || die "$dir: cannot be made; set XDG_CACHE_HOME to a directory that you can write to"
	printf '%s\n' "$dir"
}

# with_lock NAME CMD...: runs CMD while no other process of this user runs one under the same NAME.
with_lock() {
	local lock status=0
	lock="$(cache_dir)/.lock-$1"
	shift
	(
		flock -w 1800 9 || die "$lock: held by another run for 30 minutes; end that run and try again"
		"$@" 9>&-
	) 9>"$lock" || status=$?
	return "$status"
}

# build_option DIRECTORY NAME: prints what an option of a build directory is set to, or nothing.
build_option() {
	local intro=$1/meson-info/intro-buildoptions.json
	[[ -e $1/build.ninja && -r $intro ]] || return 0
	python3 -c '
import json, sys
print(next((o["value"] for o in json.load(open(sys.argv[1])) if o["name"] == sys.argv[2]), ""))' "$intro" "$2"
}

# ---- the list of packages

# package_names GROUP...: prints the entries of these groups of packages.list, one a line.
package_names() {
	local group
	for group; do
		grep -q "^$group " "$devtools_dir/packages.list" ||
			die "packages.list: no group \"$group\"; it has: $(package_groups)"
	done
	awk -v groups=" $* " 'index(groups, " " $1 " ") { print $2 }' "$devtools_dir/packages.list" | sort -u
}

# Prints the groups of packages.list in one line.
package_groups() {
	awk '/^[a-z]/ { print $1 }' "$devtools_dir/packages.list" | sort -u | paste -sd ' '
}

package_installed() {
	# One line for each architecture that the package is installed for; a foreign one does not count.
	# shellcheck disable=SC2016 # the ${NAME}s are dpkg-query's
	dpkg-query -W -f='${Architecture} ${db:Status-Status}\n' "$1" 2>/dev/null |
		grep -qxE "(all|$(dpkg --print-architecture)) installed"
}

package_available() {
	apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'
}

# Prints the entries given that are not installed; of "a|b" one that can be, or else a.
packages_missing() {
	local entry name choice
	local -a names
	for entry; do
		IFS='|' read -ra names <<<"$entry"
		choice=
		for name in "${names[@]}"; do
			package_installed "$name" && continue 2
			[[ -z $choice ]] && package_available "$name" && choice=$name
		done
		printf '%s\n' "${choice:-${names[0]}}"
	done
}

apt_lists_fresh() {
	local lists name
	lists=$(apt-config shell dir Dir::State::lists/d | sed "s/^dir='\(.*\)'$/\1/")
	[[ -n $(find "$lists" -maxdepth 1 -name '*Packages*' -print -quit 2>/dev/null) ]] || return 1
	[[ -n $(find "$lists" -maxdepth 1 -mmin "-$apt_lists_max_age_min" -print -quit) ]] || return 1
	for name; do
		package_available "$name" || return 1
	done
}

packages_update_lists() {
	local log
	log="$(cache_dir)/logs/apt-update.log"
	# An unrelated source that cannot be reached fails the update of Debian's no less: what counts is whether the
	# packages are there afterwards, which apt-get install tells.
	step "apt-get update" "$log" apt-get update ||
		note "going on with the package lists that could be had"
}

packages_install() {
	DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "$@"
}

packages_install_missing() {
	local -a entries missing
	local log
	mapfile -t entries < <(package_names "$@")
	mapfile -t missing < <(packages_missing "${entries[@]}")
	((${#missing[@]})) || return 0
	((EUID == 0)) || die "these Debian packages are missing: ${missing[*]}. Install them as root:" \
		"apt-get update && apt-get install --no-install-recommends ${missing[*]}"
	if ! apt_lists_fresh "${missing[@]}"; then
		packages_update_lists
		mapfile -t missing < <(packages_missing "${entries[@]}")
	fi
	log="$(cache_dir)/logs/apt-install.log"
	step "installing ${missing[*]}" "$log" packages_install "${missing[@]}" && return 0
	# A list fetched before a point release names versions that the mirror no longer has.
	packages_update_lists
	step "installing once more" "$log" packages_install "${missing[@]}" ||
		die "cannot install ${missing[*]} (groups: $*): see $log; this tree needs the main component of" \
			"Debian $(os_codename) in apt's sources"
}

# ensure_packages GROUP...: installs what is missing of these groups of packages.list; needs root only if something is.
ensure_packages() {
	local names
	local -a entries missing
	names=$(package_names "$@") || exit "$?"
	mapfile -t entries <<<"$names"
	mapfile -t missing < <(packages_missing "${entries[@]}")
	((${#missing[@]})) || return 0
	with_lock packages packages_install_missing "$@" || exit "$?"
}

# ---- a private apt

# Prints the codename of the running release, for example bookworm.
os_codename() {
	local name
	# shellcheck source=/dev/null
	name=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
	printf '%s\n' "${name:-unknown}"
}

# Prints the addresses from which apt has the suite CODENAME of the archive LABEL, of those that this machine uses.
apt_archive_uris() {
	local label=$1 codename=$2
	# shellcheck disable=SC2016 # the $(NAME)s are apt's
	apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(CODENAME)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		awk -F '|' -v label="$label" -v codename="$codename" \
			'$1 == "Debian" && $2 == label && $3 == codename && !seen[$4]++ { print $4 }'
}

apt_source_stanza() {
	local uri=$1 keyring=$2
	shift 2
	printf 'Types: deb deb-src\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n\n' "$uri" "$*" "$keyring"
}

# A further suite for apt_private, for example sid: set it before the first call. Its lists and caches are kept apart.
apt_private_suite=

apt_private_dir() {
	printf '%s\n' "$(cache_dir)/apt${apt_private_suite:+-$apt_private_suite}"
}

# Prints the private list of sources: the release, its updates and security archive, and its backports, with their
# source packages, from the mirror that the user's apt has the release from.
apt_private_sources() {
	local codename main security keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	codename=$(os_codename)
	main=$(apt_archive_uris Debian "$codename" | head -n 1)
	security=$(apt_archive_uris Debian-Security "$codename-security" | head -n 1)
	[[ -n $main ]] || return 1
	[[ -r $keyring ]] || die "$keyring: not there; install the package debian-archive-keyring"
	apt_source_stanza "$main" "$keyring" "$codename" "$codename-updates" "$codename-backports" \
		${apt_private_suite:+"$apt_private_suite"}
	if [[ -n $security ]]; then
		apt_source_stanza "$security" "$keyring" "$codename-security"
	fi
}

# Prints the private apt.conf. It is read after the user's (proxies and the like stay in force) and replaces only where
# sources, lists, archives and preferences lie.
apt_private_conf() {
	local dir=$1
	cat <<-CONF
	#clear APT::Update::Pre-Invoke;
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	#clear APT::Default-Release;
	Dir::Etc::sourcelist "/dev/null";
	Dir::Etc::sourceparts "$dir/sources";
	Dir::Etc::preferences "/dev/null";
	Dir::Etc::preferencesparts "/dev/null";
	Dir::State::lists "$dir/lists/";
	Dir::Cache "$dir/cache/";
	// Downloads lie below the user's home, which apt's own user may not enter; apt would say so and go on the same way.
	APT::Sandbox::User "$(id -un)";
	CONF
}

# Fetches the private package lists unless those there are recent and of the same sources.
apt_private_update() {
	local dir sources
	dir=$(apt_private_dir)
	mkdir -p "$dir/sources" "$dir/lists/partial" "$dir/cache/archives/partial"
	sources=$(apt_private_sources) || {
		# A fresh machine or container has no lists yet, and without them apt does not know which source is which.
		((EUID == 0)) || die "apt has no package lists; run as root: apt-get update"
		packages_update_lists
		sources=$(apt_private_sources) || die "none of apt's sources has Debian $(os_codename)'s main archive;" \
			"add one to /etc/apt/sources.list.d and run apt-get update (this tree supports Debian)"
	}
	apt_private_conf "$dir" >"$dir/apt.conf"
	if [[ -e $dir/updated && $sources == "$(cat "$dir/sources/debian.sources" 2>/dev/null)" &&
		-n $(find "$dir/updated" -mmin "-$apt_lists_max_age_min") && ${1:-} != force ]]; then
		return 0
	fi
	printf '%s\n' "$sources" >"$dir/sources/debian.sources"
	if step "fetching package lists ($(os_codename), backports and sources)" "$(cache_dir)/logs/apt-private-update.log" \
		apt-get -c "$dir/apt.conf" -o APT::Update::Error-Mode=any update; then
		touch "$dir/updated"
	elif [[ -e $dir/updated ]]; then
		note "going on with the package lists of $(date -r "$dir/updated" '+%Y-%m-%d %H:%M')"
	else
		die "the package lists of Debian $(os_codename)-backports${apt_private_suite:+ and $apt_private_suite} cannot be" \
			"had from the mirror that apt uses; check the network, and that the mirror carries these suites"
	fi
}

# apt_private ARGS...: apt-get with the release, its backports and their source packages, on lists, caches and
# preferences of its own: neither the user's configuration nor what is installed changes, so it is for download,
# source, indextargets and simulations (-s). "apt_private update" fetches the lists anew.
apt_private() {
	if [[ ${1:-} == update ]]; then
		with_lock apt apt_private_update force || exit "$?"
		return 0
	fi
	with_lock apt apt_private_update || exit "$?"
	apt-get -c "$(apt_private_dir)/apt.conf" "$@"
}

# apt_private_cache ARGS...: apt-cache likewise (policy, show, madison, ...).
apt_private_cache() {
	with_lock apt apt_private_update || exit "$?"
	apt-cache -c "$(apt_private_dir)/apt.conf" "$@"
}
