# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# The VF-token layer on a real vfio-pci: opens that must succeed, and what must not be seen of the tokens.

setup() {
	lab_two_pfs
}

telemetry() {
	printf '%s' "$1" | timeout 10 socat -t 5 - "UNIX-CONNECT:/var/run/dpdk/$2/dpdk_telemetry.v2,type=5"
}

# The 16 bytes of a UUID, as a regular expression for grep -P.
raw_bytes() {
	sed 's/-//g; s/../\\x&/g' <<<"$1"
}

# expect_absent WHAT FILE: neither text nor bytes of a token of the test.
expect_absent() {
	local what=$1 file=$2 token
	for token in "$T1" "$T2"; do
		if LC_ALL=C grep -qai -- "$token" "$file" || LC_ALL=C grep -qaP -- "$(raw_bytes "$token")" "$file"; then
			lab_note "$what holds a token"
			return 1
		fi
	done
	[[ -s $file ]] || {
		lab_note "$what is empty: nothing was looked at"
		return 1
	}
}

# The check itself must see a token where there is one, in text and in bytes.
test_absent_check_sees_token_fails() {
	echo "x $T2 y" >/tmp/text
	must_fail expect_absent text /tmp/text
	printf '%b' "$(raw_bytes "$T1")" >/tmp/bytes
	must_fail expect_absent bytes /tmp/bytes
}

# One process, two PFs and two VFs, four entries of four sources; then nothing of it may show a token.
test_open_two_pfs_two_vfs_tokens_invisible() {
	local pid core
	token_file /tmp/t1 "$T1"
	token_file /tmp/t2 "$T2"
	rm -f /tmp/core.*
	ulimit -c unlimited
	export PF2_TOKEN=$T2
	exec 9</tmp/t2
	lab_testpmd_start owner -m 128 -l 0,1 --log-level=lib.eal:debug \
		-a "$PF1" -a "$PF2" -a "$VF1" -a "$VF2" \
		--vfio-vf-token="$PF1=$T1" --vfio-vf-token="$PF2=env:PF2_TOKEN" \
		--vfio-vf-token="$VF1=file:/tmp/t1" --vfio-vf-token "$VF2=fd:9" -- --total-num-mbufs=4096
	exec 9<&-
	unset PF2_TOKEN
	eal_log=$lab_testpmd_dir/owner/log
	pid=$(lab_testpmd_pid owner)
	expect_opened "$PF1" 'option 1 \(a UUID\)'
	expect_opened "$PF2" 'option 2 \(env:PF2_TOKEN\)'
	expect_opened "$VF1" 'option 3 \(file:/tmp/t1\)'
	expect_opened "$VF2" 'option 4 \(fd:9\)'

	cp "/proc/$pid/cmdline" /tmp/cmdline
	cp "/proc/$pid/environ" /tmp/environ
	telemetry /eal/params owner >/tmp/params
	telemetry "/eal/vfio_vf_tokens,$VF2" owner >/tmp/tokens
	expect_absent cmdline /tmp/cmdline
	expect_absent environ /tmp/environ
	expect_absent /eal/params /tmp/params
	expect_absent /eal/vfio_vf_tokens /tmp/tokens
	expect_absent "the log" "$eal_log"
	grep -aq 'vfio-vf-token=0000:01:00.0=x' /tmp/cmdline
	grep -q "$PF1=<redacted>" /tmp/params
	grep -qE '"source": ?"fd", ?"entry": ?"option 4 \(fd:9\)", ?"state": ?"open"' /tmp/tokens

	kill -ABRT "$pid"
	lab_wait_for_exit "$pid" 60
	core=$(echo /tmp/core.*)
	ls -l "$core"
	expect_absent "the core dump" "$core"
	# It must be the dump of that process, and whole enough to hold its strings.
	grep -qa 'vfio-vf-token=0000:01:00.0=x' "$core"
}

test_plain_uuid_pf_and_vf_opened() {
	eal owner -a "$PF1" -a "$VF1" --vfio-vf-token="$T1"
	expect_opened "$PF1" 'option 1'
	expect_opened "$VF1" 'option 1'
}

test_plain_uuid_twice_last_wins() {
	eal first -a "$PF1" --vfio-vf-token "$T1"
	eal owner -a "$VF1" --vfio-vf-token="$T2" --vfio-vf-token="$T1"
	expect_opened "$VF1" 'option 2'
}

# What upstream DPDK does by a silent retry: the token is left out where the kernel would refuse it.
test_plain_uuid_vf_of_pf_on_igb_opened_without() {
	lab_vfs "$PF2" 0
	modprobe igb
	lab_bind "$PF2" igb
	lab_vfs "$PF2" 1
	lab_bind "$VF2" vfio-pci
	eal plain -a "$VF2" --vfio-vf-token="$T1"
	expect_opened "$VF2" without
	must_fail eal specific -a "$VF2" --vfio-vf-token="$VF2=$T1"
	expect_init_refused 1 "$VF2 takes no VF token: its PF $PF2 is on driver igb, not on vfio-pci"
	must_fail eal pf -a "$VF2" --vfio-vf-token="$PF2=$T1"
	expect_init_refused 1 "$PF2 is on driver igb, not on vfio-pci"
	lab_vfs "$PF2" 0
	lab_two_pfs
}

# An 82574, which has no SR-IOV.
test_plain_uuid_without_sriov_opened_without() {
	local card
	card=$(lab_cards 8086:10d3)
	[[ -n $card ]] || lab_skip "no card without SR-IOV in this guest"
	lab_bind "$card" vfio-pci
	eal plain -a "$card" --vfio-vf-token="$T1"
	expect_opened "$card" without
	must_fail eal specific -a "$card" --vfio-vf-token="$card=$T1"
	expect_init_refused 1 "$card takes no VF token: it has no SR-IOV"
}

test_null_uuid_opened_without() {
	eal owner -a "$PF1" --vfio-vf-token=00000000-0000-0000-0000-000000000000
	expect_log 'option 1: the all-zero UUID means no token'
	expect_opened "$PF1" without
}

# Row of the kernel's table: a PF with no VF open takes any token, which replaces the one before.
test_pf_token_no_vf_open_replaces() {
	eal one -a "$PF1" --vfio-vf-token="$PF1=$T1"
	eal two -a "$PF1" --vfio-vf-token="$PF1=$T2"
	eal old -a "$VF1" --vfio-vf-token="$VF1=$T1"
	expect_refused "$VF1" 'wrong VF token'
	eal new -a "$VF1" --vfio-vf-token="$VF1=$T2"
	expect_opened "$VF1"
}

# The PF's process may die: its VFs can be opened with its token all the same.
test_vf_pf_closed_opened() {
	eal one -a "$PF1" --vfio-vf-token="$PF1=$T1"
	eal vf -a "$VF1B" --vfio-vf-token="$PF1=$T1"
	expect_opened "$VF1B" 'option 1'
}

# A process that dies while it holds devices leaves nothing behind.
test_open_after_kill_opened() {
	eal_hold victim -a "$PF1" -a "$VF1" --vfio-vf-token=random
	kill -9 "$(eal_pid victim)"
	lab_wait_for 15 lab_process_ended "$(eal_pid victim)"
	# The kernel resets the functions before it lets go of their groups.
	lab_wait_for 30 pf_and_vf_open
}

pf_and_vf_open() {
	eal again -a "$PF1" -a "$VF1" --vfio-vf-token="$PF1=$T3" && expect_opened "$PF1" && expect_opened "$VF1"
}
