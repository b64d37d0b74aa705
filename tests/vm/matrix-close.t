#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The fault matrix, every cell of: remove, reset, close.
. ./lib.sh
. ./matrix.sh

matrix_run $($vfio_test cells | grep -E '^(remove\.|reset\.|close\.)')
t_done
