# SPDX-License-Identifier: GPL-2.0-only
# Pure C, also built by the unit tests
openvgpu-y += gsp/abi.o gsp/abi_r535.o gsp/abi_r570.o gsp/abi_r595.o
openvgpu-y += gsp/bootload.o gsp/catalog.o gsp/gi.o gsp/msgq.o gsp/status.o
# Kernel
openvgpu-y += gsp/boot.o gsp/dump.o gsp/provider.o gsp/queue.o gsp/rm.o gsp/trace.o
openvgpu-y += gsp/mig.o gsp/settings.o gsp/types.o
openvgpu-y += gsp/bar1.o gsp/events.o gsp/plugin.o gsp/scrub.o gsp/vgpu.o

# trace.h is included once more by the kernel's define_trace.h, by its name alone.
CFLAGS_gsp/trace.o := -I$(src)/gsp
