# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Nova's PCI manager hands out VFs that have a type, which nova-pci.t has seen to. In memory:
# the list of devices that Nova has in its database is empty at the start, nobody saves it, and
# the rows get their numbers here.

import subprocess
from unittest import mock

from novahost import *  # noqa: F403
from nova import context
from nova.api.validation.extra_specs import validators
from nova.objects import fields
from nova.pci import manager, request

prefix('nova-pci')
A40 = board_pf('A40')
VFS = sorted(os.path.basename(os.readlink(p))
             for p in glob.glob('/sys/bus/pci/devices/%s/virtfn*' % A40))
TYPED = [v for v in VFS if v[:-1] == A40[:-1]]	# device 0, functions 4 to 7


def vf_type(vf, value=None):
    path = '/sys/bus/pci/devices/%s/nvidia/current_vgpu_type' % vf
    if value is not None:
        with open(path, 'w') as f:
            f.write(value)
    return read(path)


def requests(instance, flavor):
    r = request.get_pci_requests_from_flavor(flavor)
    r.instance_uuid = instance
    return r


def flavors():
    """Properties of the example's flavors: it is run, and something that prints is openstack."""
    os.makedirs(RUN + '/bin', exist_ok=True)
    with open(RUN + '/bin/openstack', 'w') as f:
        f.write('#!/bin/sh\nprintf "%s\\n" "$*"\n')
    os.chmod(RUN + '/bin/openstack', 0o755)
    out = subprocess.run(['sh', EXAMPLES + 'nova-flavors.sh'], check=True, text=True,
                         capture_output=True, env={'PATH': RUN + '/bin:/usr/bin:/bin'}).stdout
    created = re.findall(r'^flavor create .* (\S+)$', out, re.M)
    specs = dict(re.findall(r'^flavor set (\S+) --property (\S+)$', out, re.M))
    same('examples/nova-flavors.sh: every flavor that it makes gets a property',
         sorted(specs), sorted(created))
    for spec in specs.values():
        validators.validate(*spec.split('=', 1))
    check('Nova takes the properties', specs)
    conf = configparser.ConfigParser()
    conf.read(EXAMPLES + 'nova.conf')
    classes = {conf[s].get('mdev_class', 'VGPU') for s in conf if s.startswith('mdev_')}
    same('they ask for the classes of nova.conf',
         {m for m in re.findall(r'resources:(\w+)=', ' '.join(specs.values()))}, classes)
    return [v.split('=', 1)[1] for v in specs.values() if v.startswith('pci_pass')]


def main():
    domain_nr, bus = A40.split(':')[:2]
    configure('nova-pci.conf', [('"domain": "0000", "bus": "3b"',
                                 '"domain": "%s", "bus": "%s"' % (domain_nr, bus))])
    d = driver()
    same('examples/nova-pci.conf: Nova knows every option', unknown_options('nova-pci.conf'), [])
    same('functions 4 to 7 are the first four VFs', [v[-1] for v in TYPED], list('4567'))
    same('each has a type', [vf_type(v) for v in TYPED], ['560'] * 4)

    found = d._get_pci_passthrough_devices()
    by_address = {p['address']: p for p in json.loads(found)}
    pf = by_address[A40]
    same('Nova finds the GPU', (pf['vendor_id'], pf['product_id'], pf['dev_type']),
         ('10de', '2235', fields.PciDeviceType.SRIOV_PF))
    vf = [(by_address[v]['vendor_id'], by_address[v]['product_id'], by_address[v]['dev_type'],
           by_address[v]['parent_addr']) for v in VFS]
    same('and all its VFs', vf, [('10de', '2235', fields.PciDeviceType.SRIOV_VF, A40)] * 32)

    node = objects.ComputeNode(id=1, numa_topology=None)
    empty = objects.PciDeviceList(objects=[])
    with mock.patch.object(objects.PciDeviceList, 'get_by_compute_node', return_value=empty):
        tracker = manager.PciDevTracker(context.get_admin_context(), node)
    tracker.update_devices_from_hypervisor_resources(found)
    for n, p in enumerate(tracker.pci_devs):
        p.id = n
    same('device_spec takes the VFs with a type, and no other device',
         sorted(p.address for p in tracker.pci_devs), TYPED)
    same('managed: no came with them',
         {p.extra_info.get('managed') for p in tracker.pci_devs}, {'false'})
    same('one pool of four', [(p['product_id'], p['dev_type'], p['count'])
                              for p in tracker.stats.pools], [('2235', 'type-VF', 4)])

    alias, = flavors()
    flavor = objects.Flavor(extra_specs={'pci_passthrough:alias': alias})
    owners = [{'uuid': str(uuid.uuid4()), 'host': HOST} for _ in range(4)]
    claimed = []
    for o in owners:
        claimed += tracker.claim_instance(None, requests(o['uuid'], flavor), None)
        tracker.allocate_instance(o)
    same('four instances get a VF each', sorted(p.address for p in claimed), TYPED)
    raises('a fifth is refused', exception.PciDeviceRequestFailed, tracker.claim_instance, None,
           requests(str(uuid.uuid4()), flavor), None)

    hostdev = d._get_guest_pci_device(claimed[0])
    xml = domain('nova2', [hostdev], owners[0]['uuid']).to_xml()
    check('the host device is not managed', re.search('<hostdev [^>]*managed="no"', xml), xml)
    guest = start(d, xml)
    check('a domain of Nova\'s making starts', guest._domain.isActive())
    check('its guest finds an A40-4Q (560)', guest_says('nova2', 'OVG identity .* type 560 '))
    check('and can use it', guest_says('nova2', 'OVG pass '))
    same('its VF stays with its driver', os.path.basename(
        os.readlink('/sys/bus/pci/devices/%s/driver' % claimed[0].address)), 'nvidia')
    raises('its type cannot be taken away', OSError, vf_type, claimed[0].address, '0')
    stop(guest)

    tracker.free_instance(None, owners[0])
    devs = tracker.claim_instance(None, requests(str(uuid.uuid4()), flavor), None)
    same('a deleted instance leaves its VF to the next', [p.address for p in devs],
         [claimed[0].address])
    for v in TYPED:
        vf_type(v, '0')
    same('without a type again', [vf_type(v) for v in TYPED], ['0'] * 4)


run(main)
