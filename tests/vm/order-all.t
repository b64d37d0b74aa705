#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# order.t, 500 sequences, other ones each time.
sequences=500 SEED=${SEED:-$RANDOM}
. ./order.t
