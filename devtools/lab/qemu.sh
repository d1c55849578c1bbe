# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Finds a QEMU that emulates the 82576 (-device igb, QEMU 8.0 and later), or fetches one. To be sourced after common.sh.
# A fetched QEMU is unpacked in the cache and never installed: the QEMU and the libraries of the machine stay as they are.

# shellcheck disable=SC2034 # qemu_data_options is run.sh's
#
# Set by qemu_find: the command (QEMU, with what it takes to start it), its data directories as -L options, its version.
qemu_command=()
qemu_data_options=()
qemu_version=

# Whether CMD... is a QEMU that runs and has igb.
qemu_has_igb() {
	"$@" -device help 2>/dev/null | grep -q '^name "igb"'
}

# Fills qemu_command and qemu_data_options for a QEMU unpacked in DIR.
qemu_use_unpacked() {
	local dir=$1 libraries
	# Libraries of the release that the machine lacks are unpacked beside QEMU; all others are the machine's.
	libraries="$dir/usr/lib/x86_64-linux-gnu:$dir/lib/x86_64-linux-gnu"
	qemu_command=(env "LD_LIBRARY_PATH=$libraries" "QEMU_MODULE_DIR=$dir/usr/lib/x86_64-linux-gnu/qemu"
		"$dir/usr/bin/qemu-system-x86_64")
	qemu_data_options=(-L "$dir/usr/share/qemu" -L "$dir/usr/share/seabios")
}

# Prints "name version" for QEMU and everything that it needs and this machine lacks.
qemu_packages() {
	local simulation name version
	# On an empty status file, so that an installed, older QEMU and what depends on it do not sway the result.
	simulation=$(apt_private -s -o Dir::State::status=/dev/null --no-install-recommends \
		-t "$(os_codename)-backports" install qemu-system-x86) || return 1
	while read -r name version; do
		case $name in
		qemu-* | seabios) ;;
		*) package_installed "$name" && continue ;;
		esac
		printf '%s %s\n' "$name" "$version"
	done < <(sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1 \2/p' <<<"$simulation")
}

qemu_download() {
	local dir=$1 list=$2 name version
	local -a wanted=()
	while read -r name version; do
		wanted+=("$name=$version")
	done <<<"$list"
	(cd "$dir" && apt_private download "${wanted[@]}")
}

# Unpacks the newest QEMU of the release's backports under ROOT.
qemu_fetch() {
	local root=$1 list version work log deb
	log="$(cache_dir)/logs/qemu.log"
	list=$(qemu_packages) || die "no qemu-system-x86 that can be installed in Debian $(os_codename) or its backports"
	version=$(awk '$1 == "qemu-system-x86" { print $2 }' <<<"$list")
	# dpkg's versions hold characters that do not belong in a library path.
	version=${version#*:}
	[[ -e $root/${version//[:~]/_}/complete ]] && return 0
	work=$(mktemp -d "$root/.new-XXXXXX")
	mkdir "$work/debs" "$work/tree"
	step "downloading QEMU $version and $(($(wc -l <<<"$list") - 1)) packages it needs" "$log" \
		qemu_download "$work/debs" "$list" || die "cannot download QEMU: see $log"
	note "unpacking QEMU $version"
	for deb in "$work"/debs/*.deb; do
		dpkg-deb -x "$deb" "$work/tree" || die "$deb: cannot be unpacked; remove $root and try again"
	done
	qemu_use_unpacked "$work/tree"
	qemu_has_igb "${qemu_command[@]}" || {
		"${qemu_command[@]}" --version >&2 || true
		die "the QEMU $version unpacked in $work/tree does not run here or has no igb device (QEMU 8.0 and later" \
			"have it); remove $root, or put a qemu-system-x86_64 that has it on PATH"
	}
	printf '%s\n' "$version" >"$work/tree/complete"
	mv -T "$work/tree" "$root/${version//[:~]/_}"
	rm -rf "$work"
}

# Prints the newest complete QEMU unpacked under ROOT.
qemu_newest_unpacked() {
	local complete
	complete=$(find "$1" -mindepth 2 -maxdepth 2 -name complete 2>/dev/null | sort -V | tail -n 1)
	[[ -n $complete ]] && dirname "$complete"
}

# qemu_find [refresh]: sets qemu_command and so on to a QEMU with igb: that on PATH, or one in the cache, fetched if need
# be or if a newer one is asked for.
qemu_find() {
	local refresh=${1:-} root dir
	if command -v qemu-system-x86_64 >/dev/null && qemu_has_igb qemu-system-x86_64; then
		qemu_command=(qemu-system-x86_64)
		qemu_data_options=()
	else
		root="$(cache_dir)/qemu"
		mkdir -p "$root"
		if [[ -n $refresh ]] || ! qemu_newest_unpacked "$root" >/dev/null; then
			with_lock qemu qemu_fetch "$root" || exit "$?"
		fi
		dir=$(qemu_newest_unpacked "$root") || die "$root: no QEMU there after all; remove it and try again"
		qemu_use_unpacked "$dir"
	fi
	qemu_version=$("${qemu_command[@]}" --version | sed -n 's/.*version \([0-9.]*\).*/\1/p')
	[[ -n $qemu_version ]] || die "${qemu_command[*]}: does not run; remove $(cache_dir)/qemu and try again"
}

# Whether this QEMU leaves VF BARs at and above 4 GiB unreachable (10.0.0 to 10.0.5, and 10.1.0): the VF's registers
# read as nothing, so its mailbox never answers.
qemu_needs_low_vf_bars() {
	case $qemu_version in
	10.0.[0-5] | 10.0 | 10.1.0 | 10.1) return 0 ;;
	*) return 1 ;;
	esac
}
