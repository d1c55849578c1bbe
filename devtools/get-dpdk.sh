#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Obtains the source of a DPDK LTS, checks it, applies our hook patches and links our directories into it, all in
# subprojects/dpdk-<lts>/. What is pinned stands in subprojects/dpdk-<lts>.wrap.

set -euo pipefail

# shellcheck source=devtools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
	cat <<-EOT
	usage: ${0##*/} [--lts 22.11|24.11|25.11|auto] [--source TARBALL|DIRECTORY] [--unverified]

	Makes subprojects/dpdk-<lts>/ or brings it up to date, and prints the LTS.

	  --lts LTS       the DPDK to build on; auto (default): the one that the distribution carries
	  --source PATH   a DPDK release tarball, an unpacked one, or a git checkout of the release's tag.
	                  Without it: a tarball in the cache or in subprojects/packagecache, the
	                  distribution's source package, dpdk.org
	  --unverified    build on a source that is not the pinned release
	EOT
}

top_dir=$(cd "$devtools_dir/.." && pwd)
sub_dir=$top_dir/subprojects

# Counts up when a tree that an older version of this script made must be made anew.
tree_format=1

# Our directory and the link to it in DPDK's tree. Those that have no meson.build yet are left out.
overlays=(
	'app/sriovctl app/sriovctl'
	'app/sriovd app/sriovd'
	'app/test app/test/sriov'
	'drivers/net/i82576 drivers/net/i82576'
	'lib/eal lib/eal/vfio_token'
	'lib/sriov lib/sriov'
)

lts_list() {
	local wrap
	for wrap in "$sub_dir"/dpdk-*.wrap; do
		wrap=${wrap##*/dpdk-}
		printf '%s\n' "${wrap%.wrap}"
	done
}

# wrap_get LTS KEY: prints the value of a key of the wrap file, or nothing.
wrap_get() {
	sed -n "s/^$2 *= *//p" "$sub_dir/dpdk-$1.wrap" | head -n 1
}

# Prints the hook patches of an LTS, in order.
hooks_of() {
	local hook
	for hook in $(wrap_get "$1" diff_files | tr ',' ' '); do
		[[ -r $sub_dir/packagefiles/$hook ]] ||
			die "subprojects/packagefiles/$hook: not there, though dpdk-$1.wrap names it; restore it with git"
		printf '%s\n' "$sub_dir/packagefiles/$hook"
	done
}

# What a tree must have been made from to be up to date.
tree_key() {
	local lts=$1 hooks hook
	hooks=$(hooks_of "$lts") || exit 1
	{
		printf 'format %s\n' "$tree_format"
		cat "$sub_dir/dpdk-$lts.wrap"
		while read -r hook; do
			cat "$hook"
		done <<<"$hooks"
	} | sha256sum | cut -d ' ' -f 1
}

stamp_get() {
	sed -n "s/^$2=//p" "$sub_dir/dpdk-$1/.dpdk-sriov-stamp" 2>/dev/null || true
}

# ---- which LTS

# Prints the LTS that the distribution carries, and says how that was found out.
lts_auto() {
	local version id lts
	# shellcheck source=/dev/null
	id=$(. /etc/os-release && printf '%s %s' "${ID:-unknown}" "${VERSION_ID:-}")
	version=$(apt-cache policy dpdk 2>/dev/null | sed -n 's/^ *Candidate: //p' || true)
	for lts in $(lts_list); do
		if [[ $version =~ ^([0-9]+:)?$lts([.~+-]|$) ]]; then
			note "DPDK $lts, as the distribution carries dpdk $version"
			printf '%s\n' "$lts"
			return
		fi
	done
	case $id in
	'debian 12') lts=22.11 ;;
	'debian 13') lts=24.11 ;;
	*) lts=$(lts_list | tail -n 1) ;;
	esac
	note "DPDK $lts for $id (apt knows no dpdk of an LTS that this tree has hooks for); choose another with --lts"
	printf '%s\n' "$lts"
}

# ---- what a source is

# manifest DIR: one line for each file: executable or not, hash of the content, name; for a link its target. The same
# for a release tarball, a git archive of its tag and a checkout.
manifest() {
	(
		cd "$1"
		export LC_ALL=C
		local -a own=(! -path './.dpdk-sriov-*' ! -path '*/__pycache__/*')
		{
			find . -type f ! -perm -u=x "${own[@]}" -print0 | xargs -0 -r sha256sum | sed 's/^/- /'
			find . -type f -perm -u=x "${own[@]}" -print0 | xargs -0 -r sha256sum | sed 's/^/x /'
			find . -type l -printf 'l %l  %p\n'
		} | sort -k 3
	)
}

# unpack SOURCE DIR: unpacks a tarball, or copies a directory; of a git checkout only what git tracks.
unpack() {
	local source=$1 dir=$2
	mkdir "$dir" || return 1
	if [[ -f $source ]]; then
		tar -x -f "$source" -C "$dir" --strip-components=1 --no-same-owner || {
			note "$source: cannot be unpacked; is it whole, and a tarball?"
			return 1
		}
	elif [[ -e $source/.git ]]; then
		git -c safe.directory='*' -C "$source" ls-files -z |
			tar -c -C "$source" --null --no-recursion -T - | tar -x -C "$dir" --no-same-owner || {
			note "$source: this git checkout cannot be copied; see git status there"
			return 1
		}
	else
		tar -c -C "$source" . | tar -x -C "$dir" --no-same-owner || return 1
	fi
	[[ -r $dir/VERSION && -r $dir/lib/eal/meson.build ]] || {
		note "$source: not a DPDK source (no VERSION or no lib/eal in it); give a DPDK release"
		return 1
	}
}

# verify LTS DIR ORIGIN: prints how the source in DIR is known to be good, or fails with the reason on standard error.
verify() {
	local lts=$1 dir=$2 origin=$3 version pinned hash
	version=$(cat "$dir/VERSION")
	pinned=$(wrap_get "$lts" version)
	[[ $version == "$lts".* ]] || {
		note "this is DPDK $version, not a release of $lts; choose it with --lts, or give another source"
		return 1
	}
	hash=$(manifest "$dir" | sha256sum | cut -d ' ' -f 1)
	if [[ $hash == "$(wrap_get "$lts" content_hash)" ]]; then
		printf 'content hash\n'
	elif [[ $origin == apt ]]; then
		[[ $version == "$pinned" ]] ||
			note "the distribution carries DPDK $version (pinned: $pinned); apt has verified it, and it is used if all hooks apply"
		printf 'apt\n'
	elif ((allow_unverified)); then
		note "WARNING: building on a source that nobody has verified (DPDK $version, content hash $hash)"
		printf 'nothing\n'
	else
		note "its content is not that of DPDK $pinned (content hash $hash, not $(wrap_get "$lts" content_hash));" \
			"give an unmodified DPDK $pinned, or add --unverified to build on this one"
		return 1
	fi
}

# ---- where a source comes from

# Prints the tarballs of an LTS that are at hand, the pinned ones first.
tarballs_at_hand() {
	local lts=$1 version dir
	version=$(wrap_get "$lts" version)
	for dir in "$sub_dir/packagecache" "$(cache_dir)/dpdk"; do
		[[ -d $dir ]] || continue
		find "$dir" -maxdepth 1 -type f \
			\( -name "dpdk-$version.tar.*" -o -name "dpdk_$version.orig.tar.*" \) ! -name '*.asc'
	done
	dir=$(cache_dir)/dpdk
	[[ -d $dir ]] || return 0
	find "$dir" -maxdepth 1 -type f -name "dpdk_$lts*.orig.tar.*" ! -name '*.asc' ! -name "dpdk_$version.orig.*" |
		sort -rV
}

# A tarball that apt has downloaded is known by its hash, as the cache can be written to by others than apt.
apt_verified() {
	local list
	list="$(cache_dir)/dpdk/verified-by-apt"
	[[ -r $list ]] && grep -q "^$(sha256sum <"$1" | cut -d ' ' -f 1) " "$list"
}

# Prints the tarball of the distribution's source package, having downloaded it.
fetch_from_apt() {
	local lts=$1 dir version tarball
	dir=$(cache_dir)/dpdk
	mkdir -p "$dir"
	version=$(apt_private_cache showsrc dpdk | sed -n 's/^Version: //p' |
		grep -E "^([0-9]+:)?$lts([.~+-]|$)" | sort -rV | head -n 1) || true
	[[ -n $version ]] || {
		note "apt knows no source package of DPDK $lts"
		return 1
	}
	# shellcheck disable=SC2031 # the directory matters only to apt-get
	(cd "$dir" && step "downloading the source package of dpdk $version" "$(cache_dir)/logs/apt-source.log" \
		apt_private source --only-source --download-only "dpdk=$version") || return 1
	tarball=$(find "$dir" -maxdepth 1 -name "dpdk_${version%-*}.orig.tar.*" ! -name '*.asc' | head -n 1)
	[[ -n $tarball ]] || {
		note "the source package of dpdk $version has no upstream tarball"
		return 1
	}
	apt_verified "$tarball" || sha256sum "$tarball" >>"$dir/verified-by-apt"
	printf '%s\n' "$tarball"
}

# Prints the tarball of dpdk.org, having downloaded it.
fetch_from_dpdk_org() {
	local lts=$1 dir url file pinned
	dir=$(cache_dir)/dpdk
	mkdir -p "$dir"
	url=$(wrap_get "$lts" source_url)
	file=$dir/$(wrap_get "$lts" source_filename)
	if type curl >/dev/null 2>&1; then
		step "downloading $url" "$(cache_dir)/logs/dpdk-org.log" \
			curl -fsSL --connect-timeout 20 --retry 2 -o "$file.part" "$url" || return 1
	elif type wget >/dev/null 2>&1; then
		step "downloading $url" "$(cache_dir)/logs/dpdk-org.log" \
			wget -nv --timeout=20 --tries=2 -O "$file.part" "$url" || return 1
	else
		note "neither curl nor wget is there to download $url; install curl and ca-certificates"
		return 1
	fi
	pinned=$(wrap_get "$lts" source_hash)
	if [[ -n $pinned && $(sha256sum <"$file.part" | cut -d ' ' -f 1) != "$pinned" ]]; then
		rm -f "$file.part"
		note "$url: not the tarball that dpdk-$lts.wrap pins (sha256); was it downloaded whole?"
		return 1
	fi
	mv "$file.part" "$file"
	printf '%s\n' "$file"
}

# obtain LTS SOURCE DIR: a verified source in DIR; sets obtained_from and obtained_by.
obtain() {
	local lts=$1 source=$2 dir=$3 tarball origin
	if [[ -n $source ]]; then
		[[ -e $source ]] || die "$source: not there; --source takes a tarball or a directory of DPDK $lts"
		obtained_from=$source
		origin=user
		[[ ! -f $source ]] || ! apt_verified "$source" || origin=apt
		if ! unpack "$source" "$dir" || ! obtained_by=$(verify "$lts" "$dir" "$origin"); then
			die "$source: refused as the source of DPDK $lts"
		fi
		return
	fi
	while read -r tarball; do
		origin=cache
		! apt_verified "$tarball" || origin=apt
		obtained_from=$tarball
		if unpack "$tarball" "$dir" && obtained_by=$(verify "$lts" "$dir" "$origin"); then
			return
		fi
		note "$tarball: passed over"
		rm -rf "$dir"
	done < <(tarballs_at_hand "$lts")
	# In a subshell: a failure of apt's lists must not end this script.
	if tarball=$(fetch_from_apt "$lts"); then
		origin=apt
	elif tarball=$(fetch_from_dpdk_org "$lts"); then
		origin=dpdk.org
	else
		die "no source of DPDK $lts: none given, none in the cache, and neither the distribution's mirror nor dpdk.org" \
			"has delivered it (above). Put $(wrap_get "$lts" source_filename) into subprojects/packagecache/, or give" \
			"--source with a tarball or a checkout of v$(wrap_get "$lts" version)"
	fi
	obtained_from=$tarball
	if ! unpack "$tarball" "$dir" || ! obtained_by=$(verify "$lts" "$dir" "$origin"); then
		die "$tarball: refused as the source of DPDK $lts"
	fi
}

# ---- the tree

apply_hooks() {
	local lts=$1 dir=$2 hooks hook log
	hooks=$(hooks_of "$lts") || exit 1
	log=$(cache_dir)/logs/hooks-$lts.log
	mkdir -p "${log%/*}"
	: >"$log"
	while read -r hook; do
		# No fuzz: a hook that has to be guessed into its place may call from the wrong one.
		patch -d "$dir" -p1 -F0 --no-backup-if-mismatch --batch <"$hook" >>"$log" 2>&1 || {
			tail -n 20 "$log" | sed 's/^/  | /' >&2
			die "${hook#"$top_dir"/}: does not apply to DPDK $(cat "$dir/VERSION"); give DPDK" \
				"$(wrap_get "$lts" version) with --source, or adapt the hook"
		}
	done <<<"$hooks"
}

# Gives files that are as they were their old time, and all others the present, so that ninja compiles what changed and
# nothing else, whatever the times in the tarball are.
set_times() {
	local old=$1 new=$2
	find "$new" -type f -exec touch {} +
	[[ -r $old/.dpdk-sriov-manifest ]] || return 0
	LC_ALL=C comm -12 <(LC_ALL=C sort "$old/.dpdk-sriov-manifest") <(LC_ALL=C sort "$new/.dpdk-sriov-manifest") |
		sed -n 's/^[-x] [0-9a-f]*  //p' |
		tar -c -C "$old" --format=posix --verbatim-files-from -T - | tar -x -C "$new"
}

# Refuses to throw away changes that someone made in the tree, for example to a hook under development.
refuse_local_changes() {
	local tree=$1 changed
	[[ -d $tree ]] || return 0
	[[ -r $tree/.dpdk-sriov-manifest ]] ||
		die "$tree: there, but not made by ${0##*/}; move it away or remove it, and give it with --source if it is to be used"
	changed=$(manifest_without_links "$tree" | diff "$tree/.dpdk-sriov-manifest" - | sed -n 's/^[<>] . [^ ]*  //p' |
		sort -u | head -n 5 | paste -sd ' ')
	[[ -z $changed ]] ||
		die "$tree: is out of date (its wrap, its hooks or the source changed), but has local changes, too: $changed." \
			"Save them as a hook patch in subprojects/packagefiles/ if they are wanted, then remove the directory"
}

manifest_without_links() {
	local overlay pattern=
	for overlay in "${overlays[@]}"; do
		pattern+="|  \\./${overlay#* }\$"
	done
	manifest "$1" | grep -Ev "${pattern#|}"
}

# Links our directories into the tree; touches DPDK's list where one came or went, so that ninja configures again.
link_overlays() {
	local tree=$1 overlay ours link target list
	for overlay in "${overlays[@]}"; do
		ours=${overlay% *}
		link=${overlay#* }
		list=$tree/${link%/*}/meson.build
		target=../..$(printf '%s' "/${link%/*}" | sed 's,/[^/]*,/..,g')/$ours
		if [[ -e $top_dir/$ours/meson.build ]]; then
			[[ $(readlink "$tree/$link" 2>/dev/null || true) != "$target" ]] || continue
			ln -sfn "$target" "$tree/$link"
			touch "$list"
		elif [[ -L $tree/$link ]]; then
			rm "$tree/$link"
			touch "$list"
		fi
	done
}

make_tree() {
	local lts=$1 source=$2 tree=$sub_dir/dpdk-$1 obtained_from='' obtained_by=''
	ensure_packages build
	# What a killed run left. The lock is ours.
	rm -rf "$sub_dir"/.get-dpdk.*
	if [[ ! -d $tree && -d $tree.old ]]; then
		mv "$tree.old" "$tree"
	fi
	rm -rf "$tree.old"
	refuse_local_changes "$tree"
	temp_dir=$(mktemp -d "$sub_dir/.get-dpdk.XXXXXX")
	trap 'rm -rf "$temp_dir"' EXIT
	obtain "$lts" "$source" "$temp_dir/tree"
	apply_hooks "$lts" "$temp_dir/tree"
	manifest "$temp_dir/tree" >"$temp_dir/manifest"
	mv "$temp_dir/manifest" "$temp_dir/tree/.dpdk-sriov-manifest"
	printf '%s\n' "key=$(tree_key "$lts")" "version=$(cat "$temp_dir/tree/VERSION")" "source=$source" \
		"from=$obtained_from" "verified_by=$obtained_by" >"$temp_dir/tree/.dpdk-sriov-stamp"
	set_times "$tree" "$temp_dir/tree"
	link_overlays "$temp_dir/tree"
	[[ ! -d $tree ]] || mv "$tree" "$tree.old"
	mv "$temp_dir/tree" "$tree"
	rm -rf "$tree.old" "$temp_dir"
	note "subprojects/dpdk-$lts: DPDK $(stamp_get "$lts" version) from $obtained_from (verified by: $obtained_by)," \
		"$(hooks_of "$lts" | wc -l) hook patches"
}

tree_up_to_date() {
	local lts=$1 source=$2 key
	key=$(tree_key "$lts") || exit 1
	[[ $(stamp_get "$lts" key) == "$key" ]] || return 1
	[[ -z $source || $source == "$(stamp_get "$lts" source)" ]]
}

# Another run may have made the tree while this one waited for the lock.
make_tree_if_needed() {
	if ! tree_up_to_date "$@"; then
		make_tree "$@"
	fi
}

main() {
	local lts=auto source='' allow_unverified=0
	while (($#)); do
		case $1 in
		--lts | --source)
			(($# > 1)) || die "$1 needs a value; see --help"
			[[ $1 == --lts ]] && lts=$2 || source=$2
			shift
			;;
		--unverified) allow_unverified=1 ;;
		-h | --help)
			usage
			return 0
			;;
		*) die "$1: unknown argument; see --help" ;;
		esac
		shift
	done
	if [[ $lts == auto ]]; then
		lts=$(lts_auto)
	fi
	[[ -r $sub_dir/dpdk-$lts.wrap ]] || die "--lts $lts: not one of $(lts_list | paste -sd ' ') auto"
	if [[ -e $source ]]; then
		source=$(realpath "$source")
	fi
	if ! tree_up_to_date "$lts" "$source"; then
		with_lock get-dpdk make_tree_if_needed "$lts" "$source" >&2
	fi
	[[ $(stamp_get "$lts" verified_by) != nothing ]] ||
		note "WARNING: subprojects/dpdk-$lts is a source that nobody has verified; remove it to have another"
	link_overlays "$sub_dir/dpdk-$lts"
	printf '%s\n' "$lts"
}

main "$@"
