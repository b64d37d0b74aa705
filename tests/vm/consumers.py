# SPDX-License-Identifier: LGPL-2.1-or-later
"""
How other programs read and write what NVIDIA's driver shows, each told anew from what is known
of it: nothing here is their code. docs/ has a page for each that names where the facts are from.

Every function works below S, which is /sys or a copy of it. It returns what its program makes of
the files, and raises where the program would give up. What a program does not look at is not
looked at here either: consumers-check.py changes single characters in a copy and wants
the result to change.
"""
import os
import re
import uuid


class GivesUp(Exception):
    pass


def read(path):
    with open(path, encoding="ascii") as f:
        return f.read()


def first_line(path):
    """As it is, but for the newline."""
    return read(path).split("\n", 1)[0]


def write(path, text):
    """One write, and no newline but the text's own."""
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def atoi(text):
    """A decimal number and nothing else."""
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise GivesUp("no number: %r" % text)
    return int(text)


def leading_int(text):
    """Perl's int(): what is behind the digits does not matter."""
    m = re.match(r"\s*([0-9]+)", text)
    return int(m.group(1)) if m else 0


def link(path):
    return os.path.basename(os.readlink(path))


def listing(path):
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []


def devices(s):
    return [(a, "%s/bus/pci/devices/%s" % (s, a)) for a in listing(s + "/bus/pci/devices")]


# --- KubeVirt -------------------------------------------------------------------------------
# virt-handler reads; virt-chroot writes.

def kubevirt_vfs(s, selectors):
    """{resource: [(address, IOMMU group, cdevs)]} of {"10de:2235": resource}."""
    found = {}
    selectors = {k.lower(): v for k, v in selectors.items()}
    for address, d in devices(s):
        pci_id = None
        for line in read(d + "/uevent").splitlines():
            if line.startswith("PCI_ID"):
                pci_id = line[line.find("=") + 1:].strip().lower()
                break
        if pci_id not in selectors:
            continue
        try:
            driver = link(d + "/driver")
        except OSError:
            continue
        if driver != "vfio-pci":
            if driver != "nvidia" or os.path.exists(d + "/sriov_totalvfs"):
                continue
            try:
                now = read(d + "/nvidia/current_vgpu_type").strip()
            except OSError:
                continue
            if now in ("", "0"):
                continue
        found.setdefault(selectors[pci_id], []).append(
            (address, link(d + "/iommu_group"), listing(d + "/vfio-dev")))
    return found


def kubevirt_name(text):
    return text.replace(" ", "_").strip()


def kubevirt_mdev_parent(s, u):
    return os.readlink("%s/bus/mdev/devices/%s" % (s, u)).split("/")[-2]


def kubevirt_mdevs(s, selectors, dev="/dev/vfio"):
    """{resource: [(UUID, parent, IOMMU group)]} of {"NVIDIA A40-4Q": resource}."""
    found = {}
    selectors = {k.replace(" ", "_"): v for k, v in selectors.items()}
    for u in listing(s + "/bus/mdev/devices"):
        d = "%s/bus/mdev/devices/%s" % (s, u)
        name = kubevirt_name(read(d + "/mdev_type/name"))
        if name in selectors:
            group = link(d + "/iommu_group")
            if dev and not os.path.exists("%s/%s" % (dev, group)):
                raise GivesUp("%s has disappeared" % group)
            found.setdefault(selectors[name], []).append((u, kubevirt_mdev_parent(s, u), group))
    return found


def kubevirt_offers(s, desired):
    """[(parent, type, how many)] that it would make of the types by name or by id."""
    taken = {kubevirt_mdev_parent(s, u) for u in listing(s + "/bus/mdev/devices")}
    offers = []
    for parent in listing(s + "/class/mdev_bus"):
        types = "%s/class/mdev_bus/%s/mdev_supported_types" % (s, parent)
        for t in listing(types):
            name = kubevirt_name(read("%s/%s/name" % (types, t)))
            if (name in desired or t in desired) and parent not in taken:
                lines = read("%s/%s/available_instances" % (types, t)).splitlines()
                offers.append((parent, t, atoi(lines[0])))
    return offers


def kubevirt_configure(s, desired, keep=()):
    """Removes every mdev of a type that is neither desired nor somebody else's, and fills each
    GPU without mdevs with as many of one desired type as there can be."""
    for u in listing(s + "/bus/mdev/devices"):
        d = "%s/bus/mdev/devices/%s" % (s, u)
        names = {kubevirt_name(read(d + "/mdev_type/name")), link(d + "/mdev_type")}
        if not names & (set(desired) | set(keep)):
            write(d + "/remove", "1")
    made = []
    for parent, t, n in kubevirt_offers(s, desired):
        if parent in [p for p, _ in made]:
            continue
        for _ in range(n):
            u = str(uuid.uuid1())
            write("%s/class/mdev_bus/%s/mdev_supported_types/%s/create" % (s, parent, t), u)
            made.append((parent, u))
    return [u for _, u in made]


# --- OpenNebula -----------------------------------------------------------------------------

def opennebula_monitor(s, addresses=None):
    """{address: what the host reports of the device} of NVIDIA's."""
    found = {}
    for address, d in devices(s):
        if addresses and address not in addresses:
            continue
        if first_line(d + "/vendor") != "0x10de" or os.path.exists(d + "/virtfn0"):
            continue
        card = {
            "TYPE": ":".join((first_line(d + "/vendor")[2:], first_line(d + "/device")[2:],
                              first_line(d + "/class")[2:6])),
            "ADDRESS": address.replace(".", ":"),
            "SRIOV": "vf" if os.path.exists(d + "/physfn") else "no",
        }
        if card["SRIOV"] == "vf":
            bus = "%s/class/mdev_bus/%s" % (s, address)
            card["UUID"] = str(uuid.uuid5(uuid.NAMESPACE_X500, card["ADDRESS"]))
            card["PROFILES"] = listing(bus + "/mdev_supported_types") or opennebula_profiles(d)
            card["MDEV_MODE"] = "legacy" if os.path.exists(bus) else "nvidia"
        found[address] = card
    return found


def opennebula_profiles(d):
    found = []
    for line in read(d + "/nvidia/creatable_vgpu_types").splitlines():
        parts = line.split(":")
        if len(parts) < 2:
            return []
        number, name = parts[0].strip(), parts[1].strip()
        if number and name and number.upper() != "ID":
            found.append("%s (%s)" % (number, name))
    return found


def opennebula_profile(d, profile):
    """What it would write: the profile's first word, or what the second line begins with."""
    types = read(d + "/nvidia/creatable_vgpu_types")
    if not profile:
        lines = types.split("\n")
        return re.sub(r"[ \t]", "", lines[1].split(":")[0]) if len(lines) > 1 else ""
    profile = profile.split(" ")[0]
    if profile not in types:	# anywhere
        raise GivesUp("Profile '%s' not supported by vGPU" % profile)
    return profile


def opennebula_create(s, address, profile=""):
    d = "%s/bus/pci/devices/%s" % (s, address)
    write(d + "/nvidia/current_vgpu_type", opennebula_profile(d, profile) + "\n")


def opennebula_delete(s, address):
    write("%s/bus/pci/devices/%s/nvidia/current_vgpu_type" % (s, address), "0\n")


def opennebula_legacy(s, address, profile, u, action):
    d = "%s/class/mdev_bus/%s/mdev_supported_types/%s/" % (s, address, profile)
    if action == "create":
        write(d + "create", u + "\n")
    else:
        write(d + "devices/" + u + "/remove", "1\n")


# --- Proxmox VE -----------------------------------------------------------------------------

def proxmox_device(s, address):
    d = "%s/bus/pci/devices/%s" % (s, address)
    info = {
        "id": "%s:%s" % (first_line(d + "/vendor").replace("0x", ""),
                         first_line(d + "/device").replace("0x", "")),
        "subsystem-id": "%s:%s" % (first_line(d + "/subsystem_vendor").replace("0x", ""),
                                   first_line(d + "/subsystem_device").replace("0x", "")),
        "mdev": os.path.isdir(d + "/mdev_supported_types"),
    }
    info["nvidia"] = not info["mdev"] and os.path.isdir(d + "/nvidia")
    m = re.search(r"/(\d+)$", os.readlink(d + "/iommu_group"))
    if not m:
        raise GivesUp("no IOMMU group")
    info["iommugroup"] = m.group(1)
    return info


def proxmox_valid(s, mapping):
    """A line "map" of /etc/pve/mapping/pci.cfg, against the device that it names."""
    info = proxmox_device(s, mapping["path"])
    for key in ("id", "iommugroup", "subsystem-id"):
        if mapping.get(key) != info[key]:
            raise GivesUp("'%s' does not match (%s != %s)" % (key, info[key], mapping.get(key)))
    return info


def proxmox_types(s, address):
    """[(type, name, available, description)], from whichever interface there is."""
    d = "%s/bus/pci/devices/%s" % (s, address)
    found = []
    if os.path.isdir(d + "/mdev_supported_types"):
        for t in listing(d + "/mdev_supported_types"):
            f = "%s/mdev_supported_types/%s/" % (d, t)
            found.append((t, first_line(f + "name"),
                          leading_int(first_line(f + "available_instances")),
                          read(f + "description")))
    elif os.path.isfile(d + "/nvidia/creatable_vgpu_types"):
        for line in read(d + "/nvidia/creatable_vgpu_types").split("\n"):
            m = re.match(r"(.*?)\s*:\s*(.*)$", line)
            if m and not line.startswith("ID"):
                found.append(("nvidia-" + m.group(1), m.group(2), 1, ""))
    return found


def proxmox_model(s, address, mdev):
    """The number that goes to the VF, or None if the type is made as an mdev."""
    m = re.fullmatch(r"nvidia-(\d+)", mdev)
    return m.group(1) if m and proxmox_device(s, address)["nvidia"] else None


def proxmox_current(s, address):
    return first_line("%s/bus/pci/devices/%s/nvidia/current_vgpu_type" % (s, address))


def proxmox_vf_take(s, address, model):
    f = "%s/bus/pci/devices/%s/nvidia/current_vgpu_type" % (s, address)
    now = proxmox_current(s, address)
    if now == model:
        return
    if now != "0":
        write(f, "0")
    if "nvidia-" + model not in [t[0] for t in proxmox_types(s, address) if t[2] >= 1]:
        raise GivesUp("vgpu type '%s' not available for '%s'" % (model, address))
    write(f, model)


def proxmox_vf_leave(s, address, times, pause):
    """Patient: a VM that has just ended may still have it."""
    for _ in range(times):
        if proxmox_current(s, address) == "0":
            break
        pause()
        try:
            write("%s/bus/pci/devices/%s/nvidia/current_vgpu_type" % (s, address), "0")
        except OSError:
            pass
    return proxmox_current(s, address) == "0"


def proxmox_uuid(vm, index):
    return "%08d-0000-0000-0000-%012d" % (index, vm)


def proxmox_mdev_take(s, address, u, t):
    d = "%s/bus/pci/devices/%s" % (s, address)
    if not os.path.isdir("%s/mdev_supported_types/%s" % (d, t)):
        raise GivesUp("pci device '%s' has no type '%s'" % (address, t))
    if os.path.isdir("%s/%s" % (d, u)):
        if link("%s/%s/mdev_type" % (d, u)) != t:
            raise GivesUp("mdev instance '%s' already exists, but type is not '%s'" % (u, t))
        return
    m = re.match(r"(\d+)$", first_line("%s/mdev_supported_types/%s/available_instances" % (d, t)))
    if not m or int(m.group(1)) < 1:
        raise GivesUp("pci device '%s' has no available instances of '%s'" % (address, t))
    write("%s/mdev_supported_types/%s/create" % (d, t), u)


def proxmox_mdev_leave(s, u):
    d = "%s/bus/mdev/devices/%s" % (s, u)
    if os.path.exists(d):
        write(d + "/remove", "1")


# --- CloudStack -----------------------------------------------------------------------------

def cloudstack(s):
    """Of each GPU: [(UUID, profile, max, MiB, heads, X, Y)], and of its VFs that have a type
    {address: the number as nvidia-smi writes it}."""
    found = {}
    for address, d in devices(s):
        # "3D controller" as lspci names it; VFs come with their GPU
        if os.path.exists(d + "/physfn") or not first_line(d + "/class").startswith("0x0302"):
            continue
        if first_line(d + "/vendor") != "0x10de":
            continue
        gpu = {"driver": link(d + "/driver"), "vgpus": [], "vfs": {}}
        for t in listing(d + "/mdev_supported_types"):
            f = "%s/mdev_supported_types/%s" % (d, t)
            what = read(f + "/description")
            numbers = []
            for regex in (r"max_instance=([0-9]+)", r"framebuffer=([0-9]+)M?",
                          r"num_heads=([0-9]+)", r"max_resolution=([0-9]+)x([0-9]+)"):
                m = re.search(regex, what)
                numbers += [int(n) for n in m.groups()] if m else [None]
            for u in listing(f + "/devices"):
                gpu["vgpus"].append((u, read(f + "/name").rstrip("\n"), *numbers))
        for n in listing(d):
            if n.startswith("virtfn"):
                vf = os.path.basename(os.path.realpath("%s/%s" % (d, n)))
                now = first_line("%s/bus/pci/devices/%s/nvidia/current_vgpu_type" % (s, vf))
                if now != "0":
                    gpu["vfs"][vf] = "0x%x" % atoi(now)
        found[address] = gpu
    return found


# --- vgpu-device-manager --------------------------------------------------------------------

vgpu_dm_names = (r"[A-Z0-9]+(-[a-zA-Z]+)*-(0|[1-9][0-9]*)[ABCQ]",
                 r"[A-Z0-9]+-[1-9]-(0|[1-9][0-9]*)[ABCQ](ME|NOME|MEALL|GFX)?")


def vgpu_dm_gpu(s, address):
    """The device id of a GPU, None if it is something else."""
    d = "%s/bus/pci/devices/%s" % (s, address)

    def number(name):
        return int(read("%s/%s" % (d, name)).strip(), 0)
    if number("vendor") != 0x10de or number("class") not in (0x030000, 0x030200):
        return None
    number("numa_node")
    for name in ("driver", "iommu_group"):
        if os.path.islink("%s/%s" % (d, name)):
            where = link("%s/%s" % (d, name))
    int(where, 0)
    for line in read(d + "/resource").strip().split("\n"):
        if len(line.split(" ")) != 3:
            raise GivesUp("resource")
    if not os.path.exists(d + "/physfn") and os.path.exists(d + "/sriov_totalvfs"):
        number("sriov_totalvfs")
        number("sriov_numvfs")
    return "0x%04X%04X" % (number("device"), number("vendor"))


def vgpu_dm_word(text):
    word = text.strip().split(" ")[-1]
    if not word:
        raise GivesUp("no name")
    return word


def vgpu_dm_types(s, parent):
    """{last word of its name: directory}"""
    d = "%s/bus/pci/devices/%s/mdev_supported_types" % (s, parent)
    return {vgpu_dm_word(read("%s/%s/name" % (d, t))): "%s/%s" % (d, t)
            for t in listing(d) if t.startswith("nvidia-")}


def vgpu_dm_parents(s):
    return [a for a in listing(s + "/class/mdev_bus") if vgpu_dm_gpu(s, a)]


def vgpu_dm_mdevs(s):
    """[(UUID, type, GPU)]"""
    found = []
    for u in listing(s + "/bus/mdev/devices"):
        d = os.path.realpath("%s/bus/mdev/devices/%s" % (s, u))
        parent = os.path.basename(os.path.dirname(d))
        if not vgpu_dm_gpu(s, parent):
            continue
        os.readlink(d + "/driver")
        int(link(d + "/iommu_group"), 0)
        found.append((u, vgpu_dm_word(read(os.path.realpath(d + "/mdev_type") + "/name")), parent))
    return found


def vgpu_dm_left(s):
    """{(GPU, type): how many}"""
    return {(p, t): atoi(read(d + "/available_instances").strip())
            for p in vgpu_dm_parents(s) for t, d in vgpu_dm_types(s, p).items()}


def vgpu_dm_wanted(s, config, selected):
    """[(GPU, {type: count})] of a configuration file, GPUs in the order of their addresses."""
    if config.get("version") != "v1":
        raise GivesUp("unknown version")
    gpus = [a for a, d in devices(s) if not os.path.exists(d + "/physfn") and
            first_line(d + "/vendor") == "0x10de" and vgpu_dm_gpu(s, a)]
    wanted = []
    for part in config["vgpu-configs"][selected]:
        for name, n in part["vgpu-devices"].items():
            if not any(re.fullmatch(r, name) for r in vgpu_dm_names):
                raise GivesUp("malformed vGPU type string '%s'" % name)
            if n <= 0:
                raise GivesUp("invalid count")
        for i, gpu in enumerate(gpus):
            filters = part.get("device-filter", [])
            filters = [filters] if isinstance(filters, str) else filters
            if filters and vgpu_dm_gpu(s, gpu).lower() not in [f.lower() for f in filters]:
                continue
            if part["devices"] == "all" or i in part["devices"]:
                wanted.append((gpu, part["vgpu-devices"]))
    return wanted


def vgpu_dm_apply(s, config, selected):
    """Removes what the GPU has, whoever made it, and makes what is wanted."""
    for gpu, wanted in vgpu_dm_wanted(s, config, selected):
        types = vgpu_dm_types(s, gpu)
        names = {}
        for name, n in wanted.items():
            short = re.sub(r"(MEALL|NOME|ME|GFX)$", "", name)
            name = name if name in types else short
            if name not in types:
                raise GivesUp("vGPU type %s is not supported on GPU" % name)
            names[name] = n
        now = {}
        for _, t, parent in vgpu_dm_mdevs(s):
            if parent == gpu:
                now[t] = now.get(t, 0) + 1
        if now == wanted:
            continue
        for u, _, parent in vgpu_dm_mdevs(s):
            if parent == gpu:
                write("%s/bus/mdev/devices/%s/remove" % (s, u), "1")
        for name, n in names.items():
            left = vgpu_dm_left(s)[(gpu, name)]
            for _ in range(min(n, left)):
                write(types[name] + "/create", str(uuid.uuid4()))
            if left < n:
                raise GivesUp("failed to create %d %s vGPU devices" % (n, name))
