#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
What oVirt does with vGPUs on a host, told anew from what is known of it: vdsm (hostdev.py,
supervdsm_api/virt.py, vmdevices/hostdevice.py) and the XML that the engine sends it
(LibvirtVmXmlBuilder, MDevTypesUtils). docs/ovirt.md has the facts.

vdsm.py caps PCI-NODE-XML            "TYPE|NAME|AVAILABLE|DESCRIPTION" of each type
vdsm.py setup DOMAIN-XML             makes the vGPUs of the domain
vdsm.py teardown DOMAIN-XML          removes them
vdsm.py engine REQUEST|PROPERTY UUID [PLACEMENT]
                                     hostdev and metadata for a request to the API (a file), or
                                     for the value of the old custom property
vdsm.py serve                        such lines from standard input, words apart by tabs; behind
                                     the output of each "= STATUS"
"""
import os
import sys
import uuid
import xml.etree.ElementTree as ET

from consumers import GivesUp, write

VM = "http://ovirt.org/vm/1.0"


def mdev_bus(s):
    return s + "/class/mdev_bus"


def read(path):
    with open(path, encoding="ascii") as f:
        return f.read().strip()


# --- what a host reports of its devices ---------------------------------------------------

def caps(s, xml):
    """{type: (name, available, description)} of a device as libvirt has it."""
    device = ET.fromstring(xml)
    types = device.find("./capability/capability[@type='mdev_types']")
    found = {}
    for t in types.findall("type") if types is not None else []:
        name, n = t.find("name"), t.find("availableInstances")
        if n is None:
            continue
        path = device.find("./path").text
        if s != "/sys":
            path = path.replace("/sys", s, 1)
        what = read("%s/mdev_supported_types/%s/description" % (path, t.get("id")))
        found[t.get("id")] = (t.get("id") if name is None else name.text, int(n.text), what)
    return found


# --- which GPU -----------------------------------------------------------------------------

def details(path):
    found = {}
    for field in ("name", "description", "available_instances", "device_api"):
        try:
            found[field] = read("%s/%s" % (path, field))
        except OSError:
            found[field] = ""
    return found


def types(s):
    """Everything that it reads of a type, for all of them."""
    return [(d, t, details("%s/%s/mdev_supported_types/%s" % (mdev_bus(s), d, t)))
            for d in sorted(os.listdir(mdev_bus(s)))
            for t in sorted(os.listdir("%s/%s/mdev_supported_types" % (mdev_bus(s), d)))]


def suitable(s, wanted, placement="compact"):
    """The first GPU that has one left. NVIDIA's have one type at a time."""
    for d in sorted(os.listdir(mdev_bus(s))):
        vendor = read("%s/%s/vendor" % (mdev_bus(s), d))
        target = None
        base = "%s/%s/mdev_supported_types" % (mdev_bus(s), d)
        for t in os.listdir(base):
            used = len(os.listdir("%s/%s/devices" % (base, t)))
            if t != wanted:
                if vendor == "0x10de" and used:
                    target = None
                    break
                continue
            if placement == "separate" and used:
                target = None
                break
            if int(details("%s/%s" % (base, t))["available_instances"]) >= 1:
                target = d
        if target:
            return target
    return suitable(s, wanted) if placement == "separate" else None


# --- make and remove ------------------------------------------------------------------------

def create(s, device, t, u, params=None):
    write("%s/%s/mdev_supported_types/%s/create" % (mdev_bus(s), device, t), u)
    if params is not None:
        try:
            write("%s/bus/mdev/devices/%s/nvidia/vgpu_params" % (s, u), params + "\n")
        except OSError:
            write("%s/%s/%s/remove" % (mdev_bus(s), device, u), "1")
            raise


def delete(s, u):
    for d in sorted(os.listdir(mdev_bus(s))):
        if u in os.listdir("%s/%s" % (mdev_bus(s), d)):
            return write("%s/%s/%s/remove" % (mdev_bus(s), d, u), "1")
    raise GivesUp("vgpu: No mdev found")


def hostdevs(domain):
    """[(UUID, mdevType, mdevDriverParameters)] of a domain's XML."""
    root = ET.fromstring(domain)
    found = []
    for address in root.findall("./devices/hostdev[@type='mdev']/source/address"):
        u = address.get("uuid")
        meta = root.find("./metadata/{%s}vm/{%s}device[@uuid='%s']" % (VM, VM, u))
        if meta is None:
            raise GivesUp("no metadata for %s" % u)
        found.append((u, meta.findtext("{%s}mdevType" % VM),
                      meta.findtext("{%s}mdevDriverParameters" % VM)))
    return found


def setup(s, domain):
    for u, meta, params in hostdevs(domain):
        t, placement = (meta.split("|") + ["compact"])[:2]
        device = suitable(s, t, placement)
        if device is None:
            raise GivesUp("vgpu: No device with type %s is available" % t)
        try:
            create(s, device, t, u, params)
        except OSError as e:
            raise GivesUp("vgpu: Failed to create mdev: %s: %s" % (t, e.strerror)) from e
        print(u, device)


def teardown(s, domain):
    for u, _, _ in hostdevs(domain):
        delete(s, u)


# --- the engine ------------------------------------------------------------------------------

def request(text):
    """[{mdevType, driverParams, nodisplay}] of a vm_mediated_device or of the old property."""
    if text.lstrip().startswith("<"):
        root = ET.fromstring(text)
        if root.tag != "vm_mediated_device":
            raise GivesUp("no vm_mediated_device")
        spec = {p.findtext("name"): p.findtext("value")
                for p in root.findall("./spec_params/property")}
        bad = set(spec) - {"mdevType", "driverParams", "nodisplay"}
        if bad or "mdevType" not in spec:
            raise GivesUp("spec_params: %s" % ", ".join(sorted(bad) or ["no mdevType"]))
        spec["nodisplay"] = spec.get("nodisplay") == "true"
        return [spec]
    found, nodisplay = [], False
    for word in text.strip().split(","):
        if word == "nodisplay":
            nodisplay = True
        else:
            found.append({"mdevType": word, "nodisplay": nodisplay})
    return found


def engine(text, uuids, placement="compact"):
    """(hostdevs, metadata) as XML"""
    devices, meta, ramfb = "", "", False
    for spec, u in zip(request(text), uuids):
        display = ""
        if not spec["nodisplay"]:
            display = ' display="on"' + ("" if ramfb else ' ramfb="on"')
            ramfb = True
        devices += ('<hostdev mode="subsystem" type="mdev" model="vfio-pci"%s><source>'
                    '<address uuid="%s"/></source></hostdev>' % (display, u))
        meta += ('<ovirt-vm:device devtype="hostdev" uuid="%s"><ovirt-vm:mdevType>%s|%s'
                 '</ovirt-vm:mdevType>' % (u, spec["mdevType"], placement))
        if spec.get("driverParams"):
            meta += ("<ovirt-vm:mdevDriverParameters>%s</ovirt-vm:mdevDriverParameters>"
                     % spec["driverParams"])
        meta += "</ovirt-vm:device>"
    return devices, ('<metadata xmlns:ovirt-vm="%s"><ovirt-vm:vm>%s</ovirt-vm:vm></metadata>'
                     % (VM, meta))


def main(what, arg, *more):
    text = arg
    if os.path.exists(arg):
        with open(arg, encoding="utf-8") as f:
            text = f.read()
    if what == "caps":
        for t, about in sorted(caps("/sys", text).items()):
            print("%s|%s|%d|%s" % (t, *about))
    elif what == "setup":
        setup("/sys", text)
    elif what == "teardown":
        teardown("/sys", text)
    elif what == "engine":
        for line in engine(text, [str(uuid.UUID(more[0]))], *more[1:]):
            print(line)
    else:
        raise GivesUp(__doc__)


def run(*words):
    """The status; what is wrong is printed."""
    try:
        main(*words)
    except (GivesUp, OSError, ET.ParseError) as e:
        print(e)
        return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        for line in sys.stdin:
            print("= %d" % run(*line.rstrip("\n").split("\t")), flush=True)
    else:
        sys.exit(run(*sys.argv[1:]))
