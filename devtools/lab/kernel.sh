# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Kernels for the lab: fetches the distribution's and makes the initramfs that mounts the lab's root. To be sourced after
# common.sh. Kernels are unpacked in the cache and never installed.

# Set by kernel_find: the directory of the kernel, its release, its image, and its modules' directory.
kernel_dir=
kernel_release=
kernel_image=
kernel_modules=

# Modules that the initramfs loads to reach its root; what is built into a kernel is skipped.
kernel_boot_modules=(virtio_pci 9pnet_virtio 9p overlay)

# Prints what the packages that stand for the newest kernel (of their branch) depend on: "package version", for example
# "linux-image-6.1.0-56-amd64 6.1.192-2". A release may have a second branch as linux-image-SERIES-amd64.
kernel_packages() {
	apt_private_cache show linux-image-amd64 2>/dev/null
	apt_private_cache show "linux-image-${1:-none}-amd64" 2>/dev/null
}

# Prints "package version" for the newest kernel of series SERIES (6.1, 6.12, ...) in the release and its backports.
kernel_newest_package() {
	local series=$1
	kernel_packages "$series" | awk '/^Depends: / { gsub(/[(),]/, ""); print $2, $4 }' |
		grep -E " ${series//./\\.}[.-]" | sort -V -k 2 | tail -n 1
}

# Prints the series of kernels that the release and its backports have.
kernel_series() {
	apt_private_cache search --names-only '^linux-image-([0-9.]+-)?amd64$' | awk '{ print $1 }' |
		xargs -r apt-cache -c "$(apt_private_dir)/apt.conf" show |
		sed -n 's/^Version: \([0-9]*\.[0-9]*\).*/\1/p' | sort -uV | paste -sd ' '
}

kernel_download() {
	(cd "$1" && apt_private download "$2=$3")
}

# Unpacks the newest kernel of a series under ROOT/SERIES, a link to a directory named for its version.
kernel_fetch() {
	local root=$1 series=$2 package version work log
	read -r package version < <(kernel_newest_package "$series") || true
	[[ -n ${version:-} ]] || die "no Linux $series in Debian $(os_codename) or its backports, which have:" \
		"$(kernel_series); choose one with --kernel, or name the directory of an unpacked or built kernel"
	if [[ ! -e $root/$version/complete ]]; then
		log="$(cache_dir)/logs/kernel-$series.log"
		work=$(mktemp -d "$root/.new-XXXXXX")
		mkdir "$work/debs" "$work/tree"
		step "downloading Linux $version ($package)" "$log" kernel_download "$work/debs" "$package" "$version" ||
			die "cannot download $package: see $log"
		note "unpacking Linux $version"
		dpkg-deb -x "$work"/debs/*.deb "$work/tree" || die "$package: cannot be unpacked; remove $root and try again"
		touch "$work/tree/complete"
		rm -rf "${root:?}/$version"
		mv -T "$work/tree" "$root/$version"
		rm -rf "$work"
	fi
	ln -sfn "$version" "$root/$series"
}

# Sets kernel_dir and so on from a directory DIR that holds boot/vmlinuz-RELEASE and lib/modules/RELEASE.
kernel_use_dir() {
	local -a images
	kernel_dir=$(cd "$1" && pwd -P)
	mapfile -t images < <(find "$kernel_dir/boot" -maxdepth 1 -name 'vmlinuz-*' 2>/dev/null)
	((${#images[@]} == 1)) || die "$1: not the directory of one unpacked kernel: ${#images[@]} files match" \
		"boot/vmlinuz-*; unpack one linux-image package there (dpkg-deb -x), or use build-kernel.sh"
	kernel_image=${images[0]}
	kernel_release=${kernel_image##*/vmlinuz-}
	kernel_modules=$kernel_dir/lib/modules/$kernel_release
	[[ -d $kernel_modules ]] || kernel_modules=$kernel_dir/usr/lib/modules/$kernel_release
	[[ -d $kernel_modules ]] || die "$1: no lib/modules/$kernel_release, which belongs to ${kernel_image##*/}"
}

# kernel_find KERNEL [refresh]: sets kernel_dir and so on for a series ("6.12") or a directory.
kernel_find() {
	local kernel=$1 refresh=${2:-} root
	if [[ $kernel =~ ^[0-9]+\.[0-9]+$ ]]; then
		root="$(cache_dir)/kernels"
		mkdir -p "$root"
		if [[ -n $refresh || ! -e $root/$kernel/complete ]]; then
			with_lock kernels kernel_fetch "$root" "$kernel" || exit "$?"
		fi
		kernel_use_dir "$root/$kernel"
	elif [[ -d $kernel ]]; then
		kernel_use_dir "$kernel"
	else
		die "--kernel $kernel: neither a series such as 6.12 nor a directory"
	fi
	if [[ ! -e $kernel_modules/modules.dep ]]; then
		# A package's modules have no index until they are installed. depmod wants the directory above lib/modules.
		with_lock kernels depmod -b "${kernel_modules%/lib/modules/*}" "$kernel_release" ||
			die "$kernel_modules: depmod failed; the modules are incomplete or the directory cannot be written"
	fi
}

# Prints the files of MODULE and of what it depends on, in the order to load them.
kernel_module_files() {
	local module
	for module; do
		# "builtin NAME" for what is built in.
		modprobe -d "${kernel_modules%/lib/modules/*}" -S "$kernel_release" --show-depends "$module" 2>/dev/null ||
			die "$kernel_modules: no module $module, which the lab boots with"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# Makes the initramfs for the kernel found in the file IMAGE: busybox, INIT, and the modules to load.
kernel_make_initramfs() {
	local image=$1 init=$2 work=$3 file name
	mkdir -p "$work/bin" "$work/modules"
	cp "$(command -v busybox)" "$work/bin/busybox"
	install -m 755 "$init" "$work/init"
	kernel_module_files "${kernel_boot_modules[@]}" >"$work/files"
	while read -r file; do
		name=${file##*/}
		name=${name%.ko*}.ko
		case $file in
		*.xz) xz -dc "$file" >"$work/modules/$name" ;;
		*.zst) zstd -qdc "$file" >"$work/modules/$name" ;;
		*.gz) gzip -dc "$file" >"$work/modules/$name" ;;
		*) cp "$file" "$work/modules/$name" ;;
		esac || die "$file: cannot be unpacked; remove $kernel_dir and try again"
		printf '%s\n' "$name"
	done <"$work/files" >"$work/modules.order"
	rm "$work/files"
	(cd "$work" && find . | cpio -o -H newc 2>/dev/null | gzip -1) >"$image"
}
