#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A compute host in the test VM: what nova-compute does there with vGPUs.

host.py HOST GPUS [JOB]

GPUS is what its operator configures, JSON: [{"type": "A40-4Q", "class": "VGPU"}, ...]. Without
JOB it writes what the host offers to /job/out/host.json. JOB is the job.json of control.py: the
host's providers as Placement has them, and the allocations of instances. Nova's driver makes the
vGPUs, a domain with those of each instance is started, and /job/out/started.json has what libvirt
shows then.
"""

import sys

sys.path.insert(0, '/job/tests/nova')
from novahost import *  # noqa: F403
import novahost
import socket
from lxml import etree

OUT = '/job/out/'


def find_gpus(gpus):
    """Adds to each the GPU that has the type, and the type's number."""
    for gpu in gpus:
        for path in sorted(glob.glob('/sys/class/mdev_bus/*/mdev_supported_types/*/name')):
            name = read(path)
            if name.split()[-1] == gpu['type']:
                parts = path.split('/')
                gpu['name'], gpu['address'], gpu['id'] = name, parts[4], parts[6]
        if 'id' not in gpu:
            raise LookupError('no GPU here has ' + gpu['type'])


def configure(host, gpus):
    """As docs/openstack.md has it. The options that nova-compute registers late are needed too."""
    os.makedirs(RUN + '/instances', exist_ok=True)
    lines = [
        '[DEFAULT]', 'host = ' + host, 'state_path = ' + RUN,
        'compute_driver = libvirt.LibvirtDriver',
        '[oslo_concurrency]', 'lock_path = ' + RUN,
        '[libvirt]', 'virt_type = qemu', 'cpu_mode = none', 'connection_uri = qemu:///system',
        '[compute]', 'provider_config_location = ' + RUN,
        '[devices]', 'enabled_mdev_types = ' + ', '.join(g['id'] for g in gpus)]
    for gpu in gpus:
        lines += ['[mdev_%s]' % gpu['id'], 'device_addresses = ' + gpu['address'],
                  'mdev_class = ' + gpu['class']]
    with open(RUN + '/nova.conf', 'w') as f:
        f.write('\n'.join(lines) + '\n')
    CONF([], project='nova', default_config_files=[RUN + '/nova.conf'])
    nova.conf.neutron.register_dynamic_opts(CONF)


def known(providers):
    """Nova's tree of the providers, without what they offer."""
    t = provider_tree.ProviderTree()
    for p in sorted(providers, key=lambda p: p['parent'] is not None):
        if p['parent'] is None:
            t.new_root(p['name'], p['uuid'], generation=0)
        else:
            t.new_child(p['name'], p['parent'], uuid=p['uuid'], generation=0)
    return t


def totals(t):
    """{(provider of a GPU, class): number}"""
    return {(p['name'], rc): i['total'] for p in tree_as_dict(t) if p['parent'] is not None
            for rc, i in p['inventory'].items()}


def libvirt_shows(d):
    conn = d._host.get_connection()
    mdevs = {}
    for dev in conn.listAllDevices(libvirt.VIR_CONNECT_LIST_NODE_DEVICES_CAP_MDEV):
        xml = etree.fromstring(dev.XMLDesc())
        mdevs[xml.findtext('capability/uuid')] = {
            'parent': xml.findtext('parent'), 'type': xml.find('capability/type').get('id')}
    domains = {}
    for dom in conn.listAllDomains():
        xml = etree.fromstring(dom.XMLDesc())
        domains[dom.UUIDString()] = [
            a.get('uuid') for a in xml.findall("devices/hostdev[@type='mdev']/source/address")]
    left = {gpu['dev_id']: {t: v['availableInstances'] for t, v in gpu['types'].items()}
            for gpu in d._get_mdev_capable_devices(d.supported_vgpu_types)}
    return {'mdevs': mdevs, 'domains': domains, 'left': left}


def report(d, host):
    from nova.virt import node as identity
    t = tree(d, known([{'name': host, 'uuid': identity.get_local_node_uuid(), 'parent': None}]))
    check('%s offers a provider for each GPU' % host, totals(t))
    with open(OUT + 'host.json', 'w') as f:
        json.dump({'host': host, 'gpus': gpus, 'providers': tree_as_dict(t),
                   'compute': d.get_available_resource(host)}, f, indent=1)


def start_all(d, host, job):
    t = tree(d, known(job['providers']))
    before = totals(t)
    same('%s, booted again, is the host that Placement knows' % host,
         sorted(p['uuid'] for p in tree_as_dict(t)), sorted(p['uuid'] for p in job['providers']))
    guests, mdevs = [], []
    result = {}
    try:
        for i in job['instances']:
            mine = d._allocate_mdevs(i['allocations']) or []
            mdevs += mine
            hostdevs = []
            for u in mine:
                hostdevs.append(vconfig.LibvirtConfigGuestHostdevMDEV())
                hostdevs[-1].uuid = u
            guests.append(start(d, domain(i['name'], hostdevs, i['uuid']).to_xml()))
            check('%s runs, its guest uses %d vGPU%s' % (i['name'], len(mine), 's'[len(mine) < 2:]),
                  guest_says(i['name'], '(?s)' + '.*'.join(['OVG pass '] * len(mine))) and
                  not re.search('OVG fail', read('/run/%s.serial' % i['name'])))
        result = {'libvirt': libvirt_shows(d)}
        t = tree(d, t)
        result['providers'] = tree_as_dict(t)
    finally:
        for g in guests:
            stop(g)
        for u in mdevs:
            remove(d, u)
    same('when they are gone the host offers what it did', totals(tree(d, t)), before)
    with open(OUT + 'started.json', 'w') as f:
        json.dump(result, f, indent=1)


def main():
    global gpus
    host, gpus = sys.argv[1], json.loads(sys.argv[2])
    job = json.loads(sys.argv[3]) if len(sys.argv) > 3 else None
    prefix('scheduling')
    novahost.HOST = host
    socket.sethostname(host)
    find_gpus(gpus)
    configure(host, gpus)
    if job:
        # On a real host this file outlives the reboot.
        with open(RUN + '/compute_id', 'w') as f:
            f.write([p['uuid'] for p in job['providers'] if p['parent'] is None][0])
    d = driver()
    if job:
        start_all(d, host, job)
    else:
        report(d, host)


run(main)
