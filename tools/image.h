/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BTF in one piece: as the kernel wrote it, and an index of it by id and by name.
 * libbpf copies all of it and looks at each type at every start; of an image that
 * is kept and mapped only what is asked for is looked at.
 */
#ifndef FSPAN_IMAGE_H
#define FSPAN_IMAGE_H

#include <bpf/btf.h>
#include <stddef.h>

struct image;

/*
 * An image of @raw BTF, which is no longer needed then; NULL if it is none. That
 * of a module goes on from the kernel's, @base: ids and strings of both.
 */
struct image *image_make(const void *raw, size_t size, const struct image *base);
/* The image whose data was @data, which stays; NULL if it is none of @raw_size bytes of BTF. */
struct image *image_open(const void *data, size_t size, size_t raw_size);
/* The kernel's for a module, else NULL. */
const struct image *image_base(const struct image *image);
const void *image_data(const struct image *image, size_t *size);

/* The first id that is none. */
unsigned int image_end(const struct image *image);
/* NULL if it is none; id 0 is void. */
const struct btf_type *image_type(const struct image *image, unsigned int id);
/* "" if it is none. */
const char *image_string(const struct image *image, unsigned int offset);
/* The first type of @kind named @name, without those of the base; 0: there is none. */
unsigned int image_find(const struct image *image, const char *name, int kind);

#endif
