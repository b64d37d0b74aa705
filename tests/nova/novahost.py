# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the Nova tests share: Nova's own LibvirtDriver on the libvirt of this VM. Of Nova
# nothing is replaced but what needs a database or a message bus, where it says so.

import gc
import time

last = time.monotonic()
gc.disable()	# saves a fifth of the import, which is the longest part under emulation

import configparser
import glob
import json
import os
import re
import sys
import traceback
import uuid

from nova import monkey_patch  # first of all, as nova-compute does
if hasattr(monkey_patch, 'patch'):	# later than 31 it asks for its threads itself
    monkey_patch.patch(backend='threading')
import nova.conf
from nova import config, exception, objects  # noqa: F401, config registers options
from nova.compute import provider_tree
from nova.virt.libvirt import config as vconfig
from nova.virt.libvirt import driver as libvirt_driver
from nova.virt.libvirt import guest as libvirt_guest
import libvirt

CONF = nova.conf.CONF
EXAMPLES = '/usr/share/doc/openvgpu/examples/'
ROM = '/usr/lib/openvgpu-test/guest.rom'
RUN = '/run/nova'
HOST = 'vgpu-vm'
PREFIX = ''

failed = 0


def spent(what):
    """Where the time goes, as t_time in lib.sh."""
    global last
    now = time.monotonic()
    with open('/job/out/times', 'a') as f:
        f.write('%d ms %s: %s\n' % ((now - last) * 1000, PREFIX, what))
    last = now


def check(name, good, *lines):
    """One line as the t_* functions of tests/vm/lib.sh print it."""
    global failed
    good = bool(good)
    spent(name)
    print('%s %s: %s' % ('ok' if good else 'not ok', PREFIX, name))
    if not good:
        failed += 1
        for line in lines:
            for part in str(line).splitlines():
                print('#   ' + part)
    return good


def same(name, got, want):
    return check(name, got == want, 'got:  %r' % (got,), 'want: %r' % (want,))


def raises(name, kind, function, *args):
    try:
        got = function(*args)
    except kind:
        return check(name, True)
    except Exception as e:
        return check(name, False, 'raised %r' % e)
    return check(name, False, 'returned %r' % (got,))


def wait(function):
    """Waits for what comes by an event elsewhere; two minutes are only for what never comes."""
    for _ in range(1200):
        value = function()
        if value:
            return value
        time.sleep(0.1)
    return function()


def prefix(name):
    global PREFIX
    PREFIX = name


def read(path):
    with open(path) as f:
        return f.read().strip()


def board_pf(board):
    """Address of the board's PF: the simulator puts them in domains 1, 2, ..."""
    boards = re.search(r'boards="?([^"\n]*)', read('/job/config')).group(1).split(',')
    n = '%04x:' % (boards.index(board) + 1)
    for d in sorted(glob.glob('/sys/bus/pci/devices/%s*' % n)):
        if os.path.exists(d + '/sriov_totalvfs'):
            return os.path.basename(d)
    raise LookupError(board)


def node(address):
    return 'pci_' + re.sub('[:.]', '_', address)


def configure(example, edits=()):
    """The example as it is but for the addresses of this machine, and what a VM without KVM
    needs, through Nova's own options."""
    os.makedirs(RUN + '/instances', exist_ok=True)
    text = read(EXAMPLES + example)
    for old, new in edits:
        if old not in text:
            raise LookupError('%s is not in %s' % (old, example))
        text = text.replace(old, new)
    with open(RUN + '/' + example, 'w') as f:
        f.write(text + '\n')
    with open(RUN + '/vm.conf', 'w') as f:
        f.write('[DEFAULT]\nstate_path=%s\nhost=%s\ncompute_driver=libvirt.LibvirtDriver\n'
                '[oslo_concurrency]\nlock_path=%s\n'
                '[libvirt]\nvirt_type=qemu\ncpu_mode=none\nconnection_uri=qemu:///system\n'
                '[compute]\nprovider_config_location=%s\n' % (RUN, HOST, RUN, RUN))
    files = [RUN + '/' + example, RUN + '/vm.conf']
    CONF([], project='nova', default_config_files=files)


def unknown_options(example):
    """Options of an example that Nova does not know: oslo.config passes over them silently."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.read(EXAMPLES + example)
    wrong = []
    for section in parser.sections():
        for name in parser[section]:
            try:
                getattr(CONF if section == 'DEFAULT' else getattr(CONF, section), name)
            except Exception:
                wrong.append('[%s] %s' % (section, name))
    return wrong


def driver():
    """Nova's driver, as nova-compute has it, and the objects that it needs."""
    spent('import')
    objects.register_all()
    d = libvirt_driver.LibvirtDriver(None)
    d._host.initialize()
    return d


def tree(d, old=None):
    """The provider tree as the resource tracker asks for it; the driver keeps a copy."""
    t = old or provider_tree.ProviderTree()
    if not t.exists(HOST):
        t.new_root(HOST, str(uuid.uuid4()), generation=0)
    d.update_provider_tree(t, HOST)
    return t


def tree_as_dict(t):
    """For Placement in another process: a list, the root first."""
    out = []
    for u in t.get_provider_uuids():
        p = t.data(u)
        out.append({'uuid': p.uuid, 'name': p.name, 'parent': p.parent_uuid,
                    'inventory': p.inventory, 'traits': sorted(p.traits)})
    return out


def save_tree(t, path='/job/out/provider-tree.json'):
    with open(path, 'w') as f:
        json.dump({'host': HOST, 'providers': tree_as_dict(t)}, f, indent=1)


def domain(name, hostdevs, instance=None):
    """A domain by Nova's config classes, with the test guest as its whole firmware."""
    c = vconfig.LibvirtConfigGuest()
    c.virt_type = 'qemu'
    c.uuid = instance or str(uuid.uuid4())
    c.name = name
    c.memory = 128 * 1024
    c.vcpus = 1
    c.os_type = 'hvm'
    c.os_arch = 'x86_64'
    c.os_mach_type = 'pc'
    c.os_loader = ROM
    c.os_loader_type = 'rom'
    c.add_feature(vconfig.LibvirtConfigGuestFeatureACPI())
    usb = vconfig.LibvirtConfigGuestUSBHostController()
    usb.model = 'none'
    c.add_device(usb)
    serial = vconfig.LibvirtConfigGuestSerial()
    serial.type = 'file'
    serial.source_path = '/run/%s.serial' % name
    c.add_device(serial)
    balloon = vconfig.LibvirtConfigMemoryBalloon()
    balloon.model = 'none'
    c.add_device(balloon)
    for h in hostdevs:
        c.add_device(h)
    return c


def start(d, xml):
    """Define and start as Nova does; libvirt's own patience with a slow QEMU is not tested."""
    guest = libvirt_guest.Guest.create(xml, d._host)
    for attempt in range(4):
        try:
            guest.launch()
            break
        except libvirt.libvirtError as e:
            if attempt == 3 or not re.search('monitor socket|[Tt]imed out|state change', str(e)):
                raise
    return guest


def guest_says(name, pattern):
    path = '/run/%s.serial' % name

    def found():
        if not os.path.exists(path):
            return None
        with open(path, 'rb') as f:
            return re.search(pattern, f.read().decode('latin1'))
    return wait(found)


def stop(guest):
    dom = guest._domain
    if dom.isActive():
        dom.destroy()
    dom.undefine()


def remove(d, mdev):
    """As an administrator does: Nova itself never removes a mediated device."""
    name = d._get_mediated_device_information('mdev_' + mdev.replace('-', '_'))['dev_id']
    dev = d._host.device_lookup_by_name(name)
    if dev.isActive():
        dev.destroy()
    # Stopped and gone from the definitions are two events.
    dev.undefine()
    wait(lambda: name not in d._host.list_mediated_devices())


def end():
    sys.stdout.flush()
    os._exit(1 if failed else 0)	# eventlet's threads would be waited for


def run(main):
    try:
        main()
    except BaseException:
        check('runs to its end', False, traceback.format_exc())
    end()
