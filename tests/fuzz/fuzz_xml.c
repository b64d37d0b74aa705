// SPDX-License-Identifier: LGPL-2.1-or-later
/* The catalogue's source as XML. */
#include "types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	types_input(data, size, openvgpu_types_parse_xml);
	return 0;
}
