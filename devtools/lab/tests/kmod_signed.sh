# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# kmod/swap.sh on a kernel that takes signed modules only, as under secure boot: run.sh --append module.sig_enforce=1. Needs
# LAB_UNSIGNED_MODULE, the path of the module, as kmod/build.sh prints it, beside which the kernel's headers are.
# LAB_VFIO_MODULE, which is loaded before a test, must not be set.

setup() {
	lab_bind "$PF1" vfio-pci
	lab_vfs "$PF1" 2
}

need_signed() {
	[[ -n ${LAB_UNSIGNED_MODULE:-} ]] || lab_skip "LAB_UNSIGNED_MODULE, the module of kmod/build.sh, is not given"
	[[ $(cat /sys/module/module/parameters/sig_enforce) == Y ]] ||
		lab_skip "this kernel takes unsigned modules (run.sh --append module.sig_enforce=1)"
}

expect_as_before() {
	[[ ! -e /sys/module/vfio_pci/version ]]
	[[ $(lab_driver "$PF1") == vfio-pci && $(lab_driver "$VF1") == vfio-pci && $(lab_driver "$VF1B") == vfio-pci ]]
}

test_signed_unsigned_module_refused_before_unbinding() {
	need_signed
	lab_kernel_mark
	must_fail kmod/swap.sh ours --module "$LAB_UNSIGNED_MODULE" 2>/tmp/refusal
	cat /tmp/refusal
	grep -q 'not signed, and this kernel takes signed modules only' /tmp/refusal
	# Nothing was unbound, so the VFs were not made anew.
	must_fail lab_kernel_has "$VF1 captured"
	expect_as_before
}

# With a key that the kernel does not know, only loading tells.
test_signed_unknown_key_what_was_there_is_back() {
	local sign=${LAB_UNSIGNED_MODULE%/*/*}/headers/scripts/sign-file
	need_signed
	openssl req -new -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=lab -outform DER -keyout /tmp/key -out /tmp/certificate
	cp "$LAB_UNSIGNED_MODULE" /tmp/vfio-pci.ko
	"$sign" sha256 /tmp/key /tmp/certificate /tmp/vfio-pci.ko
	[[ $(modinfo -F signer /tmp/vfio-pci.ko) == lab ]]
	must_fail kmod/swap.sh ours --module /tmp/vfio-pci.ko 2>/tmp/refusal
	cat /tmp/refusal
	grep -q 'Key was rejected by service' /tmp/refusal
	grep -q 'the module that was there before is loaded again' /tmp/refusal
	expect_as_before
}
