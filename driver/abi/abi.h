/* SPDX-License-Identifier: GPL-2.0-only */
/* The faces: what users read and write. docs/abi/ describes every file. */
#ifndef OVG_ABI_H
#define OVG_ABI_H

#include <linux/sysfs.h>

struct device;
struct ovg_gpu;
struct ovg_slot;
struct ovg_vgpu;

int ovg_abi_pf_add(struct ovg_gpu *gpu);
void ovg_abi_pf_del(struct ovg_gpu *gpu);
int ovg_abi_vf_add(struct ovg_slot *slot, struct device *vf);
void ovg_abi_vf_del(struct device *vf);

ssize_t ovg_abi_guest(const struct ovg_vgpu *vgpu, char *buf);
ssize_t ovg_abi_licence(const struct ovg_vgpu *vgpu, char *buf);
ssize_t ovg_abi_os(const struct ovg_vgpu *vgpu, char *buf);
ssize_t ovg_abi_usage(const struct ovg_vgpu *vgpu, char *buf);
ssize_t ovg_abi_vgpu_params(const struct ovg_vgpu *vgpu, char *buf);
ssize_t ovg_abi_placement_id(const struct ovg_vgpu *vgpu, char *buf);
ssize_t ovg_abi_gpu_instance_id(const struct ovg_vgpu *vgpu, char *buf);
ssize_t ovg_abi_placements(const struct ovg_vgpu *vgpu, char *buf);
ssize_t ovg_abi_vm_name(const struct ovg_vgpu *vgpu, char *buf);
ssize_t ovg_abi_vgpu_params_set(struct ovg_vgpu *vgpu, const char *buf, size_t count);
ssize_t ovg_abi_placement_id_set(struct ovg_vgpu *vgpu, const char *buf, size_t count);
ssize_t ovg_abi_gpu_instance_id_set(struct ovg_vgpu *vgpu, const char *buf, size_t count);
ssize_t ovg_abi_vm_name_set(struct ovg_vgpu *vgpu, const char *buf, size_t count);

int ovg_nl_init(void);
void ovg_nl_exit(void);
void ovg_nl_add_gpu(struct ovg_gpu *gpu);
void ovg_nl_del_gpu(struct ovg_gpu *gpu);

void ovg_debugfs_init(void);
void ovg_debugfs_exit(void);
void ovg_debugfs_add(struct ovg_gpu *gpu);
void ovg_debugfs_del(struct ovg_gpu *gpu);

#endif
