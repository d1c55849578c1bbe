# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# Every source of a token, and which entry beats which, on a real vfio-pci.

setup() {
	lab_two_pfs
	eal setup1 -a "$PF1" --vfio-vf-token="$PF1=$T1"
	eal setup2 -a "$PF2" --vfio-vf-token="$PF2=$T2"
}

test_source_file_opened() {
	token_file /tmp/token '# the token of PF 1' "$T1"
	ln -sf /tmp/token /tmp/link
	eal file -a "$VF1" --vfio-vf-token="file:/tmp/link"
	expect_opened "$VF1" 'file:/tmp/link'
}

test_source_file_lines_opened() {
	token_file /tmp/tokens "$PF1 $T1  # all VFs of PF 1" '' "02:10.0 $T2"
	eal lines -a "$VF1" -a "$VF2" --vfio-vf-token="file:/tmp/tokens"
	expect_opened "$VF1" 'file:/tmp/tokens line 1'
	expect_opened "$VF2" 'file:/tmp/tokens line 3'
}

# A file is read at each open: what it holds at the second open counts.
test_source_file_changed_read_again() {
	token_file /tmp/token "$T3"
	eal wrong -a "$VF1" --vfio-vf-token="file:/tmp/token"
	expect_refused "$VF1" 'wrong VF token'
	token_file /tmp/token "$T1"
	eal right -a "$VF1" --vfio-vf-token="file:/tmp/token"
	expect_opened "$VF1"
}

test_source_fd_opened() {
	exec 8< <(echo "$T1")
	eal fd -a "$VF1" --vfio-vf-token="fd:8"
	exec 8<&-
	expect_opened "$VF1" 'fd:8'
}

test_source_env_opened() {
	VF_TOKEN=$T1 eal env -a "$VF1" --vfio-vf-token="env:VF_TOKEN"
	expect_opened "$VF1" 'env:VF_TOKEN'
}

test_source_unix_opened() {
	[[ -x ${TOKEN_BROKER:-} ]] || lab_skip "no token-broker program"
	token_file /tmp/granted "$VF1 $T1"
	"$TOKEN_BROKER" /tmp/broker.sock /tmp/granted &
	lab_wait_for 10 test -S /tmp/broker.sock
	eal unix -a "$VF1" --vfio-vf-token="unix:/tmp/broker.sock"
	expect_opened "$VF1" 'unix:/tmp/broker.sock'
	eal denied -a "$VF1B" --vfio-vf-token="unix:/tmp/broker.sock"
	expect_refused "$VF1B" 'this VF is not granted to this process'
	# A broker serves VFs only: as the default it leaves a PF without a token.
	eal pf -a "$PF1" --vfio-vf-token="unix:/tmp/broker.sock"
	expect_opened "$PF1" without
	kill %1
}

test_source_unix_absent_refused() {
	eal unix -a "$VF1" --vfio-vf-token="unix:/tmp/nobody.sock"
	expect_refused "$VF1" 'token broker /tmp/nobody.sock: cannot connect: No such file or directory'
}

test_source_unix_silent_refused() {
	socat "UNIX-LISTEN:/tmp/mute.sock,type=5" SYSTEM:'sleep 30' &
	lab_wait_for 10 test -S /tmp/mute.sock
	eal unix -a "$VF1" --vfio-vf-token="unix:/tmp/mute.sock"
	expect_refused "$VF1" 'no answer within 2000 ms'
	kill $! || true
}

test_source_random_opened() {
	eal random -a "$PF1" -a "$VF1" --vfio-vf-token="random"
	expect_opened "$PF1" 'random'
	expect_opened "$VF1" 'random'
	# Only that process knew it.
	eal stranger -a "$VF1" --vfio-vf-token="$T1"
	expect_refused "$VF1" 'wrong VF token'
	setup
}

test_source_random_vf_without_pf_refused() {
	eal random -a "$VF1" --vfio-vf-token="random"
	expect_refused "$VF1" "this process has not opened PF $PF1 with it"
	must_fail eal vf -a "$VF1" --vfio-vf-token="$VF1=random"
	expect_init_refused 1 "random is for a PF, and $VF1 is a VF"
}

test_precedence_vf_beats_pf_beats_default() {
	eal vf -a "$VF1" --vfio-vf-token="$T3" --vfio-vf-token="$PF1=$T4" --vfio-vf-token="$VF1=$T1"
	expect_opened "$VF1" 'option 3'
	eal pf -a "$VF1" --vfio-vf-token="$PF1=$T1" --vfio-vf-token="$T3"
	expect_opened "$VF1" 'option 1'
	eal default -a "$VF1" --vfio-vf-token="$PF2=$T2" --vfio-vf-token="$T1"
	expect_opened "$VF1" 'option 2'
	# A wrong entry that beats a right one is used once, and nothing else is tried.
	eal_strace wrong -a "$VF1" --vfio-vf-token="$T1" --vfio-vf-token="$VF1=$T3"
	expect_refused "$VF1" 'wrong VF token: option 2'
	expect_device_ioctls 1
}
