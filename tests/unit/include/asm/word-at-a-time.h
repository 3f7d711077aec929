/* SPDX-License-Identifier: GPL-2.0 */
/* As the kernel has it for little-endian machines. */
#ifndef UNIT_WORD_AT_A_TIME_H
#define UNIT_WORD_AT_A_TIME_H

struct word_at_a_time {
	const unsigned long one_bits, high_bits;
};

#define WORD_AT_A_TIME_CONSTANTS { ~0UL / 0xff, ~0UL / 0xff * 0x80 }

static inline unsigned long has_zero(unsigned long a, unsigned long *bits,
				     const struct word_at_a_time *c)
{
	unsigned long mask = ((a - c->one_bits) & ~a) & c->high_bits;

	*bits = mask;
	return mask;
}

#define prep_zero_mask(a, bits, c)	(bits)
#define create_zero_mask(bits)		(((bits) - 1) & ~(bits))
#define find_zero(mask)			(__builtin_popcountl(mask) >> 3)

#endif
