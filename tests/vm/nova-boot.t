#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# First boot of two, as persist-define.t: an instance of Nova's with a vGPU.
. ./lib.sh
. ./nova.sh

mkdir -p /etc/openvgpu
nova_run boot1
# Not undone: the definition is what the next boot is about.
gate_snapshot >$tmp/before
t_done
