#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Builds a kernel for the lab, with what distributions leave out: IOMMUFD and VFIO's device nodes, lockdep and KASAN.
# See usage below and doc/guides/lab.rst.

set -euo pipefail

lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../common.sh
. "$lab_dir/../common.sh"

# Status where there is no source to build from.
status_no_source=3

series=
suite=
out=
debug=true
jobs=$(nproc)
work=

usage() {
	cat <<-'USAGE'
	Usage: devtools/lab/build-kernel.sh [OPTION...]

	Builds a kernel from the distribution's linux-source package and prints the directory to give to
	"devtools/lab/run.sh --kernel". Modules build against DIR/lib/modules/*/build.

	  --version SERIES  series of the linux-source package, for example 6.12 (default: the newest)
	  --suite SUITE     take the source from this suite of the Debian mirror too, for example sid
	  --out DIR         directory to build in (default: in the cache, by version); a kernel with the same settings that
	                    is there is not built again
	  --no-debug        without lockdep, KASAN and the like: faster
	  --jobs N          parallel compiler runs (default: one a processor)
	  --help

	Exit status: 0 done, 1 failed, 2 wrong usage, 3 neither the distribution nor SUITE has such a source package.
	USAGE
}

usage_error() {
	note "$*; see --help"
	exit 2
}

parse_arguments() {
	while (($#)); do
		case $1 in
		--version | --suite | --out | --jobs)
			(($# > 1)) || usage_error "$1: value missing"
			case $1 in
			--version) series=$2 ;;
			--suite) suite=$2 ;;
			--out) out=$2 ;;
			--jobs) jobs=$2 ;;
			esac
			shift
			;;
		--no-debug) debug=false ;;
		-h | --help)
			usage
			exit 0
			;;
		*) usage_error "$1: no such option" ;;
		esac
		shift
	done
	[[ $jobs =~ ^[1-9][0-9]*$ ]] || usage_error "--jobs $jobs: not a number"
}

# Prints "package version" for the newest linux-source-SERIES there is, of all or of the series asked for.
source_package() {
	apt_private_cache search --names-only '^linux-source-[0-9.]+$' | awk '{ print $1 }' | sort -rV |
		while read -r package; do
			[[ -z $series || $package == "linux-source-$series" ]] || continue
			apt_private_cache madison "$package" | awk -v package="$package" 'NR == 1 { print package, $3 }'
			break
		done
}

download() {
	(cd "$1" && apt_private download "$2=$3")
}

# Unpacks the source of PACKAGE VERSION as DIR/source.
unpack_source() {
	local package=$1 version=$2 dir=$3 log=$4
	mkdir "$work/debs" "$work/deb"
	step "downloading $package $version" "$log" download "$work/debs" "$package" "$version" ||
		die "$package: cannot be downloaded: see $log"
	dpkg-deb -x "$work"/debs/*.deb "$work/deb"
	rm -rf "$dir/source" "$dir/source.new"
	mkdir "$dir/source.new"
	step "unpacking $package" "$log" \
		tar -xf "$work/deb/usr/src/$package.tar.xz" -C "$dir/source.new" --strip-components=1
	mv "$dir/source.new" "$dir/source"
}

# Prints the settings of the fragments for a source; those that not every version has only with "all".
fragment_settings() {
	local source=$1
	local -a fragments=("$lab_dir/kernel.config")
	if grep -q '^config VFIO_PCI_DMABUF' "$source/drivers/vfio/pci/Kconfig"; then
		fragments+=("$lab_dir/kernel-dmabuf.config")
	fi
	if $debug; then
		fragments+=("$lab_dir/kernel-debug.config")
	fi
	if [[ ${2:-} == all ]]; then
		sed -n -e 's/^#? //' -e '/^CONFIG_/p' "${fragments[@]}"
	else
		grep -h '^CONFIG_' "${fragments[@]}"
	fi
}

# Whether the file $1 has the setting $2; that of a symbol that is not set is its absence.
has_setting() {
	if [[ $2 != *=n ]]; then
		grep -qxF "$2" "$1"
	elif grep -q "^${2%n}" "$1"; then
		return 1
	fi
}

configure() {
	local source=$1 log=$2 setting
	local -a missing=()
	make -C "$source" tinyconfig >"$log" 2>&1 || die "make tinyconfig failed: see $log"
	fragment_settings "$source" all >>"$source/.config"
	make -C "$source" olddefconfig >>"$log" 2>&1 || die "make olddefconfig failed: see $log"
	# olddefconfig drops silently what depends on something that is not set.
	while read -r setting; do
		has_setting "$source/.config" "$setting" || missing+=("$setting")
	done < <(fragment_settings "$source")
	((${#missing[@]} == 0)) || die "these settings did not take, in $source/.config: ${missing[*]}; something they" \
		"depend on is missing in devtools/lab/kernel.config, or this version names them otherwise"
}

build() {
	make -C "$1" -j "$jobs" bzImage modules
}

# Lays the kernel out as its package would.
install_kernel() {
	local source=$1 dir=$2 log=$3 release
	release=$(make -s -C "$source" kernelrelease)
	rm -rf "${dir:?}/boot" "${dir:?}/lib"
	mkdir -p "$dir/boot"
	cp "$source/arch/x86/boot/bzImage" "$dir/boot/vmlinuz-$release"
	cp "$source/.config" "$dir/boot/config-$release"
	make -C "$source" INSTALL_MOD_PATH="$dir" DEPMOD=/sbin/depmod modules_install >>"$log" 2>&1 ||
		die "make modules_install failed: see $log"
	ln -sfn "$source" "$dir/lib/modules/$release/build"
}

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	[[ -z $work ]] || rm -rf "$work"
}

main() {
	local package version log settings
	parse_arguments "$@"
	trap cleanup EXIT
	ensure_packages kernel
	# shellcheck disable=SC2034 # common.sh's
	apt_private_suite=$suite
	read -r package version < <(source_package) || true
	[[ -n ${version:-} ]] || die_status=$status_no_source die "no linux-source${series:+-$series} in Debian" \
		"$(os_codename), its backports${suite:+ or $suite}; choose another --version, or a --suite that has it"
	if [[ -z $out ]]; then
		out="$(cache_dir)/kernels/built-$version"
		$debug || out+=-nodebug
	fi
	mkdir -p "$out"
	out=$(cd "$out" && pwd -P)
	log=$out/build.log
	work=$(mktemp -d "$out/.work-XXXXXX")
	[[ -d $out/source ]] || unpack_source "$package" "$version" "$out" "$log"
	settings=$(fragment_settings "$out/source" all)
	if [[ $settings != "$(cat "$out/settings" 2>/dev/null)" ]]; then
		rm -f "$out/settings"
		configure "$out/source" "$log"
		step "building Linux $version, which takes minutes" "$log" build "$out/source" ||
			die "Linux $version: the build failed: see $log"
		install_kernel "$out/source" "$out" "$log"
		printf '%s\n' "$settings" >"$out/settings"
	fi
	note "done; run it by: devtools/lab/run.sh --kernel $out -- CMD"
	printf '%s\n' "$out"
}

main "$@"
