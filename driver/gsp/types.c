// SPDX-License-Identifier: GPL-2.0-only
#include <linux/firmware.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "catalog.h"
#include "gsp.h"

/* PGPU_ADD_VGPU_TYPE_PARAMS, in front of the records */
#define ADD_DISCARD		0	/* u8: forget all types that are there */
#define ADD_HEADER		4

/*
 * Gives GSP-RM all records of the board as they are in the file, in one call on
 * the GPU's own client. It is the first call since GSP was started, so it is the
 * one that discards.
 *
 * @refused: RM status, %NV_OK if it was not RM that refused
 */
static int upload(struct ovg_provider *p, const struct ovg_catalog *cat, u32 *refused, char *why)
{
	u32 size = (u32)cat->payload_size;
	u8 *params;
	int err;

	params = kvmalloc(size, GFP_KERNEL);
	if (!params) {
		gsp_why(why, "no memory for the types");
		return -ENOMEM;
	}
	memcpy(params, cat->payload, size);
	memset(params, 0, ADD_HEADER);
	params[ADD_DISCARD] = 1;
	err = gsp_rm_control(&p->rm, NV2080_VGPU_ADD_TYPE, "ADD_VGPU_TYPE", params, size, refused,
			     why);
	kvfree(params);
	if (*refused == NV_ERR_INSUFFICIENT_PERMISSIONS)
		gsp_why(why, "firmware does not take the types: signature required (%s); types here have none, take other firmware",
			gsp_status_name(*refused));
	else if (*refused)
		gsp_why(why, "firmware does not take the types: %s (0x%x); build the catalogue for it anew",
			gsp_status_name(*refused), *refused);
	return err;
}

/*
 * A board has MIG if it has types for it. All instances of GB20x that types are for
 * have graphics (g_vgpu_resman_specific.h).
 */
static void set_mig_facts(struct ovg_provider *p, u32 gi_slices)
{
	u32 i;

	p->info.gi_slices = gi_slices;
	p->info.mig_limit = gi_slices ? min(p->abi->max_mig_vgpus, p->boot.partitions) : 0;
	for (i = 0; i < p->num_types && p->info.generation == OVG_GEN_BLACKWELL; i++)
		if (p->types[i].gi.slices)
			p->types[i].gi.attr |= OVG_GI_GFX;
}

/**
 * gsp_load_types() - read the type catalogue and give it to the running firmware
 * @p: provider; its build has been verified, its RM client is open
 * @why: cause of an error
 *
 * Fills in either the types or the reason why there are none. Nothing of the
 * file stays behind: types are copied out of it, and firmware has its records.
 *
 * Return: 0, also if there are no types; an error if the firmware does not answer
 * as it should, so that nobody knows which types it has.
 */
int gsp_load_types(struct ovg_provider *p, char *why)
{
	const struct firmware *fw;
	struct ovg_catalog *cat;
	char name[80];
	u32 refused = 0;
	int err;

	scnprintf(name, sizeof(name), "nvidia/vgpu-%s.bin", p->info.firmware);
	err = firmware_request_nowarn(&fw, name, &p->pf->dev);
	if (err == -ENOENT) {
		gsp_why(p->types_why, "no type catalogue: %s is missing; make it with vgpuctl catalog build, then bind anew",
			name);
		return 0;
	}
	if (err) {
		gsp_why(p->types_why, "type catalogue %s: error %d; make it anew with vgpuctl catalog build", name, err);
		return 0;
	}

	cat = kvzalloc(sizeof(*cat), GFP_KERNEL);
	if (!cat) {
		gsp_why(why, "no memory for the type catalogue");
		err = -ENOMEM;
		goto out;
	}
	err = ovg_catalog_parse(fw->data, fw->size, p->abi, p->info.firmware, p->pf->device, cat,
				why, OVG_WHY_MAX);
	if (err) {
		gsp_why(p->types_why, "type catalogue %s: %.70s; build it anew", name, why);
		err = 0;
		goto out;
	}
	err = upload(p, cat, &refused, why);
	if (err) {
		if (refused) {
			gsp_why(p->types_why, "%s", why);
			err = 0;
		}
		goto out;
	}
	p->types = kvmalloc_array(cat->count, sizeof(*p->types), GFP_KERNEL);
	if (!p->types) {
		gsp_why(why, "no memory for the types");
		err = -ENOMEM;
		goto out;
	}
	memcpy(p->types, cat->types, cat->count * sizeof(*p->types));
	p->num_types = cat->count;
	set_mig_facts(p, cat->gi_slices);
out:
	kvfree(cat);
	release_firmware(fw);
	return err;
}
