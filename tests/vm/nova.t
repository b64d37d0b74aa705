#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# OpenStack Nova's LibvirtDriver, as Debian has it, on our GPUs.
. ./lib.sh
. ./nova.sh

nova_run mdev
t_done
