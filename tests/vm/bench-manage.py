#!/usr/bin/env -S python3 -u
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Runs in the VM of tools/bench-manage. CPU time is user and system time, of a command and of all
# that it started; medians of several runs, in one boot and with the same 128 vGPUs.
import glob
import os
import resource
import shutil
import statistics
import subprocess
import time
import uuid

CALLOUT = '/usr/lib/mdevctl/scripts.d/callouts/50-openvgpu'
TYPE = 'nvidia-557'
RUNS = 9


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
    pid = subprocess.run(['pgrep', '-x', 'libvirtd'], check=True, stdout=subprocess.PIPE,
                         text=True).stdout.split()[0]
    with open('/proc/%s/stat' % pid) as f:
        v = f.read().rsplit(')', 1)[1].split()
    # its own and that of the children which it has waited for
    return sum(map(int, v[11:15])) / os.sysconf('SC_CLK_TCK')


def listed():
    return len(run('virsh', '-q', 'nodedev-list', '--cap', 'mdev')[1].split())


def wait_listed(n):
    while listed() != n:
        time.sleep(0.2)


def make(gpu):
    """One vGPU by sysfs: seconds of this thread's CPU, and of the clock."""
    name = str(uuid.uuid4()).encode()
    fd = os.open('/sys/class/mdev_bus/%s/mdev_supported_types/%s/create' % (gpu, TYPE), os.O_WRONLY)
    cpu0, wall0 = time.thread_time(), time.monotonic()
    os.write(fd, name)
    used = time.thread_time() - cpu0, time.monotonic() - wall0
    os.close(fd)
    return used


def callout(there):
    """Our callout, or mdevctl alone. Libvirt's look after each event asks mdevctl for all vGPUs."""
    if there:
        shutil.move('/run/callout', CALLOUT)
    else:
        shutil.move(CALLOUT, '/run/callout')


gpus = sorted(os.listdir('/sys/class/mdev_bus'))
uname = os.uname()
print('Linux %s, %d processors' % (uname.release, os.cpu_count()))
print(run('virsh', 'version')[1].decode().split('\n')[0])
print('%d GPUs: %s' % (len(gpus), ' '.join(gpus)))

print('\nMaking vGPUs by sysfs, one thread')
print('%-28s %10s %10s' % ('', 'CPU ms', 'clock ms'))
callout(False)
libvirt0, clock0 = libvirtd(), time.monotonic()
times = [make(gpu) for gpu in gpus for _ in range(32)]
for name, i in (('the first', 0), ('the 32nd, last of its GPU', 31), ('the 128th', 127)):
    print('%-28s %10.2f %10.2f' % (name, times[i][0] * 1000, times[i][1] * 1000))
print('%-28s %10.2f %10.2f' % ('median of 128', statistics.median(t[0] for t in times) * 1000,
                               statistics.median(t[1] for t in times) * 1000))
n = len(glob.glob('/sys/bus/mdev/devices/*'))
wait_listed(n)
print('libvirt has listed all %d after %.1f s, for %.2f s of CPU time, without our callout' % (
    n, time.monotonic() - clock0, libvirtd() - libvirt0))
callout(True)

print('\nListing %d vGPUs, CPU ms, median of %d runs' % (n, RUNS))
print('%-44s %8.1f' % ('vgpuctl list -o json', median('vgpuctl', 'list', '-o', 'json')))
with_callout = median('mdevctl', 'list', '--dumpjson')
callout(False)
bare = median('mdevctl', 'list', '--dumpjson')
print('%-44s %8.1f' % ('mdevctl list --dumpjson, without our callout', bare))
print('%-44s %8.1f' % ('mdevctl list --dumpjson, with it', with_callout))
print('%-44s %8.1f' % ('  the callout, for one vGPU', (with_callout - bare) / n))

print('\nMaking vGPUs through libvirt, %d others there' % (n - 4))


def through_libvirt(label):
    for path in glob.glob('/sys/bus/mdev/devices/*')[:4]:
        with open(path + '/remove', 'w') as f:
            f.write('1')
    wait_listed(n - 4)
    with open('/run/events', 'w') as events:
        watch = subprocess.Popen(['stdbuf', '-oL', 'virsh', 'nodedev-event', '--loop', '--event',
                                  'update'], stdout=events)
    time.sleep(3)   # it says nothing when it is ready
    used, clock, made = libvirtd(), time.monotonic(), 0
    for gpu in gpus:
        there = os.listdir('/sys/class/mdev_bus/%s/mdev_supported_types/%s/devices' % (gpu, TYPE))
        for _ in range(32 - len(there)):
            with open('/run/new.xml', 'w') as f:
                f.write("<device><parent>pci_%s</parent><capability type='mdev'>"
                        "<type id='%s'/></capability></device>" % (
                            gpu.replace(':', '_').replace('.', '_'), TYPE))
            run('virsh', 'nodedev-create', '/run/new.xml')
            made += 1
    wait_listed(n)
    clock = time.monotonic() - clock
    watch.kill()
    watch.wait()
    with open('/run/events') as f:
        updates = sum('update' in line for line in f)
    print('%-28s %d made: %.2f s of CPU time of libvirtd and its children each, %.2f s of the clock; '
          '%d update events' % (label, made, (libvirtd() - used) / made, clock / made, updates))


through_libvirt('without our callout')
callout(True)
through_libvirt('with it')
callout(False)
for path in glob.glob('/sys/bus/mdev/devices/*'):
    with open(path + '/remove', 'w') as f:
        f.write('1')
wait_listed(0)
callout(True)
