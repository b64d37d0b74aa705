#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What one owner leaves in the framebuffer the next does not find, although the
# board never scrubs: on the same segments, through another VF.
. ./lib.sh

pf=$(pfs | head -1)
cur=nvidia/current_vgpu_type
a=$(vf $pf 0) b=$(vf $pf 1)
for v in $a $b; do t_at_exit try_write $pci/$v/$cur 0; done

# Framebuffer range of the only vGPU, and pages of framebuffer that the board keeps
place() { sed -n 's/.* \(fb [^ ]*\) .*/\1/p' $debug/openvgpu/$pf/places; }
kept() { echo $(($(sim_counter $pf fb_pages) - $(sim_counter $pf fb_pages_dropped))); }

t_write "a type on the first VF" $pci/$a/$cur 560 ok
where=$(place)
t_drive "first owner: open" a $a
t_is "first owner: finds zeros" "$(tell a zero)" ok
t_is "first owner: fills it, through BAR1 and by DMA" "$(tell a 'fill 7')" ok
t_is "first owner: it is there" "$(tell a 'check 7')" ok
t_like "first owner: (the search for zeros would see it)" "$(tell a zero)" "^FAIL [1-9]"
t_is "first owner: a reset is no change of owner" "$(tell a reset)" ok
t_is "first owner: it is still there" "$(tell a 'check 7')" ok
full=$(kept)
t_drive_end "first owner: close" a
# The control: had the board itself scrubbed, at close or before the next BOOTLOAD,
# the pages would be gone.
t_ok "the board has kept every page ($(kept) of $full)" test "$(kept)" -ge "$full" -a "$full" -ge 64
sets=$(sim_counter $pf scrubs)
t_write "no type on the first VF" $pci/$a/$cur 0 ok
t_ok "still kept" test "$(kept)" -ge "$full"

t_write "a type on the second VF" $pci/$b/$cur 560 ok
t_is "the same segments" "$(place)" "$where"
t_drive "next owner: open" b $b
t_ok "the driver told the firmware to clear it" test "$(sim_counter $pf scrubs)" -gt "$sets"
t_is "next owner: finds zeros, to the last page" "$(tell b zero)" ok
t_is "next owner: it is usable" "$(tell b 'fill 8')" ok
t_is "next owner: as any" "$(tell b 'check 8')" ok
t_drive_end "next owner: close" b
t_drive "next owner: open again" b $b
t_is "even its own is not there any more" "$(tell b zero)" ok
t_drive_end "close" b

# A command that clears and fails must not lead to an open vGPU.
gate_expect "vGPU does not start"
t_is "clearing fails: armed" "$(fault $pf rpc_error 1 0x20800afa)" ok
t_like "clearing fails: no open" "$($vfio_test open $b 2>&1)" "^open: E"
t_ok "clearing fails: the reason" test -n "$(cat $pci/$b/vgpu/last_error)"
t_ok "then it opens" $vfio_test open $b
t_write "no type" $pci/$b/$cur 0 ok
t_done
