// SPDX-License-Identifier: GPL-2.0
/* The example without fspan: its marks are nothing. */
#define FSPAN_OFF
#include "fspan_example.c"
