#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# probe.sh OUT CC FLAGS...: tries to compile one snippet for each kernel
# interface that differs between the supported releases and writes one #define
# for each that compiles. A snippet says what is used, not which release has it.
set -eu

out=$1
shift
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

echo '/* SPDX-License-Identifier: GPL-2.0-only */' > "$tmp/h"
echo '/* made by probe.sh */' >> "$tmp/h"

# probe NAME < snippet; further arguments are the compiler and its flags
probe()
{
	name=$1
	shift
	cat > "$tmp/p.c"
	if "$@" -DMODULE -DKBUILD_MODNAME='"probe"' -DKBUILD_BASENAME='"probe"' \
	   -Wno-unused -Wno-missing-prototypes -Wno-missing-declarations -Werror \
	   -c -o "$tmp/p.o" "$tmp/p.c" > "$tmp/log" 2>&1; then
		echo "#define $name 1" >> "$tmp/h"
	else
		echo "/* no $name */" >> "$tmp/h"
	fi
	if [ -n "${SIM_PROBE_LOG:-}" ]; then
		{ echo "== $name"; cat "$tmp/log"; } >> "$SIM_PROBE_LOG"
	fi
}

# Must compile everywhere: else the flags are wrong and every answer is "no".
probe SIM_PROBE_WORKS "$@" <<'C'
#include <linux/pci.h>
#include <linux/iommu.h>
#include <linux/msi.h>
int f(struct pci_dev *p) { return p->devfn; }
C
if ! grep -q '^#define SIM_PROBE_WORKS' "$tmp/h"; then
	cat "$tmp/log" >&2
	echo "probe.sh: the compiler does not accept the kernel's headers" >&2
	exit 1
fi

# MSI domains created per device below a parent
probe SIM_HAVE_MSI_PARENT "$@" <<'C'
#include <linux/msi.h>
#include <linux/irqdomain.h>
static bool init(struct device *dev, struct irq_domain *d, struct irq_domain *p,
		 struct msi_domain_info *i)
{
	i->flags |= MSI_FLAG_NO_AFFINITY;
	return true;
}
const struct msi_parent_ops ops = { .init_dev_msi_info = init };
unsigned int flags = IRQ_DOMAIN_FLAG_MSI_PARENT | IRQ_DOMAIN_FLAG_ISOLATED_MSI;
C

# attach_dev() is told the old domain
probe SIM_HAVE_ATTACH_OLD "$@" <<'C'
#include <linux/iommu.h>
static int attach(struct iommu_domain *d, struct device *dev, struct iommu_domain *old)
{
	return 0;
}
const struct iommu_domain_ops ops = { .attach_dev = attach };
C

# paging domains are allocated for a device, others are static
probe SIM_HAVE_ALLOC_PAGING "$@" <<'C'
#include <linux/iommu.h>
static struct iommu_domain *alloc(struct device *dev) { return NULL; }
struct iommu_ops ops = { .domain_alloc_paging = alloc };
void f(struct iommu_domain *d) { ops.identity_domain = ops.blocked_domain = ops.release_domain = d; }
C

# page sizes are said in the ops (and not only in the domain)
probe SIM_HAVE_OPS_PGSIZE "$@" <<'C'
#include <linux/iommu.h>
struct iommu_ops ops = { .pgsize_bitmap = 4096 };
C

# one set of IOMMU ops a bus, kept in the bus
probe SIM_HAVE_BUS_IOMMU_OPS "$@" <<'C'
#include <linux/iommu.h>
#include <linux/pci.h>
void f(void) { pci_bus_type.iommu_ops = NULL; }
C

# isolated MSIs are a capability of the IOMMU (and not of the MSI domain)
probe SIM_HAVE_CAP_INTR_REMAP "$@" <<'C'
#include <linux/iommu.h>
enum iommu_cap cap = IOMMU_CAP_INTR_REMAP;
C

# the IOMMU driver itself sets up dma-iommu
probe SIM_HAVE_SETUP_DMA_OPS "$@" <<'C'
#include <linux/iommu.h>
void f(struct device *dev) { iommu_setup_dma_ops(dev, 0, U64_MAX); }
C

cmp -s "$tmp/h" "$out" || cp "$tmp/h" "$out"
