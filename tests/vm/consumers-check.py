#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
consumers-check.py PF VF0 VF2 DIRECTORY: what consumers.py and vdsm.py make of our files, of copies
with one character changed, and of examples/. Prints "ok NAME" and "not ok NAME", behind the
latter lines "# ...", and "done" at the end.
"""
import csv
import os
import re
import shutil
import subprocess
import sys
import uuid

import consumers as c
import examples
import vdsm

pf, va, vb, tmp = sys.argv[1:5]
pci = "/sys/bus/pci/devices/"
S = "/sys"
doc = "/usr/share/doc/openvgpu/examples/"


def check(name, good, *details):
    print("ok " + name if good else "not ok " + name)
    if not good:
        print("\n".join("# %s" % (d,) for d in details))
    sys.stdout.flush()


def equal(name, got, want):
    check(name, got == want, "got:  %r" % (got,), "want: %r" % (want,))


def refused(name, words, f, *args):
    try:
        f(*args)
    except (c.GivesUp, OSError, examples.Bad) as e:
        check(name, words in str(e), str(e))
    else:
        check(name, False, "it was not refused")


def mdevs():
    return sorted(os.listdir("/sys/bus/mdev/devices"))


def example(name):
    with open(doc + name, encoding="utf-8") as f:
        return f.read()


# What there should be comes from the source of the catalogue and not from the driver.
with open("/usr/share/openvgpu/types.csv", encoding="utf-8") as table:
    rows = [r for r in csv.DictReader(table) if r["gpu"] == "A40"]
four = {r["type_id"]: r["name"] for r in rows if r["profile_mib"] == "4096"}

# --- examples ---------------------------------------------------------------------------------

template = examples.one_template(example("opennebula-vm.template"))
one_pci = [v for k, v in template if k == "PCI"][0]
one_conf = examples.yaml(example("opennebula-pci.conf"))[0]
mapping = examples.pci_cfg(example("proxmox-pci.cfg"))
vm = examples.vm_conf(example("proxmox-vm.conf"))
hostpci = examples.properties(vm["hostpci0"])
kubevirt = examples.yaml(example("kubevirt.yaml"))[0]["spec"]["configuration"]
permitted = kubevirt["permittedHostDevices"]
desired = kubevirt["mediatedDevicesConfiguration"]["nodeMediatedDeviceTypes"][0]
gpu = examples.yaml(example("kubevirt-vm.yaml"))[0]["spec"]["template"]["spec"]["domain"]
gpu = gpu["devices"]["gpus"][0]
mdev_resources = {e["mdevNameSelector"]: e["resourceName"] for e in permitted["mediatedDevices"]}
vf_resources = {e["pciVendorSelector"]: e["resourceName"] for e in permitted["pciHostDevices"]}
dm = examples.yaml(example("vgpu-device-manager.yaml"))[0]
service = examples.unit(example("vgpu-vf-types.service"))
ovirt = vdsm.request(example("ovirt-vgpu.xml"))[0]

equal("the examples' keys: KubeVirt", sorted(permitted) + sorted(kubevirt) + sorted(desired),
      ["mediatedDevices", "pciHostDevices", "mediatedDevicesConfiguration", "permittedHostDevices",
       "mediatedDeviceTypes", "nodeSelector"])
check("KubeVirt's VM asks for one of them", gpu["deviceName"] in mdev_resources.values(), gpu)
check("and for no display", gpu["virtualGPUOptions"]["display"]["enabled"] is False, gpu)
equal("OpenNebula's file", sorted(one_conf), [":device_name", ":filter", ":nvidia_vendors",
                                              ":short_address"])
check("oVirt's request has no display", ovirt["nodisplay"], ovirt)
equal("oVirt's old property", vdsm.request("nodisplay,nvidia-560,nvidia-560"),
      2 * [{"mdevType": "nvidia-560", "nodisplay": True}])
check("the kubelet waits for the VFs", ("Unit", "After", "vgpu-vf-types.service") in
      examples.unit(example("kubelet-openvgpu.conf")))
for text, words in (("a: [1]\n", "not read here"), ("a:\n  - b\n  c: d\n", "mixed"),
                    ("a: b\na: c\n", "twice"), ("a:\n", "empty"), ("a: b\n   c: d\n", "oddly")):
    refused("no YAML of ours: %r" % text, words, examples.yaml, text)

# --- what is read ------------------------------------------------------------------------------
# A type on VF 0, an mdev, which takes VF 1, VF 2 free: only 4 GiB fit now.

c.opennebula_create(S, va, one_pci["PROFILE"])
equal("OpenNebula takes a VF", c.read(pci + va + "/nvidia/current_vgpu_type"), "560\n")
u = c.proxmox_uuid(100, 0)
c.proxmox_mdev_take(S, pf, u, "nvidia-570")
equal("Proxmox makes an mdev", mdevs(), [u])
equal("VF 2 is free", c.read(pci + vb + "/vgpu/owner"), "none\n")
free = int(c.read(pci + pf + "/mdev_supported_types/nvidia-560/available_instances"))
group = c.link(pci + va + "/iommu_group")
shown = sorted(os.listdir(pci + pf + "/mdev_supported_types"))

equal("KubeVirt: VFs with a type", c.kubevirt_vfs(S, vf_resources),
      {"nvidia.com/A40-vf": [(va, group, os.listdir(pci + va + "/vfio-dev"))]})
equal("KubeVirt: mdevs", c.kubevirt_mdevs(S, {"NVIDIA A40-4A": "x"}),
      {"x": [(u, pf, c.link("/sys/bus/mdev/devices/%s/iommu_group" % u))]})
equal("KubeVirt: nothing for a GPU that has mdevs", c.kubevirt_offers(S, ["nvidia-560"]), [])
cards = c.opennebula_monitor(S)
equal("OpenNebula: the types of a free VF", cards[vb]["PROFILES"],
      ["%s (%s)" % t for t in sorted(four.items())])
equal("OpenNebula: a used VF has none", cards[va]["PROFILES"], [])
check("OpenNebula offers the VFs and not the GPU", va in cards and pf not in cards, list(cards))
equal("OpenNebula: what its scheduler goes by", [cards[vb][k] for k in ("TYPE", "MDEV_MODE")],
      [":".join(one_pci[k] for k in ("VENDOR", "DEVICE", "CLASS")), "nvidia"])
check("OpenNebula: the VFs of the example", set(one_conf[":short_address"]) <= set(cards))
equal("OpenNebula: the default", c.opennebula_profile(pci + vb, ""), min(four))
refused("OpenNebula: a type that is not creatable", "not supported", c.opennebula_create, S, vb,
        "562 (NVIDIA A40-8Q)")
equal("Proxmox: types of a free VF", [t[:2] for t in c.proxmox_types(S, vb)],
      [("nvidia-" + i, n) for i, n in sorted(four.items())])
equal("Proxmox: a used VF has none", c.proxmox_types(S, va), [])
equal("Proxmox: what the VFs have", [c.proxmox_current(S, v) for v in (va, vb)], ["560", "0"])
types = {t[0]: t for t in c.proxmox_types(S, pf)}
equal("Proxmox: types of the GPU, by mdev", sorted(types), shown)
equal("one of them", types["nvidia-560"][:3], ("nvidia-560", "NVIDIA A40-4Q", free))
equal("Proxmox: which way", [c.proxmox_model(S, a, "nvidia-560") for a in (pf, vb)], [None, "560"])
equal("CloudStack", c.cloudstack(S), {pf: {
    "driver": "nvidia", "vgpus": [(u, "NVIDIA A40-4A", 12, 4096, 1, 1280, 1024)],
    "vfs": {va: "0x230"}}})
left = c.vgpu_dm_left(S)
equal("vgpu-device-manager: all types", len(left), len(shown))
equal("vgpu-device-manager: a type", left[(pf, "A40-4Q")], free)
equal("vgpu-device-manager: the mdev", c.vgpu_dm_mdevs(S), [(u, "A40-4A", pf)])
equal("vgpu-device-manager: the GPU", c.vgpu_dm_gpu(S, pf), "0x223510DE")
every = {t: about for _, t, about in vdsm.types(S)}
equal("vdsm: all types", sorted(every), shown)
equal("vdsm: a type", [every["nvidia-560"][k] for k in ("name", "available_instances",
                                                       "device_api")],
      ["NVIDIA A40-4Q", str(free), "vfio-pci"])
equal("vdsm: one type a GPU", [vdsm.suitable(S, t) for t in ("nvidia-560", "nvidia-570")],
      [None, pf])
equal("vdsm: no second GPU to be separate on", vdsm.suitable(S, "nvidia-570", "separate"), pf)

# --- one character -----------------------------------------------------------------------------

copy = tmp + "/copy"
none = copy + "/none"	# the same without mdevs
kept = ("nvidia-556", "nvidia-560", "nvidia-570")


def take(*paths):
    for path in paths:
        to = "%s/bus/pci/devices/%s" % (copy, path)
        os.makedirs(os.path.dirname(to), exist_ok=True)
        if os.path.islink(pci + path):
            os.symlink(os.readlink(pci + path), to)
        else:
            shutil.copyfile(pci + path, to)


common = ("vendor", "device", "class", "uevent", "driver", "iommu_group", "subsystem_vendor",
          "subsystem_device", "numa_node", "resource")
for a in (pf, va, vb):
    take(*(a + "/" + n for n in common))
take(*(pf + "/" + n for n in ("sriov_totalvfs", "sriov_numvfs", "virtfn0", "virtfn2")))
for a in (va, vb):
    take(*(a + "/" + n for n in ("physfn", "nvidia/creatable_vgpu_types",
                                 "nvidia/current_vgpu_type")))
    for n in os.listdir(pci + a + "/vfio-dev"):
        os.makedirs("%s/bus/pci/devices/%s/vfio-dev/%s" % (copy, a, n))
for t in kept:
    d = "%s/mdev_supported_types/%s/" % (pf, t)
    take(*(d + n for n in ("name", "description", "device_api", "available_instances")))
    os.mkdir("%s/bus/pci/devices/%sdevices" % (copy, d))
take(*("%s/%s/%s" % (pf, u, n) for n in ("mdev_type", "driver", "iommu_group")))
os.makedirs(copy + "/class/mdev_bus")
os.makedirs(copy + "/bus/mdev/devices")
os.makedirs(none + "/bus/mdev/devices")
os.symlink("../class", none + "/class")
os.symlink("../../bus/pci/devices/" + pf, "%s/class/mdev_bus/%s" % (copy, pf))
os.symlink("../../pci/devices/%s/%s" % (pf, u), "%s/bus/mdev/devices/%s" % (copy, u))
os.symlink("../../../" + u, "%s/bus/pci/devices/%s/mdev_supported_types/nvidia-570/devices/%s" %
           (copy, pf, u))

readers = {
    "KubeVirt": lambda s: c.kubevirt_vfs(s, vf_resources),
    "KubeVirt, mdev": lambda s: c.kubevirt_mdevs(s, {"NVIDIA A40-4A": "x"}, None),
    "KubeVirt, types": lambda s: c.kubevirt_offers(
        s if s == S else none, ["NVIDIA_A40-4Q"]),
    "OpenNebula": lambda s: c.opennebula_monitor(s, (va, vb)),
    "OpenNebula's default": lambda s: c.opennebula_profile(s + "/bus/pci/devices/" + vb, ""),
    "OpenNebula, a VM": lambda s: c.opennebula_profile(s + "/bus/pci/devices/" + vb,
                                                       one_pci["PROFILE"]),
    "Proxmox, a VF": lambda s: c.proxmox_types(s, vb),
    "Proxmox, the GPU": lambda s: [t for t in c.proxmox_types(s, pf) if t[0] in kept],
    "Proxmox, current": lambda s: [c.proxmox_current(s, v) == "0" or c.proxmox_current(s, v)
                                   for v in (va, vb)],
    "Proxmox, mapping": lambda s: [c.proxmox_device(s, a) for a in (pf, va)],
    "CloudStack": c.cloudstack,
    "vgpu-device-manager": lambda s: {k: n for k, n in c.vgpu_dm_left(s).items()
                                      if k[1] in ("A40-2B", "A40-4Q", "A40-4A")},
    "vgpu-device-manager, mdevs": c.vgpu_dm_mdevs,
    "vgpu-device-manager, filter": lambda s: c.vgpu_dm_wanted(s, dm, "default"),
    "vdsm": lambda s: [t for t in vdsm.types(s) if t[1] in kept],
    "vdsm, choice": lambda s: [vdsm.suitable(s, t) for t in ("nvidia-560", "nvidia-570")],
}


def made_of(reader, s):
    try:
        return repr(readers[reader](s))
    except Exception as e:	# whatever its program would stumble over
        return "gives up: %r" % e


before = {r: made_of(r, copy) for r in readers}
for r in readers:
    if r != "KubeVirt, types":
        equal("%s: reads the copy as it reads /sys" % r, before[r], made_of(r, S))
check("KubeVirt, types: it would fill the GPU", before["KubeVirt, types"] ==
      repr([(pf, "nvidia-560", free)]), before["KubeVirt, types"])

A, B, P = va + "/", vb + "/", pf + "/"
LIST, NOW, WAS = B + "nvidia/creatable_vgpu_types", A + "nvidia/current_vgpu_type", \
    B + "nvidia/current_vgpu_type"
T, USED, M = P + "mdev_supported_types/nvidia-560/", P + "mdev_supported_types/nvidia-570/", \
    P + u + "/"
for reader, what, path, old, new in (
        ("KubeVirt", "no type", WAS, "0", "-"),
        ("KubeVirt", "a second 0", WAS, "0", "00"),
        ("KubeVirt", "driver of the VF", A + "driver", "nvidia", "nvidja"),
        ("KubeVirt", "PCI_ID", A + "uevent", "PCI_ID=", "PCI_IT="),
        ("KubeVirt", "vendor", A + "uevent", "PCI_ID=10DE", "PCI_ID=10DF"),
        ("KubeVirt", "colon", A + "uevent", "10DE:2235", "10DE-2235"),
        ("KubeVirt", "device", A + "uevent", "10DE:2235", "10DE:2236"),
        ("KubeVirt", "IOMMU group", A + "iommu_group", "[0-9]$", "x"),
        ("KubeVirt, mdev", "blank in the name", USED + "name", " ", "-"),
        ("KubeVirt, mdev", "letter of the name", USED + "name", "4A", "4a"),
        ("KubeVirt, mdev", "blank behind the name", USED + "name", "$", "_"),
        ("KubeVirt, mdev", "type of an mdev", M + "mdev_type", "570", "560"),
        ("KubeVirt, mdev", "IOMMU group", M + "iommu_group", "[0-9]$", "x"),
        ("KubeVirt, types", "blank in the name", T + "name", " ", "-"),
        ("KubeVirt, types", "letter of the name", T + "name", "A40", "a40"),
        ("KubeVirt, types", "number", T + "available_instances", "^", "x"),
        ("KubeVirt, types", "line before it", T + "available_instances", "^", "\n"),
        ("KubeVirt, types", "unit behind it", T + "available_instances", "\n", "M\n"),
        ("KubeVirt, types", "blank behind it", T + "available_instances", "\n", " \n"),
        ("OpenNebula", "header", LIST, "^ID", "IT"),
        ("OpenNebula", "colon", LIST, "(?m)^(5[0-9]+ *):", r"\1;"),
        ("OpenNebula", "second colon", LIST, "A40", "A:40"),
        ("OpenNebula", "id", LIST, "(?m)^5", "6"),
        ("OpenNebula", "letter of the name", LIST, "A40", "A41"),
        ("OpenNebula", "vendor", A + "vendor", "e", "f"),
        ("OpenNebula", "device", A + "device", "5", "6"),
        ("OpenNebula", "class", A + "class", "0302", "0300"),
        ("OpenNebula's default", "line before it", LIST, "^", "\n"),
        ("OpenNebula's default", "colon", LIST, "(?m)^(5[0-9]+ *):", r"\1;"),
        ("OpenNebula's default", "id", LIST, "(?m)^5", "6"),
        ("OpenNebula, a VM", "its id", LIST, "560", "569"),
        ("Proxmox, a VF", "header", LIST, "^I", "i"),
        ("Proxmox, a VF", "colon", LIST, "(?m)^(5[0-9]+ *):", r"\1;"),
        ("Proxmox, a VF", "blank before the id", LIST, "(?m)^5", " 5"),
        ("Proxmox, a VF", "letter of the name", LIST, "A40", "A41"),
        ("Proxmox, a VF", "blank behind the name", LIST, "(?m)Q$", "Q "),
        ("Proxmox, the GPU", "number", T + "available_instances", "^", "x"),
        ("Proxmox, the GPU", "name", T + "name", "A40", "A41"),
        ("Proxmox, the GPU", "line before the name", T + "name", "^", "\n"),
        ("Proxmox, the GPU", "description", T + "description", ", ", "; "),
        ("Proxmox, current", "blank behind the type", NOW, "\n", " \n"),
        ("Proxmox, current", "blank before the type", NOW, "^", " "),
        ("Proxmox, current", "none with another 0", WAS, "0", "00"),
        ("Proxmox, current", "none with a sign", WAS, "^", "-"),
        ("Proxmox, mapping", "vendor", P + "vendor", "e", "f"),
        ("Proxmox, mapping", "device", A + "device", "5", "6"),
        ("Proxmox, mapping", "subsystem", P + "subsystem_device", "5", "6"),
        ("Proxmox, mapping", "IOMMU group", P + "iommu_group", "([0-9])$", r"\1x"),
        ("CloudStack", "max_instance", USED + "description", "max_instance=", "max-instance="),
        ("CloudStack", "framebuffer", USED + "description", "framebuffer=", "framebuffer:"),
        ("CloudStack", "number", USED + "description", "framebuffer=4", "framebuffer= 4"),
        ("CloudStack", "num_heads", USED + "description", "num_heads=", "num_heads:"),
        ("CloudStack", "resolution", USED + "description", "([0-9])x([0-9])", r"\1X\2"),
        ("CloudStack", "max_resolution", USED + "description", "max_resolution=",
         "max_resolution "),
        ("CloudStack", "name", USED + "name", "A40", "A41"),
        ("CloudStack", "type of a VF", NOW, "0", "O"),
        ("CloudStack", "class", P + "class", "0302", "0300"),
        ("CloudStack", "driver", P + "driver", "nvidia", "nvidja"),
        ("CloudStack", "vendor", P + "vendor", "e", "f"),
        ("vgpu-device-manager", "vendor", P + "vendor", "e", "f"),
        ("vgpu-device-manager", "class", P + "class", "0x0302", "0x0312"),
        ("vgpu-device-manager", "end of the class", P + "class", "0\n", "1\n"),
        ("vgpu-device-manager", "blank in the name", T + "name", " A40", "_A40"),
        ("vgpu-device-manager", "word behind the name", T + "name", "4Q", "4 Q"),
        ("vgpu-device-manager", "number", T + "available_instances", "^", "x"),
        ("vgpu-device-manager", "unit behind it", T + "available_instances", "\n", "M\n"),
        ("vgpu-device-manager", "numa_node", P + "numa_node", "-?[0-9]+", "x"),
        ("vgpu-device-manager", "IOMMU group", P + "iommu_group", "([0-9])$", r"\1x"),
        ("vgpu-device-manager", "resource", P + "resource", "\n", " \n"),
        ("vgpu-device-manager", "sriov_totalvfs", P + "sriov_totalvfs", "^", "x"),
        ("vgpu-device-manager", "sriov_numvfs", P + "sriov_numvfs", "^", "x"),
        ("vgpu-device-manager, mdevs", "type", M + "mdev_type", "570", "560"),
        ("vgpu-device-manager, mdevs", "name", USED + "name", " A40", "_A40"),
        ("vgpu-device-manager, mdevs", "IOMMU group", M + "iommu_group", "([0-9])$", r"\1x"),
        ("vgpu-device-manager, filter", "device", P + "device", "5", "6"),
        ("vgpu-device-manager, filter", "vendor", P + "vendor", "e", "f"),
        ("vdsm", "device API", T + "device_api", "-", "_"),
        ("vdsm", "number", T + "available_instances", "^", "x"),
        ("vdsm", "name", T + "name", "A40", "A41"),
        ("vdsm", "description", T + "description", ", ", "; "),
        ("vdsm, choice", "vendor", P + "vendor", "e", "f"),
        ("vdsm, choice", "number", USED + "available_instances", "^", "x"),
        ("vdsm, choice", "unit behind it", USED + "available_instances", "\n", "M\n"),
        ("vdsm, choice", "none left", USED + "available_instances", "^[0-9]", "-")):
    name = "%s: %s: seen" % (reader, what)
    f = "%s/bus/pci/devices/%s" % (copy, path)
    is_link = os.path.islink(f)
    if is_link:
        was = os.readlink(f)
    else:
        with open(f, encoding="ascii", newline="") as text:
            was = text.read()
    now = re.sub(old, new, was, count=1)
    # "none left" is the one that may change a number of two digits
    same = sum(a != b for a, b in zip(was, now)) if len(was) == len(now) else None
    if now == was or abs(len(was) - len(now)) > 1 or (same or 0) > 1:
        check(name, False, "%r became %r" % (was, now))
        continue
    for content in (now, was):
        if is_link:
            os.unlink(f)
            os.symlink(content, f)
        else:
            with open(f, "w", encoding="ascii", newline="") as text:
                text.write(content)
        if content == now:
            after = made_of(reader, copy)
    check(name, after != before[reader], "%r for %r changed nothing" % (now, was), after)

# Not characters, but there or not there.
there = "%s/bus/pci/devices/" % copy
for reader, what, path, make in (
        ("KubeVirt", "what has VFs is no VF", A + "sriov_totalvfs", True),
        ("KubeVirt", "nvidia/", A + "nvidia", False),
        ("KubeVirt", "vfio-dev", A + "vfio-dev", False),
        ("OpenNebula", "what has mdevs is no VF", "../../../class/mdev_bus/" + vb, True),
        ("OpenNebula", "physfn", A + "physfn", False),
        ("OpenNebula", "what has VFs is not offered", A + "virtfn0", True),
        ("Proxmox, mapping", "nvidia/", A + "nvidia", False),
        ("Proxmox, mapping", "nvidia/ on a GPU without mdevs", P + "mdev_supported_types", False),
        ("CloudStack", "virtfn", P + "virtfn0", False),
        ("CloudStack", "devices/", USED + "devices/" + u, False),
        ("vgpu-device-manager", "nvidia-", USED.rstrip("/"), False),
        ("vgpu-device-manager, mdevs", "driver of an mdev", M + "driver", False),
        ("vdsm, choice", "devices/", USED + "devices/" + u, False)):
    if make:
        os.mkdir(there + path)
    else:
        os.rename(there + path, tmp + "/away")
    check("%s: %s: seen" % (reader, what), made_of(reader, copy) != before[reader])
    if make:
        os.rmdir(there + path)
    else:
        os.rename(tmp + "/away", there + path)
equal("the copy is as it was", {r: made_of(r, copy) for r in readers}, before)

# --- what is written ----------------------------------------------------------------------------

c.opennebula_delete(S, va)
equal("OpenNebula leaves a VF", c.proxmox_current(S, va), "0")
c.opennebula_delete(S, va)
c.proxmox_mdev_leave(S, u)
equal("Proxmox removes its mdev", mdevs(), [])
w = str(uuid.uuid4())
c.opennebula_legacy(S, pf, "nvidia-560", w, "create")
equal("OpenNebula's old way", mdevs(), [w])
c.opennebula_legacy(S, pf, "nvidia-560", w, "remove")
equal("and back", mdevs(), [])

# Proxmox, with the mapping of the example; the numbers of the groups are the host's.
for name, lines in mapping.items():
    for line in lines["map"]:
        line["iommugroup"] = c.link(pci + line["path"] + "/iommu_group")
        info = c.proxmox_valid(S, line)
        equal("Proxmox: %s, %s is as mapped" % (name, line["path"]),
              [lines["mdev"], info["mdev"], info["nvidia"]],
              ["1", name == "a40", name == "a40-vf"])
refused("Proxmox: another IOMMU group", "does not match", c.proxmox_valid, S,
        dict(mapping["a40"]["map"][0], iommugroup="9999"))
device = mapping[hostpci["mapping"]]["map"][0]["path"]
equal("the VM's is an mdev", c.proxmox_model(S, device, hostpci["mdev"]), None)
for _ in range(2):
    c.proxmox_mdev_take(S, device, u, hostpci["mdev"])
equal("made once", mdevs(), [u])
refused("another type under that UUID", "already exists", c.proxmox_mdev_take, S, device, u,
        "nvidia-561")
refused("a type that does not fit", "no available instances", c.proxmox_mdev_take, S, device, w,
        "nvidia-561")
c.proxmox_mdev_leave(S, u)
vf = mapping["a40-vf"]["map"][0]["path"]
model = c.proxmox_model(S, vf, hostpci["mdev"])
for m in (model, model, "570"):
    c.proxmox_vf_take(S, vf, m)
equal("Proxmox takes a VF, again, and for another type", c.proxmox_current(S, vf), "570")
refused("Proxmox: a type that is not there", "not available", c.proxmox_vf_take, S, vf, "9999")
c.proxmox_vf_take(S, vf, "570")
drive = subprocess.Popen(["/usr/lib/openvgpu-test/vfio-test", "drive", vf], text=True,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
equal("a VM has the VF", drive.stdout.readline(), "drive: opened %s\n" % vf)
pauses = []


def pause():
    """The first try is refused, and only then the VM ends."""
    pauses.append(c.read(pci + vf + "/vgpu/last_error"))
    if len(pauses) == 2:
        drive.communicate("quit\n")


check("Proxmox has left it in the end", c.proxmox_vf_leave(S, vf, 10, pause), pauses)
check("at the second try", len(pauses) == 2 and "in use" in pauses[1], pauses)

# KubeVirt, mdev: removes what is not its own, and fills the GPU.
c.proxmox_mdev_take(S, pf, u, "nvidia-570")
c.kubevirt_configure(S, [], ["NVIDIA_A40-4A"])
equal("KubeVirt leaves what somebody else provides", mdevs(), [u])
made = c.kubevirt_configure(S, desired["mediatedDeviceTypes"])
equal("KubeVirt removes the rest, and fills the GPU", mdevs(), sorted(made))
equal("as many as there can be", len(made),
      int([r for r in rows if "nvidia-" + r["type_id"] == desired["mediatedDeviceTypes"][0]][0]
          ["max_equal_size"]))
equal("and has them to hand out", sorted(x[0] for x in
      c.kubevirt_mdevs(S, mdev_resources)[gpu["deviceName"]]), sorted(made))
equal("nothing more the next time", c.kubevirt_configure(S, desired["mediatedDeviceTypes"]), [])

# vgpu-device-manager takes over from there, with the example.
c.vgpu_dm_apply(S, dm, "A40-16Q")
equal("vgpu-device-manager finds that applied", mdevs(), sorted(made))
c.vgpu_dm_apply(S, dm, "default")
equal("and applies another", [m[1] for m in c.vgpu_dm_mdevs(S)], ["A40-24Q"] * 2)
refused("more than fit", "failed to create 3", c.vgpu_dm_apply, S,
        {"version": "v1", "vgpu-configs": {"x": [{"devices": "all",
                                                  "vgpu-devices": {"A40-24Q": 3}}]}}, "x")
c.kubevirt_configure(S, [])
equal("KubeVirt with nothing wanted removes all", mdevs(), [])

# KubeVirt, VFs: what the service of the example has made.
for key in ("ExecStart", "ExecStop"):
    for _, _, line in [x for x in service if x[1] == key]:
        run = subprocess.run(line.lstrip("-").split(), stdout=subprocess.PIPE, text=True,
                             stderr=subprocess.STDOUT, check=False)
        check("vgpu-vf-types.service: %s" % line, run.returncode == 0, run.stdout)
    if key == "ExecStart":
        equal("KubeVirt has the VFs to hand out",
              [x[0] for x in c.kubevirt_vfs(S, vf_resources)["nvidia.com/A40-vf"]],
              [x[2].split("--vf=")[1].split()[0] for x in service if x[1] == key])
equal("and has them no more", c.kubevirt_vfs(S, vf_resources), {})

# CloudStack makes none: the script of the example does.
script = [doc + "make-vgpus.sh", pf, "A40-16Q"]
run = subprocess.run(script + ["2"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                     check=False)
equal("make-vgpus.sh", [run.returncode, sorted(run.stdout.split())], [0, mdevs()])
equal("CloudStack finds them", sorted(x[0:2] for x in c.cloudstack(S)[pf]["vgpus"]),
      [(x, "NVIDIA A40-16Q") for x in mdevs()])
defined = sorted(os.listdir("/etc/mdevctl.d/" + pf))
equal("they come again", defined, mdevs())
run = subprocess.run(script + ["2"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                     check=False)
check("make-vgpus.sh: one that does not fit", run.returncode == 1 and "A40-16Q" in run.stderr,
      run.stderr)
equal("and nothing of it is left", [mdevs(), sorted(os.listdir("/etc/mdevctl.d/" + pf))],
      [defined, defined])
for x in mdevs():
    c.write("/sys/bus/mdev/devices/%s/remove" % x, "1")
    os.unlink("/etc/mdevctl.d/%s/%s" % (pf, x))
print("done")
