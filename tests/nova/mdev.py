# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Nova's compute driver makes vGPUs: inventories, provider tree, allocation, a domain.

from novahost import *  # noqa: F403
import mutate

prefix('nova')
A40, RTX = board_pf('A40'), board_pf('RTXPRO6000')
A, R = node(A40), node(RTX)
CUSTOM = 'CUSTOM_RTXPRO6000_48Q'
TYPES = {A: 'nvidia-565', R: 'nvidia-1540'}


def inventory(total):
    return {'total': total, 'min_unit': 1, 'max_unit': total, 'step_size': 1, 'reserved': 0,
            'allocation_ratio': 1.0}


def totals(d):
    return {k: v['total'] for k, v in d._get_gpu_inventories().items()}


def left(d):
    return {c['dev_id']: c['types'][TYPES[c['dev_id']]]['availableInstances']
            for c in d._get_mdev_capable_devices(d.supported_vgpu_types)}


def used(d):
    return dict(d._count_mediated_devices(d.supported_vgpu_types))


def in_sysfs(mdev):
    return os.path.basename(os.readlink('/sys/bus/mdev/devices/%s/mdev_type' % mdev))


def rp(t, name):
    return t.data('%s_%s' % (HOST, name))


def ask(d, t, gpu, rc, n=1):
    return d._allocate_mdevs({rp(t, gpu).uuid: {'resources': {rc: n}}})


def main():
    configure('nova.conf', [('0000:3b:00.0', A40), ('0000:86:00.0', RTX)])
    d = driver()
    same('examples/nova.conf: Nova knows every option', unknown_options('nova.conf'), [])
    same('two types, each on its GPU', d.pgpu_type_mapping,
         {A40: 'nvidia-565', RTX: 'nvidia-1540'})

    same('inventories: two A40-24Q, two RTX Pro 6000 Blackwell DC-48Q',
         d._get_gpu_inventories(), {A: inventory(2), R: inventory(2)})
    t = tree(d)
    save_tree(t)
    same('provider tree: the A40 is a child of the host, with VGPU',
         (rp(t, A).parent_uuid, rp(t, A).inventory),
         (t.data(HOST).uuid, {'VGPU': inventory(2)}))
    same('the other one has the resource class of nova.conf',
         (rp(t, R).parent_uuid, rp(t, R).inventory),
         (t.data(HOST).uuid, {CUSTOM: inventory(2)}))
    same('and nothing else is below the host', len(t.get_provider_uuids()), 3)

    # Before there are vGPUs whose names differ from run to run.
    mdevs = ask(d, t, A, 'VGPU')
    same('allocation: one vGPU', len(mdevs), 1)
    u = mdevs[0]
    same('of the right type', in_sysfs(u), 'nvidia-565')
    info = d._get_mediated_device_information('mdev_' + u.replace('-', '_'))
    same('libvirt shows it to Nova as what it is', (info['uuid'], info['parent'], info['type']),
         (u, A, 'nvidia-565'))
    dev = d._host.device_lookup_by_name(info['dev_id'])
    same('it is active, persistent, and starts at boot',
         (dev.isActive(), dev.isPersistent(), dev.autostart()), (1, 1, 1))
    same('capacity: one less is left, the total is the same', (totals(d), left(d), used(d)),
         ({A: 2, R: 2}, {A: 1, R: 2}, {A: 1}))
    same('nobody has it: the next allocation takes it again', ask(d, t, A, 'VGPU'), [u])

    hostdev = vconfig.LibvirtConfigGuestHostdevMDEV()
    hostdev.uuid = u
    guest = start(d, domain('nova1', [hostdev]).to_xml())
    check('a domain of Nova\'s making starts', guest._domain.isActive())
    check('its guest finds an A40-24Q (565)', guest_says('nova1', 'OVG identity .* type 565 '))
    check('and can use it', guest_says('nova1', 'OVG pass '))
    same('Nova knows whose it is', d._get_all_assigned_mediated_devices(), {u: guest.uuid})

    w = ask(d, t, A, 'VGPU')[0]
    check('the next allocation makes another one', w != u and in_sysfs(w) == 'nvidia-565', w)
    t = tree(d, t)
    same('the GPU is full: all of the total is used, nothing left', (totals(d), left(d), used(d)),
         ({A: 2, R: 2}, {A: 0, R: 2}, {A: 2}))
    same('a full GPU keeps its place in the provider tree', rp(t, A).inventory,
         {'VGPU': inventory(2)})
    raises('a third is refused', exception.ComputeResourcesUnavailable, ask, d, t, A, 'VGPU', 2)
    x = ask(d, t, R, CUSTOM)[0]
    same('the other GPU still gives one, by its class', (in_sysfs(x), left(d)),
         ('nvidia-1540', {A: 0, R: 1}))

    mutate.run(d, check, {
        'inventories': lambda: d._get_gpu_inventories(),
        'GPUs': lambda: d._get_mdev_capable_devices(d.supported_vgpu_types),
        'vGPUs': lambda: d._get_mediated_devices(d.supported_vgpu_types)})

    remove(d, w)
    same('a removed vGPU is room again', (totals(d), left(d), used(d)),
         ({A: 2, R: 2}, {A: 1, R: 1}, {A: 1, R: 1}))
    stop(guest)
    same('a deleted instance leaves its vGPU to the next', ask(d, t, A, 'VGPU'), [u])
    remove(d, u)
    remove(d, x)
    same('all is as in the beginning', (d._get_gpu_inventories(), left(d), used(d)),
         ({A: inventory(2), R: inventory(2)}, {A: 2, R: 2}, {}))


run(main)
