# SPDX-License-Identifier: LGPL-2.1-or-later
"""
Readers of examples/, strict: what is not understood is an error and not passed over. YAML is the
part of it that the examples use: blocks of keys and lists, plain and quoted words, no more.
"""
import re


class Bad(Exception):
    pass


def scalar(text):
    m = re.fullmatch(r'"([^"\\]*)"|\'([^\']*)\'', text)
    if m:
        return m.group(1) if m.group(1) is not None else m.group(2)
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"-?[0-9]+", text):
        return int(text)
    if re.search(r"""[\[\]{}&*!|>%@`"']|: | #|^[-?] |:$""", text):
        raise Bad("not read here: %r" % text)
    return text


def yaml(text):
    """The documents of a file."""
    lines, documents = [], []
    for line in text.split("\n") + ["---"]:
        if "\t" in line:
            raise Bad("tab: %r" % line)
        line = re.sub(r"(^|\s+)#.*", "", line).rstrip()
        if line == "---":
            if lines:
                value, rest = block(lines, lines[0][0])
                if rest:
                    raise Bad("indented oddly: %r" % rest[0][1])
                documents.append(value)
            lines = []
        elif line:
            lines.append((len(line) - len(line.lstrip(" ")), line.lstrip(" ")))
    return documents


def block(lines, indent):
    """(value, lines left) of the lines with that indent"""
    value = [] if lines[0][1].startswith("- ") else {}
    while lines and lines[0][0] == indent:
        text = lines[0][1]
        if text.startswith("- ") != isinstance(value, list):
            raise Bad("list and keys mixed: %r" % text)
        if isinstance(value, list):
            inner = text[2:].lstrip(" ")
            if re.match(r":?[\w./-]+:( |$)", inner):
                deeper = indent + len(text) - len(inner)
                item, lines = block([(deeper, inner)] + lines[1:], deeper)
            else:
                item, lines = scalar(inner), lines[1:]
            value.append(item)
            continue
        m = re.fullmatch(r"(:?[\w./-]+):(?: +(.*))?", text)
        if not m:
            raise Bad("no key: %r" % text)
        key = m.group(1)
        if key in value:
            raise Bad("twice: %s" % key)
        lines = lines[1:]
        if m.group(2):
            value[key] = scalar(m.group(2))
        elif lines and (lines[0][0] > indent or
                        lines[0][0] == indent and lines[0][1].startswith("- ")):
            value[key], lines = block(lines, lines[0][0])
        else:
            raise Bad("empty: %s" % key)
    if lines and lines[0][0] > indent:
        raise Bad("indented oddly: %r" % lines[0][1])
    return value, lines


def properties(text):
    """KEY=VALUE,KEY=VALUE of Proxmox"""
    found = {}
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if not equals or not value or key in found:
            raise Bad("no property: %r" % part)
        found[key] = value
    return found


def pci_cfg(text):
    """{id: {mdev, description, map: [properties]}} of /etc/pve/mapping/pci.cfg"""
    found = {}
    for line in text.split("\n"):
        if not line.strip() or line.startswith("#"):
            continue
        if re.fullmatch(r"[A-Za-z][\w-]+", line):
            here = found.setdefault(line, {"map": []})
            continue
        m = re.fullmatch(r"\t(map|mdev|description|live-migration-capable) (\S.*)", line)
        if not m:
            raise Bad("line: %r" % line)
        if m.group(1) == "map":
            values = properties(m.group(2))
            odd = set(values) - {"id", "iommugroup", "node", "path", "subsystem-id",
                                 "description"}
            if odd:
                raise Bad("map: %s" % odd)
            here["map"].append(values)
        else:
            here[m.group(1)] = m.group(2)
    return found


def vm_conf(text):
    """{key: value} of /etc/pve/qemu-server/*.conf"""
    found = {}
    for line in text.split("\n"):
        if line and not line.startswith("#"):
            key, colon, value = line.partition(": ")
            if not colon or key in found:
                raise Bad("line: %r" % line)
            found[key] = value
    return found


def one_template(text):
    """[(NAME, value or {NAME: value})] of an OpenNebula template"""
    text = re.sub(r"(?m)^#.*\n", "", text)
    found, at = [], 0
    pair = re.compile(r'\s*([A-Z_]+)\s*=\s*"([^"]*)"\s*')
    vector = re.compile(r"\s*([A-Z_]+)\s*=\s*\[([^]]*)\]\s*")
    while text[at:].strip():
        m = pair.match(text, at)
        if m:
            found.append((m.group(1), m.group(2)))
        else:
            m = vector.match(text, at)
            if not m:
                raise Bad("not read: %r" % text[at:at + 40])
            inner = {}
            for part in m.group(2).split(","):
                p = pair.fullmatch(part)
                if not p:
                    raise Bad("not read: %r" % part)
                inner[p.group(1)] = p.group(2)
            found.append((m.group(1), inner))
        at = m.end()
    return found


def unit(text):
    """[(section, key, value)] of a systemd unit"""
    found, section = [], None
    for line in text.split("\n"):
        if not line or line.startswith("#"):
            continue
        m = re.fullmatch(r"\[(\w+)\]", line)
        if m:
            section = m.group(1)
            continue
        key, equals, value = line.partition("=")
        if not section or not equals or not re.fullmatch(r"[A-Z]\w+", key):
            raise Bad("line: %r" % line)
        found.append((section, key, value))
    return found
