// SPDX-License-Identifier: GPL-2.0-only
#include <linux/firmware.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "catalog.h"
#include "gsp.h"

/**
 * gsp_load_types() - read the type catalogue for the running firmware
 * @p: provider; its build has been verified
 *
 * Fills in either the types or the reason why there are none. Nothing of the
 * file stays behind: types are copied out of it.
 */
void gsp_load_types(struct ovg_provider *p)
{
	const struct firmware *fw;
	struct ovg_catalog *cat;
	char name[80], why[OVG_WHY_MAX];
	int err;

	scnprintf(name, sizeof(name), "nvidia/vgpu-%s.bin", p->info.firmware);
	err = firmware_request_nowarn(&fw, name, &p->pf->dev);
	if (err == -ENOENT) {
		gsp_why(p->types_why, "no type catalogue: %s is missing", name);
		return;
	}
	if (err) {
		gsp_why(p->types_why, "type catalogue %s: error %d", name, err);
		return;
	}

	cat = kvzalloc(sizeof(*cat), GFP_KERNEL);
	if (!cat) {
		gsp_why(p->types_why, "no memory for the type catalogue");
		goto out;
	}
	err = ovg_catalog_parse(fw->data, fw->size, p->abi, p->info.firmware, p->pf->device, cat,
				why, sizeof(why));
	if (err) {
		gsp_why(p->types_why, "type catalogue %s: %s", name, why);
		goto out;
	}
	p->types = kvmalloc_array(cat->count, sizeof(*p->types), GFP_KERNEL);
	if (!p->types) {
		gsp_why(p->types_why, "no memory for the types");
		goto out;
	}
	memcpy(p->types, cat->types, cat->count * sizeof(*p->types));
	p->num_types = cat->count;
out:
	kvfree(cat);
	release_firmware(fw);
}
