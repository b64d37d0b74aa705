#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The driver's netlink family, byte by byte and without a library, for netlink.t.
#
#   nl.py listen     "ready", then a line an event
#   nl.py serve      reads commands, a line each, words between tabs; answers each with lines
#                    and a "." behind them. Python takes two seconds to start in a test VM
#
#   save FILE [GPU]             a dump, a JSON object a line: kind and attributes, NAME: value;
#                               how many there were. FILE may be "-": for "pick" only
#   pick EXPRESSION             of each message m of it (g is m.get), where it is true
#   do COMMAND ATTR=VALUE...    "ok" or the errno's name; ATTR may be a number, and VALUE
#                               u8:1, u32:1, hex:00ff or text
#   raw-dump ATTR=VALUE...      the same for a dump, of which only the kinds are told
#   junk COMMAND ATTR=VALUE...  as "do", with a header that is not clean
#   change [FILE TEXT]          a dump, in which TEXT is written to FILE behind its first
#                               piece: "interrupted" or "whole"
import errno
import json
import os
import re
import socket
import struct
import sys
import traceback


def header():
    """Names and numbers, from the driver's own header: the enums count up."""
    out = {}
    for kind in ('cmd', 'attr', 'event'):
        body = re.search(r'enum openvgpu_%s {(.*?)}' % kind, open(os.environ['UAPI']).read(),
                         re.S).group(1)
        names = [n for n in re.findall(r'^\s*(OPENVGPU_\w+)', body, re.M)]
        out[kind] = [re.sub('^OPENVGPU_(CMD|A|EVENT)_', '', n) for n in names]
    return out


H = header()
U8 = 'MDEV MODE MIG POLICY PENDING HANDLE PINNED GUEST'.split()
U64 = 'FB_TOTAL FB_USED PROFILE_SIZE FB_OFFSET FB_SIZE'.split()
TEXT = 'GPU VF NAME STATUS FIRMWARE LAST_ERROR PROFILE REASON STATE PARAMS VM_NAME'.split()


def attr(number, data):
    a = struct.pack('HH', 4 + len(data), number) + data
    return a + bytes(-len(a) % 4)


def arguments(words):
    out = b''
    for w in words:
        name, value = w.split('=', 1)
        number = int(name) if name.isdigit() else H['attr'].index(name)
        if value.startswith('u8:'):
            data = struct.pack('B', int(value[3:]))
        elif value.startswith('u32:'):
            data = struct.pack('I', int(value[4:]))
        elif value.startswith('hex:'):
            data = bytes.fromhex(value[4:])
        elif name in TEXT:
            data = value.encode() + b'\0'
        elif name in U8:
            data = struct.pack('B', int(value))
        else:
            data = struct.pack('I', int(value))
        out += attr(number, data)
    return out


def attributes(data):
    out = {}
    while len(data) >= 4:
        n, kind = struct.unpack_from('HH', data)
        out[kind & 0x3fff] = data[4:n]
        data = data[(n + 3) & ~3:]
    return out


def value(name, data):
    if name in TEXT:
        assert data[-1] == 0
        return data[:-1].decode()
    if name in U8:
        return struct.unpack('B', data)[0]
    if name in U64:
        return struct.unpack('Q', data)[0]
    if name == 'UUID':
        h = data.hex()
        return '-'.join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))
    return struct.unpack('I', data)[0]


class Refused(Exception):
    pass


class Socket:
    def __init__(self, room=65536):
        # The kernel makes pieces as large as the largest that was ever asked for.
        self.room = room
        self.s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.s.bind((0, 0))
        for o in (10, 11, 12):      # CAP_ACK, EXT_ACK, GET_STRICT_CHK
            self.s.setsockopt(270, o, 1)
        self.seq = 0
        self.send(16, 3, 5, attr(2, b'openvgpu\0'))
        for _, kind, data in self.messages():
            if kind == 16:
                a = attributes(data[4:])
                self.family = struct.unpack('H', a[1])[0]
                self.groups = {}
                for g in attributes(a[7]).values():
                    b = attributes(g)
                    self.groups[b[1][:-1].decode()] = struct.unpack('I', b[2])[0]

    def send(self, family, cmd, flags, payload, reserved=0):
        self.seq += 1
        body = struct.pack('BBH', cmd, 1, reserved) + payload
        self.s.send(struct.pack('IHHII', 16 + len(body), family, flags, self.seq, 0) + body)

    def piece(self):
        data = self.s.recv(self.room)
        while len(data) >= 16:
            n, kind, flags, seq, _ = struct.unpack_from('IHHII', data)
            yield flags, kind, data[16:n]
            data = data[(n + 3) & ~3:]

    def messages(self):
        """To the end of the answer; flags, kind, payload."""
        while True:
            for flags, kind, data in self.piece():
                if kind == 2:
                    e = struct.unpack_from('i', data)[0]
                    if e:
                        hint = attributes(data[20:]).get(1, b'\0')[:-1].decode()
                        raise Refused(errno.errorcode[-e], hint)
                    return
                if kind == 3:
                    yield flags, kind, data
                    return
                yield flags, kind, data


def printable(data):
    a = attributes(data[4:])
    out = {'kind': H['cmd'][data[0]]}
    for k, v in a.items():
        if H['attr'][k] == 'EVENT':
            out['event'] = H['event'][struct.unpack('I', v)[0]]
        elif H['attr'][k] != 'PAD':
            out[H['attr'][k]] = value(H['attr'][k], v)
    return out


def dump(s, payload):
    s.send(s.family, H['cmd'].index('DUMP'), 0x301, payload)
    return [printable(data) for flags, kind, data in s.messages() if kind == s.family]


def change(args):
    s = Socket(4096)
    s.send(s.family, H['cmd'].index('DUMP'), 0x301, b'')
    interrupted, pieces, done = False, 0, False
    while not done:
        for flags, kind, data in s.piece():
            interrupted |= bool(flags & 0x10)
            done |= kind == 3
        if not pieces and args:
            with open(args[0], 'w') as f:
                f.write(args[1])
        pieces += 1
    return '%s in %s' % ('interrupted' if interrupted else 'whole',
                         'more than one' if pieces > 2 else pieces)


def listen(s):
    s.s.setsockopt(270, 1, s.groups['events'])
    print('ready', flush=True)
    while True:
        for flags, kind, data in s.piece():
            print(json.dumps(printable(data)), flush=True)


last = []       # the last dump


def command(s, what, args):
    global last
    if what == 'save':
        last = dump(s, arguments(['GPU=' + args[1]]) if args[1:] else b'')
        if args[0] != '-':
            with open(args[0], 'w') as f:
                f.writelines(json.dumps(m) + '\n' for m in last)
        yield len(last)
    elif what == 'pick':
        for m in last:
            r = eval(args[0], {'m': m, 'g': m.get})
            if r:
                yield r
    elif what == 'raw-dump':
        for m in dump(s, arguments(args)):
            yield m['kind']
        yield 'ok'
    elif what in ('do', 'junk'):
        s.send(s.family, H['cmd'].index(args[0]), 5, arguments(args[1:]),
               reserved=int(what == 'junk'))
        for flags, kind, data in s.messages():
            if kind == s.family:
                yield json.dumps(printable(data))
        yield 'ok'
    elif what == 'change':
        yield change(args)
    else:
        raise ValueError(what)


def serve(s):
    for line in sys.stdin:
        what, *args = line.rstrip('\n').split('\t')
        try:
            for answer in command(s, what, args):
                print(answer)
        except Refused as e:
            print(*e.args, sep=': ')
        except Exception:
            print(traceback.format_exc())
        print('.', flush=True)


{'serve': serve, 'listen': listen}[sys.argv[1]](Socket())
