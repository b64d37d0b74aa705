#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Second boot: what Nova finds and does when it starts.
. ./lib.sh
. ./nova.sh

t_wait "the vGPU is there again" 20 sh -c 'ls /sys/bus/mdev/devices | grep -q .'
nova_run boot2
gate_snapshot >$tmp/before
t_is "nothing is left" "$(find /etc/mdevctl.d -type f -path '*-*-*')" ""
t_done
