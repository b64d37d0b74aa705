#!/usr/bin/env -S python3 -u
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Runs in the VM of tools/bench-manage. CPU time is user and system time, of a command and of all
# that it started; all in one boot. libvirtd runs only where it is what is measured: after each
# event of a vGPU it has mdevctl list all of them, and on 128 made at once it works for many
# minutes, whatever else is measured meanwhile.
import os
import resource
import shutil
import signal
import statistics
import subprocess
import time
import uuid

CALLOUTS = ('/usr/lib/mdevctl/scripts.d/callouts/50-openvgpu',
            '/etc/mdevctl.d/scripts.d/callouts/50-openvgpu')     # mdevctl 1.2
CALLOUT = next(path for path in CALLOUTS if os.path.exists(path))
TYPE = 'nvidia-557'
RUNS = 5
QUIET = 3       # the driver says a second later that a vGPU has changed


def cpu(who):
    r = resource.getrusage(who)
    return r.ru_utime + r.ru_stime


def run(*argv):
    """CPU seconds of a command and its children, and its output."""
    before = cpu(resource.RUSAGE_CHILDREN)
    out = subprocess.run(argv, check=True, stdout=subprocess.PIPE).stdout
    return cpu(resource.RUSAGE_CHILDREN) - before, out


def median(*argv):
    return statistics.median(run(*argv)[0] for _ in range(RUNS)) * 1000


def libvirtd():
    pid = subprocess.run(['pgrep', '-x', 'libvirtd'], stdout=subprocess.PIPE, text=True).stdout
    return int(pid.split()[0]) if pid else None


def stop_libvirtd():
    pid = libvirtd()
    if pid:
        os.kill(pid, signal.SIGTERM)
    while libvirtd():
        time.sleep(0.2)


def used():
    """CPU seconds of libvirtd and of the children that it has waited for."""
    with open('/proc/%d/stat' % libvirtd()) as f:
        v = f.read().rsplit(')', 1)[1].split()
    return sum(map(int, v[11:15])) / os.sysconf('SC_CLK_TCK')


def settle():
    """Until libvirtd has nothing to do. Returns when that began, and its CPU time so far."""
    pid, last, since = str(libvirtd()), None, time.monotonic()
    while time.monotonic() - since < QUIET:
        busy = subprocess.run(['pgrep', '-P', pid], stdout=subprocess.DEVNULL).returncode == 0
        now = used()
        if busy or last is None or now - last > 0.02:
            last, since = now, time.monotonic()
        time.sleep(0.2)
    return since, now


def start_libvirtd():
    run('libvirtd', '-d')
    run('virsh', '-q', 'nodedev-list', '--cap', 'mdev')
    settle()


def make(gpu):
    """One vGPU by sysfs: seconds of this thread's CPU, and of the clock."""
    name = str(uuid.uuid4()).encode()
    fd = os.open('/sys/class/mdev_bus/%s/mdev_supported_types/%s/create' % (gpu, TYPE), os.O_WRONLY)
    cpu0, wall0 = time.thread_time(), time.monotonic()
    os.write(fd, name)
    took = time.thread_time() - cpu0, time.monotonic() - wall0
    os.close(fd)
    return took


def there():
    return sorted(os.listdir('/sys/bus/mdev/devices'))


def remove(names):
    for name in names:
        with open('/sys/bus/mdev/devices/%s/remove' % name, 'w') as f:
            f.write('1')


def fill(n):
    """More vGPUs by sysfs, GPU after GPU, until there are @n."""
    for i in range(len(there()), n):
        make(gpus[i // 32])


def callout(on):
    """Our callout, or mdevctl alone."""
    if on and not os.path.exists(CALLOUT):
        shutil.move('/run/callout', CALLOUT)
    elif not on and os.path.exists(CALLOUT):
        shutil.move(CALLOUT, '/run/callout')


def through_libvirt():
    """CPU seconds for one more vGPU until libvirtd is quiet again, and clock seconds of virsh."""
    with open('/run/new.xml', 'w') as f:
        f.write("<device><parent>pci_%s</parent><capability type='mdev'>"
                "<type id='%s'/></capability></device>" % (
                    gpus[len(there()) // 32].replace(':', '_').replace('.', '_'), TYPE))
    cpu0, clock0 = used(), time.monotonic()
    run('virsh', '-q', 'nodedev-create', '/run/new.xml')
    clock = time.monotonic() - clock0
    return settle()[1] - cpu0, clock


def at_once(n):
    """The same for @n by sysfs without a pause: CPU seconds, and clock until all is quiet."""
    start_libvirtd()
    cpu0, clock0 = used(), time.monotonic()
    fill(n)
    quiet, cpu1 = settle()
    listed = len(run('virsh', '-q', 'nodedev-list', '--cap', 'mdev')[1].split())
    stop_libvirtd()
    remove(there())
    assert listed == n, 'libvirt lists %d of %d' % (listed, n)
    return cpu1 - cpu0, quiet - clock0


gpus = sorted(os.listdir('/sys/class/mdev_bus'))
uname = os.uname()
print('Linux %s, %d processors' % (uname.release, os.cpu_count()))
print(run('virsh', 'version')[1].decode().split('\n')[0])
print('%d GPUs: %s' % (len(gpus), ' '.join(gpus)))
stop_libvirtd()

print('\nMaking vGPUs by sysfs, one thread')
print('%-46s %8s %9s' % ('', 'CPU ms', 'clock ms'))
times = [make(gpu) for gpu in gpus for _ in range(32)]
for name, i in (('the first', 0), ('the 32nd, last of its GPU', 31), ('the 128th', 127)):
    print('%-46s %8.2f %9.2f' % (name, times[i][0] * 1000, times[i][1] * 1000))
print('%-46s %8.2f %9.2f' % ('median of 128', statistics.median(t[0] for t in times) * 1000,
                             statistics.median(t[1] for t in times) * 1000))
n = len(there())

print('\nListing %d vGPUs, CPU ms, median of %d runs' % (n, RUNS))
print('%-46s %8.1f' % ('vgpuctl list -o json', median('vgpuctl', 'list', '-o', 'json')))
callout(False)
bare = median('mdevctl', 'list', '--dumpjson')
print('%-46s %8.1f' % ('mdevctl list --dumpjson, without our callout', bare))
callout(True)
with_callout = median('mdevctl', 'list', '--dumpjson')
print('%-46s %8.1f' % ('mdevctl list --dumpjson, with it', with_callout))
print('%-46s %8.1f' % ('  the callout, for one vGPU', (with_callout - bare) / n))

print('\nOne more through libvirt: CPU s of libvirtd and its children until they are quiet,'
      '\nand clock s until virsh has made it')
print('%-14s %22s %22s' % ('others there', 'without our callout', 'with it'))
remove(there())
for n in (7, 15, 31, 63, 127):
    fill(n)
    callout(False)
    start_libvirtd()
    others = set(there())
    bare = through_libvirt()
    remove(set(there()) - others)
    settle()
    callout(True)
    print('%-14d %14.2f %7.2f %14.2f %7.2f' % ((n,) + bare + through_libvirt()))
    stop_libvirtd()
remove(there())

print('\nMade by sysfs without a pause while libvirtd runs: CPU s of libvirtd and its children, and'
      '\nclock s until they are quiet')
print('%-14s %22s %22s' % ('made', 'without our callout', 'with it'))
for n in (8, 16):
    callout(False)
    bare = at_once(n)
    callout(True)
    print('%-14d %14.2f %7.2f %14.2f %7.2f' % ((n,) + bare + at_once(n)))
