# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# How the benchmarks' own programs are made: outside meson, from what a build directory knows. To be sourced by bash after
# common.sh.

# bench_commands BUILDDIR TARGET: the commands that make what matches TARGET in the build directory.
bench_commands() {
	local builddir=$1 target
	target=$(ninja -C "$builddir" -t targets all | sed -n "s|^\([^ ]*/$2\): .*|\1|p" | head -n 1)
	[[ -n $target ]] || die "$builddir: makes no $2; see -Dextra_drivers in meson_options.txt"
	ninja -C "$builddir" -t commands "$target"
}

# bench_link BUILDDIR PROGRAM TARGET OBJECT SOURCE CFLAG...: compiles SOURCE with the include directories and the processor
# of OBJECT, a source file's name, in TARGET, and links it as dpdk-testpmd is. Absolute paths.
bench_link() {
	local builddir=$1 program=$2 target=$3 object=$4 source=$5
	local -a cflags libs
	shift 5
	mapfile -t cflags < <(bench_commands "$builddir" "$target" | grep -m 1 -e "${object//./\\.}\.o" | tr ' ' '\n' |
		awk '/^-(I|D|march)/ { print } /^-include$/ { print; getline; print }' | sort -u |
		sed '/^-include$/d; s/^rte_config\.h$/-includerte_config.h/')
	mapfile -t libs < <(bench_commands "$builddir" dpdk-testpmd | tail -n 1 | tr ' ' '\n' | sed -n '/^-Wl,--as-needed/,$p' |
		grep -v -e '-rpath')
	(
		cd "$builddir" || exit
		gcc -Wall -Wextra -Werror "${cflags[@]}" "$@" -o "$program" "$source" "${libs[@]}"
	)
}
