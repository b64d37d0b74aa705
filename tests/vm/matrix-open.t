#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The fault matrix, every cell of: create, open.
. ./lib.sh
. ./matrix.sh

matrix_run $($vfio_test cells | grep -E '^(create\.|open\.)')
t_done
