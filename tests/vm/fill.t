#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The boards of this VM, filled to what NVIDIA documents for each size, and one more.
. ./lib.sh
. ./fill.sh

mapfile -t found < <(pfs)
i=0
for b in ${boards//,/ }; do
	fill_board ${found[i]} $b
	i=$((i + 1))
done
t_done
