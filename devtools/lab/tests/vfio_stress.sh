# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of suite.sh
#
# Random operations on vfio-pci by several processes: no unexpected error, no hang, no warning of the kernel, no leak.
# LAB_VFIO_MODULE is the module of kmod/build.sh. LAB_STRESS_OPERATIONS and LAB_STRESS_SEED choose how many and which.
# Leaks are found by counts of objects, and with kmemleak where that is on: on a kernel of build-kernel.sh, by
#   run.sh --kernel DIR --append kmemleak=on --memory 1024 --hugepages 0 -- ...
# as each scan reads all of the memory in use.

stress_program=/tmp/vfio-stress
stress_operations=${LAB_STRESS_OPERATIONS:-200}
# Longest run of the program, in seconds: in a test there are two, and what they leave is looked for.
stress_timeout_s=$((test_timeout_s - 30))
# Operations before the objects are counted for the first time, by which caches that stay have filled.
stress_warmup_operations=200
# By how many objects a cache of the kernel's may have grown, which other processes and deferred frees account for.
stress_slab_slack=60

# The program is beside the module, if one is given.
setup() {
	local built=${LAB_VFIO_MODULE:+${LAB_VFIO_MODULE%/*/*}/tests/vfio-stress}
	if [[ -x $built ]]; then
		ln -sfn "$built" "$stress_program"
	else
		make -C kmod/tests BUILD_DIR="${stress_program%/*}" "$stress_program"
	fi
}

# ---- leaks

# Whether the leak detector is there and on. It is kept from scans of its own.
kmemleak_is_on() {
	(echo scan=off >/sys/kernel/debug/kmemleak) 2>/dev/null
}

# Fails if memory is lost, whoever lost it. What changes between two scans does not count: it is in flight.
kmemleak_check() {
	echo scan >/sys/kernel/debug/kmemleak
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	cat /sys/kernel/debug/kmemleak >"$LAB_OUT/kmemleak"
	if [[ -s $LAB_OUT/kmemleak ]]; then
		cat "$LAB_OUT/kmemleak" >&2
		return 1
	fi
	lab_result "kmemleak has found nothing"
}

# Prints "cache objects slack" of the caches that drivers take memory from. What a processor has at hand counts as in
# use, up to a slab of it, so the least of some counts is taken, and the rest is slack.
slab_counts() {
	local file try processors
	processors=$(nproc)
	for try in 1 2 3; do
		for file in /sys/kernel/slab/{kmalloc-,iommu_,kernfs_node,filp,pid}*/shrink; do
			{ echo 1 >"$file" || true; } 2>/dev/null
		done
		cat /proc/slabinfo
		sleep "0.$try"
	done | awk -v processors="$processors" -v slack="$stress_slab_slack" '
		/^(kmalloc-|iommu_|kernfs_node|filp|pid)/ {
			if (!($1 in least) || $2 < least[$1])
				least[$1] = $2
			more[$1] = slack + processors * $5
		}
		END {
			for (cache in least)
				print cache, least[cache], more[cache]
		}' | sort
}

# Fails if a cache has grown since slab_counts >slab.before.
slab_check() {
	local grown
	slab_counts >"$LAB_OUT/slab.after"
	grown=$(join "$LAB_OUT/slab.before" "$LAB_OUT/slab.after" | awk '$4 > $2 + $5 { print $1 ": " $2 " to " $4 }')
	if [[ -n $grown ]]; then
		lab_note "objects in use have become more by far: $grown"
		return 1
	fi
	lab_result "$(wc -l <"$LAB_OUT/slab.after") caches have not grown"
}

# ---- tests

# stress_module OPTIONS OPERATIONS SEED [PARAMETER...]: loads the module with the parameters and unloads it in the end.
stress_module() {
	local options=$1 operations=$2 seed=$3
	shift 3
	lab_unload_vfio
	lab_load_vfio "$@"
	# shellcheck disable=SC2086 # the ports and options are words
	timeout --kill-after=5 "$stress_timeout_s" "$stress_program" $options -n "$operations" ${seed:+-s "$seed"} $LAB_PFS |
		tee /tmp/stress
	lab_result "$(tail -n 1 /tmp/stress)"
	lab_unload_vfio
	# Memory that RCU or a worker frees goes a little later.
	sleep 2
}

# The module is not loaded when memory is looked at, so whatever it has left is lost.
stress() {
	if kmemleak_is_on; then
		stress_module "$1" "$stress_operations" "${LAB_STRESS_SEED:-}" "${@:2}"
		kmemleak_check
	else
		stress_module "$1" "$stress_warmup_operations" 1 "${@:2}"
		slab_counts >"$LAB_OUT/slab.before"
		stress_module "$1" "$stress_operations" "${LAB_STRESS_SEED:-}" "${@:2}"
		slab_check
	fi
}

test_stress_kernel() {
	LAB_VFIO_MODULE='' stress -k
}

test_stress_ours() {
	[[ -n ${LAB_VFIO_MODULE:-} ]] || lab_skip "LAB_VFIO_MODULE, the module of kmod/build.sh, is not given"
	stress '' numvfs_by_fd=1
}
