#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Flavors for examples/nova.conf and nova-pci.conf, as an OpenStack administrator.
set -e

# One vGPU of resource class VGPU: the A40-24Q of nova.conf
openstack flavor create --vcpus 4 --ram 16384 --disk 40 vgpu-a40-24q
openstack flavor set vgpu-a40-24q --property resources:VGPU=1

# One of the class that nova.conf gives the other GPU
openstack flavor create --vcpus 8 --ram 32768 --disk 40 vgpu-rtxpro6000-48q
openstack flavor set vgpu-rtxpro6000-48q --property resources:CUSTOM_RTXPRO6000_48Q=1

# One virtual function by the alias of nova-pci.conf
openstack flavor create --vcpus 4 --ram 8192 --disk 40 vgpu-a40-4q
openstack flavor set vgpu-a40-4q --property pci_passthrough:alias=a40-4q:1
