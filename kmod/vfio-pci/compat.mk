# SPDX-License-Identifier: GPL-2.0-only
#
# Finds out what the kernel that is built for has, for compat.h. To be included by a Kbuild.

# $(call define-if,WORD,HEADER,MACRO): defines MACRO if the kernel's HEADER has WORD. Distributions
# and stable branches carry interfaces back, so the version does not tell; see compat.h.
define-if = $(if $(shell grep -w $(1) $(srctree)/include/linux/$(2)),-D$(3))

ccflags-y += $(call define-if,device_set_driver_override,device.h,HAVE_DEVICE_DRIVER_OVERRIDE)
ccflags-y += $(call define-if,bind_iommufd,vfio.h,HAVE_OPS_IOMMUFD)
ccflags-y += $(call define-if,detach_ioas,vfio.h,HAVE_OPS_DETACH_IOAS)
ccflags-y += $(call define-if,pasid_attach_ioas,vfio.h,HAVE_OPS_PASID)
ccflags-y += $(call define-if,get_region_info_caps,vfio.h,HAVE_OPS_REGION_INFO_CAPS)
ccflags-y += $(call define-if,match_token_uuid,vfio.h,HAVE_OPS_MATCH_TOKEN_UUID)
ccflags-y += $(call define-if,vfio_pci_core_set_params,vfio_pci_core.h,HAVE_CORE_SET_PARAMS)
ccflags-y += $(call define-if,dmabufs,vfio_pci_core.h,HAVE_CORE_DMABUFS)
ccflags-y += $(call define-if,get_dmabuf_phys,vfio_pci_core.h,HAVE_CORE_DMABUF_OPS)
ccflags-y += $(call define-if,pci_is_display,pci.h,HAVE_OPREGION_OF_ANY_DISPLAY)

# What no header shows: the lock that sriov_numvfs takes. These are the kernels whose sources say so.
version := $(shell printf '%d%03d%03d' $(VERSION) $(PATCHLEVEL) $(SUBLEVEL))
define-if-version = $(if $(shell [ $(version) -ge $(1) ] && [ $(version) -lt $(2) ] && echo y),-D$(3))

ccflags-y += $(call define-if-version,6001192,6002000,HAVE_SRIOV_CALLER_LOCKS)
ccflags-y += $(call define-if-version,6012117,6013000,HAVE_SRIOV_CALLER_LOCKS)
ccflags-y += $(call define-if-version,7000000,999000000,HAVE_SRIOV_CALLER_LOCKS)
# And the devices in which the kernel's vfio-pci looks for an OpRegion, before it had a function for that.
ccflags-y += $(call define-if-version,6015000,6017000,HAVE_OPREGION_OF_ANY_DISPLAY)
