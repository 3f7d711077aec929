/* SPDX-License-Identifier: GPL-2.0 */
/* The one function that libFuzzer, or replay.c, calls. */
#ifndef FSPAN_FUZZ_H
#define FSPAN_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
