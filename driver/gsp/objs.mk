# SPDX-License-Identifier: GPL-2.0-only
# Pure C, also built by the unit tests
openvgpu-y += gsp/abi.o gsp/abi_r535.o gsp/abi_r570.o gsp/abi_r595.o
openvgpu-y += gsp/bootload.o gsp/catalog.o gsp/msgq.o gsp/status.o
# Kernel
openvgpu-y += gsp/boot.o gsp/provider.o gsp/queue.o gsp/rm.o gsp/types.o gsp/vgpu.o
