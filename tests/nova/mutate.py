# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Each thing that Nova parses in libvirt's XML of our devices, one character of it changed:
# what Nova makes of it must differ, or Nova must say that it cannot read it. What nobody would
# notice could be wrong in the driver without a test that fails.

import re

import libvirt

# What it is, where it stands, and what takes the place of the first group.
MUTATIONS = [
    ('number of a type', r"<type id='nvidia-56(5)'>", '6'),
    ('prefix of a type', r"<type id='n(v)idia-565'>", 'w'),
    ('name of a type', r'<name>NVIDIA A40-24(Q)</name>', 'q'),
    ('available instances', r"(?s)<type id='nvidia-1540'>.*?<availableInstances>(1)<", '7'),
    ('available instances of a full GPU',
     r"(?s)<type id='nvidia-565'>.*?<availableInstances>(0)<", '1'),
    ('available instances, no number',
     r"(?s)<type id='nvidia-565'>.*?<availableInstances>(0)<", 'O'),
    ('API of a type', r'(?s)<type id=\'nvidia-565\'>.*?<deviceAPI>vfio-pc(i)<', 'j'),
    ('element of the API', r"(?s)(<type id='nvidia-565'>.*?<device)(A)PI>", 'a'),
    ('vendor', r"<vendor id='0x10d(e)'", 'f'),
    ('domain of a GPU', r'<name>pci_000(1)_00_00_0<', '3'),
    ('kind of capability', r"<capability type='mdev_type(s)'", 'z'),
    ('type of a vGPU', r"(?s)<capability type='mdev'>.*?<type id='nvidia-56(5)'", '4'),
    ('UUID of a vGPU', r'<uuid>(.)', None),
    ('parent of a vGPU', r'<parent>pci_000(1)_00_00_0<', '2'),
    ('IOMMU group of a vGPU', r"<iommuGroup number='()", '1'),
]


def changed(xml, pattern, new):
    m = re.search(pattern, xml)
    if not m:
        return xml, False
    n = m.lastindex
    if new is None:
        new = 'f' if m.group(n) == '0' else '0'
    return xml[:m.start(n)] + new + xml[m.end(n):], True


def run(driver, check, views):
    """views: what Nova makes of its devices, each a function without arguments."""
    real = libvirt.virNodeDevice.XMLDesc
    right = {k: v() for k, v in views.items()}
    for name, pattern, new in MUTATIONS:
        hits = 0

        def mutated(self, flags=0):
            nonlocal hits
            xml, hit = changed(real(self, flags), pattern, new)
            hits += hit
            return xml

        seen = []
        libvirt.virNodeDevice.XMLDesc = mutated
        try:
            for view, function in views.items():
                try:
                    if function() != right[view]:
                        seen.append(view)
                except Exception as e:
                    seen.append('%s: %r' % (view, e))
        finally:
            libvirt.virNodeDevice.XMLDesc = real
        # Without a hit the list is out of date, which proves nothing.
        check('Nova notices one character: %s' % name, hits and seen,
              'in %d places, and Nova made the same of it' % hits)
    check('unchanged, Nova sees what it saw', {k: v() for k, v in views.items()} == right)
