# SPDX-License-Identifier: LGPL-2.1-or-later
#
# First of two boots: an instance with a vGPU. What the second has of it: mdevctl's
# definitions, and the domain's XML, which the VM's libvirt does not keep.

from novahost import *  # noqa: F403

prefix('nova-boot')


def main():
    a = board_pf('A40')
    configure('nova.conf', [('0000:3b:00.0', a), ('0000:86:00.0', board_pf('RTXPRO6000'))])
    d = driver()
    t = tree(d)
    rp = t.data('%s_%s' % (HOST, node(a))).uuid
    u, = d._allocate_mdevs({rp: {'resources': {'VGPU': 1}}})
    hostdev = vconfig.LibvirtConfigGuestHostdevMDEV()
    hostdev.uuid = u
    guest = start(d, domain('nova3', [hostdev]).to_xml())
    check('an instance runs on the vGPU', guest_says('nova3', 'OVG pass '))
    with open('/etc/openvgpu/nova3.xml', 'w') as f:
        f.write(guest._domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
    stop(guest)
    d._host.device_lookup_by_name(
        d._get_mediated_device_information('mdev_' + u.replace('-', '_'))['dev_id']).destroy()


run(main)
