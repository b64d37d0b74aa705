#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The control plane: Placement as an HTTP service, and Nova's scheduler.

control.py DIR decide HOST.json...    what the hosts offered, into Placement; flavors are scheduled
                                      and DIR/job.json says what the chosen host is to start
control.py DIR settle HOST.json...    DIR/started.json is what libvirt shows on that host then

Placement is Debian's placement-api with SQLite. Nova's databases (API, cell0, one cell) are made
by nova-manage, its hosts are found by discover_hosts, and SchedulerManager reads them and talks to
Placement through Nova's own report client. In place of what a cloud has beside that: no Keystone
(noauth2 in Placement), no message bus (oslo.messaging's fake transport; nothing listens), and the
rows that nova-compute would write into the cell (service, compute node) are written here, from
what the host's driver said. Nothing of Nova or Placement is mocked or patched.
"""

import csv
import json
import os
import subprocess
import sys
import time
import traceback
import urllib.request
import uuid

DIR = sys.argv[1]
PORT = 8778
URL = 'http://127.0.0.1:%d' % PORT
failed = []


def check(what, good, *more):
    print('%s scheduling: %s' % ('ok' if good else 'not ok', what))
    if not good:
        failed.append(what)
        for line in more:
            print('#   %s' % (line,))
    sys.stdout.flush()


def check_is(what, got, want):
    check(what, got == want, 'got:  %s' % (got,), 'want: %s' % (want,))


# --- services -------------------------------------------------------------------

def conf(name, database, extra=''):
    path = '%s/%s.conf' % (DIR, name)
    with open(path, 'w') as f:
        f.write('[DEFAULT]\nhost = control\nstate_path = %s\ntransport_url = fake:/\n'
                'log_file = %s/nova.log\n'
                '[database]\nconnection = sqlite:///%s/%s.db\n'
                '[api_database]\nconnection = sqlite:///%s/nova_api.db\n'
                '[oslo_concurrency]\nlock_path = %s\n%s' %
                (DIR, DIR, DIR, database, DIR, DIR, extra))
    return path


def run(*command):
    subprocess.run(command, check=True, stdout=log, stderr=log)


def manage(config, *command):
    run('python3', '-c', 'import sys; from nova.cmd.manage import main; sys.exit(main())',
        '--config-file', config, *command)


def make_databases():
    with open(DIR + '/placement.conf', 'w') as f:
        f.write('[api]\nauth_strategy = noauth2\n'
                '[placement_database]\nconnection = sqlite:///%s/placement.db\n' % DIR)
    run('placement-manage', '--config-file', DIR + '/placement.conf', 'db', 'sync')
    cell1 = conf('nova-cell1', 'nova_cell1')
    cell0 = conf('nova', 'nova_cell0', NOVA)
    manage(cell0, 'api_db', 'sync')
    manage(cell0, 'cell_v2', 'map_cell0', '--database_connection',
           'sqlite:///%s/nova_cell0.db' % DIR)
    manage(cell0, 'cell_v2', 'create_cell', '--name', 'cell1', '--transport-url', 'fake:/',
           '--database_connection', 'sqlite:///%s/nova_cell1.db' % DIR)
    manage(cell0, 'db', 'sync')
    manage(cell1, 'db', 'sync', '--local_cell')


# admin_token: noauth2 takes the token for the user's name, and admin may do all.
NOVA = '''[placement]
auth_type = admin_token
endpoint = %s
token = admin
endpoint_override = %s
[filter_scheduler]
track_instance_changes = False
''' % (URL, URL)


def start_placement():
    env = dict(os.environ, OS_PLACEMENT_CONFIG_DIR=DIR)
    server = subprocess.Popen(['placement-api', '--host', '127.0.0.1', '--port', str(PORT)],
                              env=env, stdout=log, stderr=log)
    end = time.monotonic() + 300
    while True:
        try:
            with urllib.request.urlopen(URL) as answer:
                return server, json.load(answer)
        except OSError:
            if server.poll() is not None or time.monotonic() > end:
                sys.exit('control.py: placement-api does not answer, see %s/log' % DIR)
            time.sleep(0.2)


# --- Nova -----------------------------------------------------------------------

class Control:
    def __init__(self):
        import nova.monkey_patch  # noqa: as its services do
        from nova import config
        from nova import context
        from nova import objects
        from oslo_log import log as logging
        config.parse_args(['nova-scheduler', '--config-file', DIR + '/nova.conf'])
        logging.setup(config.CONF, 'nova')
        objects.register_all()
        from nova.scheduler import manager
        from nova.scheduler.client import report
        self.context = context.get_admin_context()
        self.context.user_id = self.context.project_id = 'admin'
        self.report = report.SchedulerReportClient()
        self.manager = manager.SchedulerManager()
        self.names = {}

    def get(self, url):
        answer = self.report.get(url, version='1.39')
        if answer.status_code != 200:
            raise RuntimeError('%s: %s' % (url, answer.text))
        return answer.json()

    def offer(self, offer):
        """As its resource tracker: the provider tree into Placement."""
        root = [p for p in offer['providers'] if p['parent'] is None][0]
        tree = self.report.get_provider_tree_and_ensure_root(
            self.context, root['uuid'], name=root['name'])
        for p in offer['providers']:
            if p['parent'] is not None and not tree.exists(p['uuid']):
                tree.new_child(p['name'], p['parent'], uuid=p['uuid'])
            tree.update_inventory(p['uuid'], p['inventory'])
            tree.update_traits(p['uuid'], p['traits'])
        self.report.update_from_provider_tree(self.context, tree)

    def add_host(self, offer):
        """As nova-compute of that host when it first starts: service and node into the cell."""
        from nova import context
        from nova import objects
        self.offer(offer)
        cell = [c for c in objects.CellMappingList.get_all(self.context) if c.name == 'cell1'][0]
        with context.target_cell(self.context, cell) as cell_context:
            objects.Service(cell_context, binary='nova-compute', host=offer['host'],
                            topic='compute', disabled=False).create()
            node = objects.ComputeNode(cell_context, host=offer['host'])
            node.update_from_virt_driver(offer['compute'])
            node.free_ram_mb = node.memory_mb - node.memory_mb_used
            node.free_disk_gb = node.local_gb - node.local_gb_used
            node.running_vms = node.current_workload = 0
            node.cpu_allocation_ratio = 4.0
            node.ram_allocation_ratio = node.disk_allocation_ratio = 1.0
            node.create()

    def heartbeat(self):
        """What nova-compute does every ten seconds."""
        from nova import context
        from nova import objects
        for cell in objects.CellMappingList.get_all(self.context):
            with context.target_cell(self.context, cell) as cell_context:
                for service in objects.ServiceList.get_by_binary(cell_context, 'nova-compute'):
                    service.report_count += 1
                    service.save()

    def schedule(self, extra, count=1):
        """Flavor with these extra specs, so many instances at once. List of (instance, host), or
        None where Nova says NoValidHost."""
        from nova import exception
        from nova import objects
        from oslo_messaging.rpc import dispatcher as rpc_dispatcher
        flavor = objects.Flavor(
            self.context, id=1, flavorid='1', name='vgpu', vcpus=1, memory_mb=64, root_gb=0,
            ephemeral_gb=0, swap=0, rxtx_factor=1.0, is_public=True, disabled=False,
            extra_specs=extra)
        instances = [str(uuid.uuid4()) for _ in range(count)]
        spec = objects.RequestSpec.from_components(
            self.context, instances[0],
            objects.ImageMeta.from_dict({'id': str(uuid.uuid4()), 'properties': {}}),
            flavor, None, objects.InstancePCIRequests(requests=[]), {}, None, None)
        spec.num_instances = count
        self.heartbeat()
        try:
            chosen = self.manager.select_destinations(
                self.context, spec_obj=spec, instance_uuids=instances, return_objects=True)
        except rpc_dispatcher.ExpectedException as e:
            # What oslo.messaging makes of an exception that the caller is told of.
            if e.exc_info[0] is not exception.NoValidHost:
                raise
            return None
        return [(i, c[0].service_host) for i, c in zip(instances, chosen)]

    def allocations(self, instance):
        return self.get('/allocations/' + instance)['allocations']

    def gpus_of(self, instance):
        """{(name of the GPU's provider, class): number} that an instance has."""
        return {(self.names[rp], rc): n for rp, a in self.allocations(instance).items()
                for rc, n in a['resources'].items() if rc == 'VGPU' or rc.startswith('CUSTOM_')}

    def delete(self, instance):
        self.report.delete_allocation_for_instance(self.context, instance)

    def providers(self, host):
        root = self.get('/resource_providers?name=' + host)['resource_providers'][0]['uuid']
        out = []
        for p in self.get('/resource_providers?in_tree=' + root)['resource_providers']:
            where = '/resource_providers/%s/' % p['uuid']
            out.append({'uuid': p['uuid'], 'name': p['name'], 'parent': p['parent_provider_uuid'],
                        'inventory': self.get(where + 'inventories')['inventories'],
                        'usages': self.get(where + 'usages')['usages']})
        return out

    def used(self):
        """VGPUs and the like that Placement counts, over all hosts."""
        return sum(n for host in self.hosts for p in self.providers(host)
                   for rc, n in p['usages'].items() if p['parent'] is not None)


def room(offers):
    """{class: {name of the GPU's provider: number}} of empty GPUs, by the type catalogue."""
    with open(DIR + '/types.csv') as f:
        rows = list(csv.DictReader(f))
    out = {}
    for offer in offers:
        for gpu in offer['gpus']:
            (n,) = {int(r['max_equal_size']) for r in rows if r['name'] == gpu['name']}
            out.setdefault(gpu['class'], {})[provider(offer['host'], gpu)] = n
    return out


def provider(host, gpu):
    """As Nova calls it."""
    return '%s_pci_%s' % (host, gpu['address'].replace(':', '_').replace('.', '_'))


def flavor(rc, n=1):
    return {'resources:' + rc: str(n)}


def hosts_of(chosen):
    return chosen and [host for _, host in chosen]


def connect(offers):
    control = Control()
    control.hosts = [o['host'] for o in offers]
    control.names = {p['uuid']: p['name'] for o in offers for p in o['providers']}
    return control


def decide(offers):
    c = connect(offers)
    for offer in offers:
        c.add_host(offer)
    manage(DIR + '/nova.conf', 'cell_v2', 'discover_hosts')
    c.manager.reset()

    want = room(offers)
    got = {}
    for offer in offers:
        for p in c.providers(offer['host']):
            for rc, inventory in p['inventory'].items():
                if p['parent'] is not None:
                    got.setdefault(rc, {})[p['name']] = inventory['total']
                    print('# %s %d %s' % (p['name'], inventory['total'], rc))
    check_is('Placement has the number of each GPU that the catalogue documents', got, want)

    # A class of its own leads to the host that has it, until that is full.
    custom = sorted(rc for rc in want if rc != 'VGPU')
    for rc in custom:
        ((name, n),) = want[rc].items()
        host = name.split('_')[0]
        some = [c.schedule(flavor(rc)) for _ in range(n)]
        check_is('%s leads to %s, %d times' % (rc, host, n), [hosts_of(s) for s in some],
                 [[host]] * n)
        check_is('and not once more', c.schedule(flavor(rc)), None)
        for s in filter(None, some):
            c.delete(s[0][0])
    check_is('a class that no host offers is refused', c.schedule(flavor('CUSTOM_VGPU_OTHER')),
             None)

    # VGPU fits on two hosts: each gets as many as it has room for.
    total = sum(want['VGPU'].values())
    some = [c.schedule(flavor('VGPU')) for _ in range(total)]
    print('# VGPU=1, one after the other: %s' % [hosts_of(s) for s in some])
    on = {}
    for s in filter(None, some):
        for (name, _), n in c.gpus_of(s[0][0]).items():
            on[name] = on.get(name, 0) + n
    check_is('VGPU=1 is granted %d times, to each GPU what it has room for' % total, on,
             want['VGPU'])
    check_is('with all full it is refused', c.schedule(flavor('VGPU')), None)
    some = [s for s in some if s]
    instance, host = some[0][0]
    (gone,) = c.gpus_of(instance)
    c.delete(instance)
    again = c.schedule(flavor('VGPU'))
    check_is('when one is deleted its GPU is chosen again, and no full host',
             again and (again[0][1], list(c.gpus_of(again[0][0]))), (host, [gone]))
    for s in some[1:] + ([again] if again else []):
        c.delete(s[0][0])
    check_is('all are deleted, nothing is in use', c.used(), 0)

    # Several in one request
    most = max(want['VGPU'].values())
    host = max(want['VGPU'], key=want['VGPU'].get).split('_')[0]
    check_is('VGPU=%d in one flavor is refused, %d are free but no GPU has them alone' %
             (most + 1, total), (c.schedule(flavor('VGPU', most + 1)), total > most), (None, True))
    check_is('%d instances at once are refused' % (total + 1),
             c.schedule(flavor('VGPU'), total + 1), None)
    check_is('a refused request leaves nothing in use', c.used(), 0)
    several = c.schedule(flavor('VGPU'), total)
    check('%d instances at once are granted' % total, several and c.used() == total, several)
    for instance, _ in several or ():
        c.delete(instance)

    two = c.schedule(flavor('VGPU', most))
    check_is('VGPU=%d leads to the only GPU with so many' % most,
             two and (hosts_of(two), list(c.gpus_of(two[0][0]).items())),
             ([host], [((max(want['VGPU'], key=want['VGPU'].get), 'VGPU'), most)]))
    rc = [rc for rc in custom if list(want[rc])[0].startswith(host + '_')][0]
    one = c.schedule(flavor(rc))
    check_is('%s leads there too' % rc, hosts_of(one), [host])
    chosen = [s[0] for s in (two, one) if s]
    with open(DIR + '/job.json', 'w') as f:
        json.dump({'host': host, 'providers': c.providers(host), 'instances': [
            {'uuid': i, 'name': 'vm%d' % n, 'allocations': c.allocations(i)}
            for n, (i, h) in enumerate(chosen) if h == host]}, f)
    with open(DIR + '/chosen', 'w') as f:
        f.write(host + '\n')


def settle(offers):
    """The chosen host has started what was decided."""
    with open(DIR + '/started.json') as f:
        started = json.load(f)
    with open(DIR + '/job.json') as f:
        job = json.load(f)
    c = connect(offers)
    c.manager.reset()
    host = job['host']
    (offer,) = [o for o in offers if o['host'] == host]
    gpu = {provider(host, g): g for g in offer['gpus']}
    shown = started['libvirt']

    for i in job['instances']:
        on = {}
        for mdev in shown['domains'].get(i['uuid'], ()):
            m = shown['mdevs'][mdev]
            key = ('%s_%s' % (host, m['parent']), m['type'])
            on[key] = on.get(key, 0) + 1
        want = {(name, gpu[name]['id']): n for (name, rc), n in c.gpus_of(i['uuid']).items()}
        print('# %s: %s' % (i['name'], ', '.join('%d of %s on %s' % (n, t, p)
                                                  for (p, t), n in on.items())))
        check_is('libvirt shows in %s what Placement has allocated' % i['name'], on, want)
    used = sum(len(m) for m in shown['domains'].values())
    check_is('and no vGPU beside them', (len(shown['mdevs']), c.used()), (used, used))
    left = {p['name']: sum(p['inventory'][rc]['total'] - p['usages'][rc] for rc in p['inventory'])
            for p in c.providers(host) if p['parent'] is not None}
    check_is("what libvirt says is left is Placement's rest",
             {'%s_%s' % (host, dev): types[gpu['%s_%s' % (host, dev)]['id']]
              for dev, types in shown['left'].items()}, left)

    # The host reports, as it does each minute: with vGPUs in use nothing may change.
    before = c.providers(host)
    c.offer(dict(offer, providers=started['providers']))
    check_is("the host's next report changes nothing in Placement", c.providers(host), before)

    rc = [list(p['inventory'])[0] for p in before
          if p['parent'] is not None and 'VGPU' not in p['inventory']][0]
    total = [p['inventory'][rc]['total'] for p in before if rc in p['inventory']][0]
    check_is('%d of %s at once are refused while one is in use' % (total, rc),
             c.schedule(flavor(rc), total), None)
    for i in job['instances']:
        c.delete(i['uuid'])
    check_is('with the allocations deleted nothing is in use', c.used(), 0)
    check_is('and they are granted', hosts_of(c.schedule(flavor(rc), total)), [host] * total)


def main():
    offers = []
    for path in sys.argv[3:]:
        with open(path) as f:
            offers.append(json.load(f))
    if sys.argv[2] == 'decide':
        make_databases()
    server, version = start_placement()
    check('Placement answers over HTTP', 'max_version' in version['versions'][0], version)
    try:
        if sys.argv[2] == 'decide':
            decide(offers)
        else:
            settle(offers)
    finally:
        server.terminate()
        server.wait()
    return 1 if failed else 0


with open(DIR + '/log', 'a') as log:
    try:
        status = main()
    except Exception:
        traceback.print_exc()
        status = 2	# 1 is a check that failed
sys.exit(status)
