# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Second boot: what Nova does about its vGPUs when nova-compute starts.

from novahost import *  # noqa: F403

prefix('nova-reboot')


def recreate(d, guest, dev, name, path):
    """What Nova has for a libvirt that cannot start vGPUs at boot; later releases are without.
    nova-compute does not come here with this libvirt, it starts what is defined."""
    guest._domain.destroy()
    dev.destroy()
    wait(lambda: not d._host.device_lookup_by_name(name).isActive())
    d._recreate_assigned_mediated_devices()
    check('one that an instance has and that is gone, Nova makes anew', os.path.exists(path))
    dev = d._host.device_lookup_by_name(name)
    same('it is active and persistent', (dev.isActive(), dev.isPersistent()), (1, 1))
    # It may start at boot no more, see docs/openstack.md, and libvirt know that a little later.
    definition = '/etc/mdevctl.d/%s/%s' % (board_pf('A40'), os.path.basename(path))

    def told_again():
        dev.setAutostart(1)
        return '"auto"' in read(definition)
    check('told so once more, it starts at boot', wait(told_again))


def main():
    a = board_pf('A40')
    configure('nova.conf', [('0000:3b:00.0', a), ('0000:86:00.0', board_pf('RTXPRO6000'))])
    d = driver()
    xml = read('/etc/openvgpu/nova3.xml')
    u = re.search("<address uuid='([^']*)'", xml).group(1)
    path = '/sys/bus/mdev/devices/' + u
    check('mdevctl started the vGPU when the GPU came', os.path.exists(path))
    name = d._get_mediated_device_information('mdev_' + u.replace('-', '_'))['dev_id']
    dev = d._host.device_lookup_by_name(name)
    same('it is active, persistent, and starts at boot',
         (dev.isActive(), dev.isPersistent(), dev.autostart()), (1, 1, 1))
    same('it counts', {k: v['total'] for k, v in d._get_gpu_inventories().items()}[node(a)], 2)
    guest = libvirt_guest.Guest.create(xml, d._host)
    d._start_inactive_mediated_devices()
    if hasattr(d, '_recreate_assigned_mediated_devices'):
        d._recreate_assigned_mediated_devices()
    same('Nova has nothing to make anew', os.listdir('/sys/bus/mdev/devices'), [u])

    dev.destroy()
    wait(lambda: not d._host.device_lookup_by_name(name).isActive())
    d._start_inactive_mediated_devices()
    check('one that is defined only, Nova starts', os.path.exists(path))
    guest.launch()
    check('the instance runs on it', guest_says('nova3', 'OVG pass '))
    same('Nova knows whose it is', d._get_all_assigned_mediated_devices(), {u: guest.uuid})

    if hasattr(d, '_recreate_assigned_mediated_devices'):
        recreate(d, guest, dev, name, path)
    stop(guest)
    remove(d, u)
    os.unlink('/etc/openvgpu/nova3.xml')


run(main)
