#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds kmod/vfio-pci for a kernel of the lab. See usage below.

set -euo pipefail

kmod_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../devtools/common.sh
. "$kmod_dir/../devtools/common.sh"
# shellcheck source-path=SCRIPTDIR source=../devtools/lab/kernel.sh
. "$kmod_dir/../devtools/lab/kernel.sh"

note_prefix=kmod

kernel=6.12
out=
make_options=()

usage() {
	cat <<-'USAGE'
	Usage: kmod/build.sh [OPTION...] [MAKE-OPTION...]

	Builds vfio-pci.ko for a kernel and prints its path, DIR/vfio-pci/vfio-pci.ko. DIR/tests and DIR/mock have modules
	and programs for tests, and DIR/headers leads to the kernel's headers.
	The kernel's headers come from its packages, which are unpacked in the cache and not installed, or from
	DIR/lib/modules/*/build. Warnings fail the build.

	  --kernel SERIES|DIR  the kernel, as devtools/lab/run.sh takes it (default 6.12)
	  --out DIR            directory to build in (default: in the cache, by kernel)
	  --help

	MAKE-OPTIONs go to make, for example W=1 or C=2.
	USAGE
}

usage_error() {
	note "$*; see --help"
	exit 2
}

parse_arguments() {
	while (($#)); do
		case $1 in
		--kernel | --out)
			(($# > 1)) || usage_error "$1: value missing"
			if [[ $1 == --kernel ]]; then
				kernel=$2
			else
				out=$2
			fi
			shift
			;;
		-h | --help)
			usage
			exit 0
			;;
		-*) usage_error "$1: no such option" ;;
		*=*) make_options+=("$1") ;;
		*) usage_error "$1: neither an option nor one for make" ;;
		esac
		shift
	done
}

# Prints the packages that the headers package $1 depends on, of those that are to be unpacked: the headers that all
# flavours share, and the kernel's build tools.
header_dependencies() {
	apt_private_cache show --no-all-versions "$1" | sed -n 's/^Depends: //p' | tr -s ',' '\n' |
		awk '$1 ~ /^linux-(headers|kbuild)-/ { print $1 }'
}

header_download() {
	(cd "$1" && shift && apt_private download "$@")
}

# Unpacks the headers of the kernel found under ROOT/RELEASE.
headers_fetch() {
	local root=$1 package=linux-headers-$kernel_release log work deb makefile
	local -a packages
	[[ ! -e $root/$kernel_release/complete ]] || return 0
	mapfile -t packages < <(header_dependencies "$package")
	((${#packages[@]})) || die "Debian $(os_codename) has no $package any more, the headers of this kernel;" \
		"fetch a newer kernel with devtools/lab/run.sh --refresh"
	log="$(cache_dir)/logs/headers-$kernel_release.log"
	work=$(mktemp -d "$root/.new-XXXXXX")
	mkdir "$work/debs" "$work/tree"
	step "downloading $package" "$log" header_download "$work/debs" "$package" "${packages[@]}" ||
		die "cannot download $package and ${packages[*]}: see $log"
	for deb in "$work"/debs/*.deb; do
		dpkg-deb -x "$deb" "$work/tree" || die "${deb##*/}: cannot be unpacked; try again"
	done
	# The package names the place where it would be installed.
	makefile=$work/tree/usr/src/$package/Makefile
	sed -i "s,/usr/src/linux-headers,$root/$kernel_release&," "$makefile"
	touch "$work/tree/complete"
	rm -rf "${root:?}/$kernel_release"
	mv -T "$work/tree" "$root/$kernel_release"
	rm -rf "$work"
}

# Sets headers to the directory to build against.
find_headers() {
	local root
	if [[ -e $kernel_modules/build/Makefile ]]; then
		headers=$(realpath "$kernel_modules/build")
		return
	fi
	root="$(cache_dir)/headers"
	mkdir -p "$root"
	with_lock headers headers_fetch "$root" || exit "$?"
	headers=$root/$kernel_release/usr/src/linux-headers-$kernel_release
}

# Builds the copy of a directory that has a Kbuild alone.
build_plain() {
	make -C "$headers" "M=$out/$1" CONFIG_DEBUG_INFO_BTF_MODULES= ${make_options[@]+"${make_options[@]}"} modules
}

# Builds copies of the sources, so that kernels do not meet in one directory.
build() {
	rm -rf "$out"/{vfio-pci,include,tests,mock} && mkdir -p "$out"/{tests,mock} &&
		cp "$kmod_dir"/tests/{Kbuild,*.[ch]} "$out/tests/" &&
		cp "$kmod_dir"/mock/{Kbuild,*.c} "$out/mock/" &&
		ln -sfn "$headers" "$out/headers" &&
		make -C "$kmod_dir/vfio-pci" "BUILD_DIR=$out" "KDIR=$headers" ${make_options[@]+"${make_options[@]}"} &&
		build_plain tests &&
		build_plain mock &&
		make -C "$kmod_dir/tests" "BUILD_DIR=$out/tests"
}

main() {
	local headers log
	parse_arguments "$@"
	ensure_packages kmod lab
	kernel_find "$kernel"
	find_headers
	out=$(realpath -m "${out:-$(cache_dir)/kmod/$kernel_release}")
	log="$(cache_dir)/logs/kmod-$kernel_release.log"
	step "building vfio-pci.ko for Linux $kernel_release" "$log" with_lock "kmod-$kernel_release" build ||
		die "vfio-pci.ko: not built for Linux $kernel_release: see $log"
	if grep -iE 'warning:|error:' "$log" >&2; then
		die "vfio-pci.ko: built for Linux $kernel_release with warnings"
	fi
	printf '%s\n' "$out/vfio-pci/vfio-pci.ko"
}

main "$@"
