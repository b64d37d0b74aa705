#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A fixed sample of the fault matrix: each fault twice, each operation, most commands.
. ./lib.sh
. ./matrix.sh

matrix_run create.none:rpc_lost open.alloc:rpc_garbage open.memset:rpc_lost \
	open.BOOTLOAD:rpc_late open.BOOTLOAD:plugin_crash open.msg1:rpc_error open.msg2:rpc_lost \
	open.msg13:plugin_crash reset.msg3:rpc_late close.msg13:rpc_garbage \
	close.SHUTDOWN:fw_hang close.CLEANUP:rpc_error remove.none:fw_hang
t_done
