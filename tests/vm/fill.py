#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
fill.py PF BOARD SEED [PART...]: fills a GPU with each size that NVIDIA documents for it, up to
the documented number, and empties it in random order. After every single step the
available_instances of every type are compared with what the documents leave room for.

Parts: equal, mixed, mig. What is expected comes from types.csv, placements.csv and the limits of
the firmware branch; nothing is computed as the driver does it. Prints "ok NAME" and "not ok NAME",
and behind the latter lines "# ...".
"""
import csv
import errno
import os
import random
import sys
import uuid

pf, board, seed = sys.argv[1:4]
parts = sys.argv[4:] or ["equal", "mixed", "mig"]
rng = random.Random(int(seed))
pci = "/sys/bus/pci/devices/" + pf
catalogue = {"RTXPRO6000": "RTXPRO6000-BSE"}.get(board, board)


def read(path):
    with open(path) as f:
        return f.read().rstrip("\n")


def write(path, text):
    """Name of the errno, or ok."""
    def name(e):
        # one number with two names
        return "EOPNOTSUPP" if e.errno == errno.EOPNOTSUPP else errno.errorcode[e.errno]
    try:
        fd = os.open(path, os.O_WRONLY)
    except OSError as e:
        return name(e)
    try:
        os.write(fd, text.encode())
        return "ok"
    except OSError as e:
        return name(e)
    finally:
        os.close(fd)


class Wrong(Exception):
    pass


def expect(what, got, want):
    if got != want:
        raise Wrong("%s: got %s, want %s" % (what, got, want))


class Type:
    def __init__(self, row):
        self.id = int(row["type_id"])
        self.name = row["name"]
        self.mib = int(row["profile_mib"])
        self.mig = row["mig"] == "1"
        self.slices = int(row["gi_slices"] or 0)
        self.me = row["attr"].startswith("ME")
        self.max = int(row["max_equal_size"])


branch = int(read(pci + "/vgpu/firmware").split(".")[0])
limit = 32
mig_limit = 48 if branch >= 595 else 7
vfs = int(read(pci + "/sriov_numvfs"))
shown = {int(d.rsplit("-", 1)[1]) for d in os.listdir(pci + "/mdev_supported_types")}
with open("/usr/share/openvgpu/types.csv") as f:
    types = [Type(r) for r in csv.DictReader(f) if r["gpu"] == catalogue]
with open("/usr/lib/openvgpu-test/placements.csv") as f:
    places = {int(r["profile_gib"]) * 1024: r for r in csv.DictReader(f) if r["gpu"] == catalogue}
types = [t for t in types if t.id in shown]
by_id = {t.id: t for t in types}
plain = [t for t in types if not t.mig]
backed = [t for t in types if t.mig]


def sizes(of):
    """Types by size, the order of each mixed: series may share a GPU."""
    out = {}
    for t in of:
        out.setdefault(t.mib, []).append(t)
    for ts in out.values():
        rng.shuffle(ts)
    return out


class Gpu:
    """What is on the GPU, and what the rules of a mode leave room for."""

    def __init__(self, rule):
        self.rule = rule
        self.on = {}        # uuid: (type, where)
        self.steps = 0
        self.fds = {}
        for t in types:
            self.fds[t.id] = os.open("%s/mdev_supported_types/nvidia-%d/available_instances"
                                     % (pci, t.id), os.O_RDONLY)

    def close(self):
        for fd in self.fds.values():
            os.close(fd)

    def available(self):
        return {i: int(os.pread(fd, 16, 0)) for i, fd in self.fds.items()}

    def check(self, after):
        self.steps += 1
        room = max(0, min((mig_limit if self.rule.mig else limit), vfs) - len(self.on))
        free = self.rule.free(self.on)
        want = {t.id: min(room, free(t)) for t in types}
        got = self.available()
        if got != want:
            bad = ["%s %d (not %d)" % (by_id[i].name, got[i], want[i])
                   for i in got if got[i] != want[i]]
            raise Wrong("%s, with %d vGPUs: available %s"
                        % (after, len(self.on), ", ".join(bad[:6])))

    def create(self, t, want="ok"):
        u = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        got = write("%s/mdev_supported_types/nvidia-%d/create" % (pci, t.id), u)
        expect("create %s as number %d" % (t.name, len(self.on) + 1), got, want)
        if want == "ok":
            dev = "/sys/bus/mdev/devices/" + u
            self.on[u] = (t, self.rule.where(dev, t, self.on))
            self.check("after creating %s" % t.name)
        elif not read(pci + "/vgpu/last_error"):
            raise Wrong("%s was refused without a reason" % t.name)

    def remove(self, u):
        t = self.on[u][0]
        expect("remove", write("/sys/bus/mdev/devices/%s/remove" % u, "1"), "ok")
        del self.on[u]
        self.check("after removing %s" % t.name)

    def empty(self):
        left = list(self.on)
        rng.shuffle(left)
        for u in left:
            self.remove(u)

    def drop(self):
        """After something was wrong."""
        for u in list(self.on):
            write("/sys/bus/mdev/devices/%s/remove" % u, "1")
            del self.on[u]

    def fill(self, ts, want):
        """As many as documented, of all series in turn, and one more of each."""
        self.check("on the empty GPU")
        for i in range(want):
            self.create(ts[i % len(ts)])
        for t in ts[:2]:
            self.create(t, "ENOSPC")
        self.check("after a refusal")
        expect("vGPUs of %d MiB" % ts[0].mib, len(self.on), want)


class Equal:
    mig = False

    def free(self, on):
        size = next(iter(on.values()))[0].mib if on else None
        return lambda t: 0 if t.mig or size not in (None, t.mib) else max(0, t.max - len(on))

    def where(self, dev, t, on):
        ids = places[t.mib]["equal_size_placement_ids"]
        got = read(dev + "/nvidia/placement_id")
        # ids came to the host's side with vGPU 17
        if ids.startswith("n/a") or branch < 570:
            return expect("placement id of " + t.name, got, "Not Applicable")
        taken = {w for _, w in on.values()}
        expect("placement id of " + t.name, got, next(i for i in ids.split() if i not in taken))
        return got


class Mixed:
    mig = False

    def ids(self, t, on):
        """Ids of the type that overlap nothing, in NVIDIA's order."""
        taken = [(w, w + int(places[o.mib]["placement_size"])) for o, w in on.values()]
        size = int(places[t.mib]["placement_size"])
        return [i for i in map(int, places[t.mib]["mixed_size_placement_ids"].split())
                if all(i + size <= a or i >= b for a, b in taken)]

    def free(self, on):
        counts = {t.mib: len(self.ids(t, on)) for t in plain}
        return lambda t: 0 if t.mig else counts[t.mib]

    def where(self, dev, t, on):
        got = read(dev + "/nvidia/placement_id")
        expect("placement id of " + t.name, got, str(self.ids(t, on)[0]))
        return int(got)


def profiles():
    """Name: (total, available)"""
    out = {}
    for line in read(pci + "/vgpu/gpu_instance_profiles").splitlines():
        name, total, available = line.split()
        out[name] = int(total.split("=")[1]), int(available.split("=")[1])
    return out


def profile_of(t):
    """Its slices and its media engine say which; two kinds of 1g differ by their memory."""
    ps = [p for p in profiles() if p.startswith("%dg." % t.slices) and ("+me" in p) == t.me]
    if len(ps) > 1:
        ps = [p for p in ps if int(p.split(".")[1].split("gb")[0]) == t.mib // 1024]
    expect("profiles of " + t.name, len(ps), 1)
    return ps[0]


def instances():
    out = {}
    for line in read(pci + "/vgpu/gpu_instances").splitlines():
        gi, name = line.split()[:2]
        out[int(gi)] = name, int(line.rsplit("=", 1)[1])
    return out


class Mig:
    mig = True

    def __init__(self, per_gi, profile):
        self.per_gi = per_gi    # type id: number
        self.profile = profile  # type id: name
        self.gis = {gi: name for gi, (name, _) in instances().items()}

    def free(self, on):
        held = {gi: [o for o, w in on.values() if w == gi] for gi in self.gis}

        def count(t):
            if not t.mig:
                return 0
            n = 0
            for gi, name in self.gis.items():
                if name != self.profile[t.id]:
                    continue
                if not held[gi]:
                    n += self.per_gi[t.id]
                elif held[gi][0].mib == t.mib:
                    n += max(0, self.per_gi[t.id] - len(held[gi]))
            return n
        return count

    def where(self, dev, t, on):
        gi = int(read(dev + "/nvidia/gpu_instance_id"))
        expect("profile of the instance of " + t.name, self.gis.get(gi), self.profile[t.id])
        expect("vGPUs that instance %d says it has" % gi, instances()[gi][1],
               1 + sum(w == gi for _, w in on.values()))
        return gi


def setting(name, value, want="ok"):
    expect("%s %s" % (name, value), write("%s/vgpu/%s" % (pci, name), value), want)


def run(name, body):
    try:
        print("ok %s: %s" % (name, body()), flush=True)
    except Wrong as e:
        print("not ok %s" % name)
        print("# %s" % e, flush=True)


def filled(rule, of, most):
    """Every size of these types alone."""
    gpu = Gpu(rule)
    total = 0
    try:
        for mib, ts in sorted(sizes(of).items()):
            want = most(ts[0])
            gpu.fill(ts, want)
            total += want
            gpu.empty()
    finally:
        gpu.drop()
        gpu.close()
    return "%d sizes, %d vGPUs, %d steps" % (len(sizes(of)), total, gpu.steps)


def equal():
    return filled(Equal(), plain, lambda t: min(t.max, limit, vfs))


def mixed():
    # documented, but for boards where NVIDIA's documents and its code differ: see shared data
    return filled(Mixed(), plain, lambda t: min(int(places[t.mib]["mixed_count"]), limit, vfs))


def mixture():
    """Sizes at random until nothing fits, some removed, filled again."""
    gpu = Gpu(Mixed())
    made = 0
    try:
        for _ in range(3):
            while True:
                free = gpu.available()
                fit = [t for t in plain if free[t.id]]
                if not fit:
                    break
                gpu.create(rng.choice(fit))
                made += 1
            for t in rng.sample(plain, min(4, len(plain))):
                gpu.create(t, "ENOSPC")
            for u in rng.sample(list(gpu.on), len(gpu.on) // 2):
                gpu.remove(u)
        gpu.empty()
    finally:
        gpu.drop()
        gpu.close()
    return "%d vGPUs, %d steps" % (made, gpu.steps)


def destroy():
    for gi in rng.sample(list(instances()), len(instances())):
        setting("gpu_instance_destroy", str(gi))


def mig():
    per_gi, profile = {}, {}
    for t in backed:
        profile[t.id] = profile_of(t)
        per_gi[t.id] = t.max // profiles()[profile[t.id]][0]
    out = []
    for name in profiles():
        total = profiles()[name][0]
        for left in range(total, 0, -1):
            expect("instances of %s that fit" % name, profiles()[name][1], left)
            setting("gpu_instance_create", name)
        setting("gpu_instance_create", name, "ENOSPC")
        ts = [t for t in backed if profile[t.id] == name]
        done = filled(Mig(per_gi, profile), ts, lambda t: min(t.max, mig_limit, vfs))
        out.append("%d x %s %s" % (total, name, done))
        destroy()
    return "; ".join(out)


print("# %s %s, firmware %d, seed %s" % (pf, board, branch, seed), flush=True)
if "equal" in parts:
    run("equal size", equal)
if "mixed" in parts:
    if branch < 570:
        run("no mixed sizes on this branch",
            lambda: setting("placement_mode", "mixed", "EOPNOTSUPP") or "EOPNOTSUPP")
    else:
        setting("placement_mode", "mixed")
        run("mixed sizes, each alone", mixed)
        run("mixed sizes, together", mixture)
        setting("placement_mode", "equal")
if "mig" in parts:
    if not backed:
        run("no MIG on this board", lambda: setting("mig", "1", "EOPNOTSUPP") or "EOPNOTSUPP")
    else:
        setting("mig", "1")
        run("MIG-backed", mig)
        destroy()
        setting("mig", "0")
