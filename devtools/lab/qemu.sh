# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Finds a QEMU that emulates the 82576 (-device igb, QEMU 8.0 and later), or fetches one. To be sourced after common.sh.
# A fetched QEMU is unpacked in the cache with every library it needs, and never installed.

# shellcheck disable=SC2034 # qemu_data_options is run.sh's
#
# Set by qemu_find: the command (QEMU, with what it takes to start it), its data directories as -L options, its version.
qemu_command=()
qemu_data_options=()
qemu_version=

# Where a QEMU is fetched from, best first: Debian 13 has the fixes of 10.0's later releases (see qemu_is_faulty); a mirror
# of one release alone has its backports.
qemu_suites() {
	printf '%s\n' trixie "$(os_codename)-backports"
}

# Whether CMD... is a QEMU that runs and has igb.
qemu_has_igb() {
	"$@" -device help 2>/dev/null | grep -q '^name "igb"'
}

# Prints the version of the QEMU CMD...
qemu_version_of() {
	"$@" --version 2>/dev/null | sed -n 's/^QEMU.* version \([0-9.]*\).*/\1/p'
}

# Whether a version of QEMU has faults that the lab meets:
#  - VF BARs at and above 4 GiB are unreachable (10.0.0 to 10.0.5, and 10.1.0): the VF's registers read as nothing, so its
#    mailbox never answers;
#  - under TCG a processor uses a map of the machine that has been freed, when VFs come and go: an assertion fails
#    (iotlb_to_section), or an access ends elsewhere and a processor gets no more interrupts. measured: 10.0.2 in two of two
#    runs of vfio_abi.sh, 10.0.13 in none of four.
qemu_is_faulty() {
	case $1 in
	10.0.[0-5] | 10.0 | 10.1.0 | 10.1) return 0 ;;
	*) return 1 ;;
	esac
}

# Fills qemu_command and qemu_data_options for a QEMU unpacked in DIR. It runs on the libraries and the loader beside it.
qemu_use_unpacked() {
	local dir=$1 loader
	# Older releases have it outside of /usr.
	loader=$dir/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
	[[ -e $loader ]] || loader=$dir/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
	qemu_command=(env "QEMU_MODULE_DIR=$dir/usr/lib/x86_64-linux-gnu/qemu" "$loader" --library-path
		"$dir/usr/lib/x86_64-linux-gnu:$dir/lib/x86_64-linux-gnu" "$dir/usr/bin/qemu-system-x86_64")
	qemu_data_options=(-L "$dir/usr/share/qemu" -L "$dir/usr/share/seabios")
}

# qemu_packages SUITE: prints "name version" for QEMU and everything that it needs.
qemu_packages() {
	# On an empty status file, so that what is installed does not sway the result.
	apt_private -s -o Dir::State::status=/dev/null --no-install-recommends -t "$1" install qemu-system-x86 |
		sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1 \2/p'
}

# qemu_download DIR SUITE: QEMU's packages, and its version as the file "version".
qemu_download() (
	local list name version
	local -a wanted=()
	# In this shell only: the kernels come from the release.
	[[ $2 == "$(os_codename)-backports" || $2 == "$(os_codename)" ]] || apt_private_suite=$2
	list=$(qemu_packages "$2")
	while read -r name version; do
		wanted+=("$name=$version")
		# dpkg's versions hold characters that do not belong in a path.
		[[ $name != qemu-system-x86 ]] || printf '%s\n' "${version#*:}" | tr '~:' __ >"$1/version"
	done <<<"$list"
	if [[ ! -s $1/version ]]; then
		printf '%s has no qemu-system-x86\n' "$2"
		return 1
	fi
	cd "$1" || return 1
	apt_private download "${wanted[@]}"
)

# Unpacks the best QEMU that can be had under ROOT.
qemu_fetch() {
	local root=$1 suite work log deb found=
	log="$(cache_dir)/logs/qemu.log"
	work=$(mktemp -d "$root/.new-XXXXXX")
	mkdir "$work/tree"
	for suite in $(qemu_suites); do
		rm -rf "$work/debs"
		mkdir "$work/debs"
		if step "downloading QEMU and what it needs, from Debian's $suite" "$log" qemu_download "$work/debs" "$suite"; then
			found=$suite
			break
		fi
	done
	[[ -n $found ]] || die "cannot download QEMU from any of: $(qemu_suites | paste -sd ' '); see $log, or put a" \
		"qemu-system-x86_64 that has the igb device (QEMU 8.0 and later) on PATH"
	# Guests may be running on it.
	if [[ -e $root/$(cat "$work/debs/version")/complete ]]; then
		rm -rf "$work"
		return 0
	fi
	for deb in "$work"/debs/*.deb; do
		dpkg-deb -x "$deb" "$work/tree" || die "$deb: cannot be unpacked; remove $root and try again"
	done
	qemu_use_unpacked "$work/tree"
	qemu_has_igb "${qemu_command[@]}" || {
		"${qemu_command[@]}" --version >&2 || true
		die "the QEMU unpacked in $work/tree does not run here or has no igb device (QEMU 8.0 and later have it);" \
			"remove $root, or put a qemu-system-x86_64 that has it on PATH"
	}
	qemu_version_of "${qemu_command[@]}" >"$work/tree/complete"
	note "unpacked QEMU $(cat "$work/tree/complete")"
	rm -rf "${root:?}/$(cat "$work/debs/version")"
	mv -T "$work/tree" "$root/$(cat "$work/debs/version")"
	rm -rf "$work"
}

# Prints the newest complete QEMU unpacked under ROOT.
qemu_newest_unpacked() {
	local complete
	complete=$(find "$1" -mindepth 2 -maxdepth 2 -name complete 2>/dev/null | sort -V | tail -n 1)
	[[ -n $complete ]] && dirname "$complete"
}

# Whether the QEMU on PATH has igb.
qemu_is_installed() {
	command -v qemu-system-x86_64 >/dev/null && qemu_has_igb qemu-system-x86_64
}

# Sets qemu_command to one that the cache has, or can get.
qemu_use_cache() {
	local refresh=$1 root dir
	root="$(cache_dir)/emulator"
	mkdir -p "$root"
	if [[ -n $refresh ]] || ! qemu_newest_unpacked "$root" >/dev/null; then
		with_lock qemu qemu_fetch "$root" || return 1
	fi
	dir=$(qemu_newest_unpacked "$root") || die "$root: no QEMU there after all; remove it and try again"
	qemu_use_unpacked "$dir"
}

# qemu_find [refresh]: sets qemu_command and so on to a QEMU with igb: that on PATH, or one in the cache, fetched if need
# be or if a newer one is asked for. One on PATH that has faults is for where no other can be had.
qemu_find() {
	local refresh=${1:-}
	qemu_command=(qemu-system-x86_64)
	qemu_data_options=()
	if ! qemu_is_installed; then
		qemu_use_cache "$refresh" || exit 1
	elif qemu_is_faulty "$(qemu_version_of qemu-system-x86_64)"; then
		qemu_use_cache "$refresh" || note "going on with the QEMU on PATH"
	fi
	qemu_version=$(qemu_version_of "${qemu_command[@]}")
	[[ -n $qemu_version ]] || die "${qemu_command[*]}: does not run; remove $(cache_dir)/emulator and try again"
	! qemu_is_faulty "$qemu_version" || note "QEMU $qemu_version has faults that end a run now and then (qemu_is_faulty in" \
		"devtools/lab/qemu.sh); 10.0.6 and 10.2 have not"
}
