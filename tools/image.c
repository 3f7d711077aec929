// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

/* What an image begins with; BTF, offsets of the types in it, and slots follow. */
struct head {
	unsigned int raw;	/* bytes of BTF, rounded up */
	unsigned int raw_size;	/* bytes of BTF */
	unsigned int types;
	unsigned int slots;	/* a power of two */
};

struct image {
	const struct image *base;
	const struct head *head;
	const struct btf_header *btf;
	const char *types, *strings;
	const unsigned int *offset;	/* of the types, those of the base left out */
	const unsigned int *slot;	/* ids hashed by name, 0: free */
	unsigned int first;		/* id */
	unsigned int first_string;	/* offset */
};

static size_t hash(const char *s)
{
	size_t h = 5381;

	while (*s)
		h = h * 33 + (unsigned char)*s++;
	return h;
}

static size_t whole_size(const struct head *h)
{
	return sizeof(*h) + h->raw + ((size_t)h->types + h->slots) * sizeof(int);
}

/* Bytes of a type, 0 if its kind is not known. */
static size_t type_length(const struct btf_type *t)
{
	size_t more = 0;

	switch (btf_kind(t)) {
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		break;
	case BTF_KIND_INT:
		more = sizeof(int);
		break;
	case BTF_KIND_ARRAY:
		more = sizeof(struct btf_array);
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		more = btf_vlen(t) * sizeof(struct btf_member);
		break;
	case BTF_KIND_ENUM:
		more = btf_vlen(t) * sizeof(struct btf_enum);
		break;
	case BTF_KIND_ENUM64:
		more = btf_vlen(t) * sizeof(struct btf_enum64);
		break;
	case BTF_KIND_FUNC_PROTO:
		more = btf_vlen(t) * sizeof(struct btf_param);
		break;
	case BTF_KIND_VAR:
		more = sizeof(struct btf_var);
		break;
	case BTF_KIND_DATASEC:
		more = btf_vlen(t) * sizeof(struct btf_var_secinfo);
		break;
	case BTF_KIND_DECL_TAG:
		more = sizeof(struct btf_decl_tag);
		break;
	default:
		return 0;
	}
	return sizeof(*t) + more;
}

static bool is_btf(const struct btf_header *h, size_t size)
{
	return size >= sizeof(*h) && h->magic == BTF_MAGIC && h->version == BTF_VERSION &&
	       h->hdr_len >= sizeof(*h) && h->hdr_len % 4 == 0 && h->hdr_len <= size &&
	       h->type_off % 4 == 0 &&
	       (size_t)h->type_off + h->type_len <= size - h->hdr_len &&
	       (size_t)h->str_off + h->str_len <= size - h->hdr_len && h->str_len &&
	       !((const char *)h)[h->hdr_len + h->str_off + h->str_len - 1];
}

/* The number of types; the @offset of each, if that is not NULL. -1: not whole. */
static long walk(const struct btf_header *h, unsigned int *offset)
{
	const char *types = (const char *)h + h->hdr_len + h->type_off;
	size_t at, len;
	long n = 0;

	for (at = 0; at < h->type_len; at += len) {
		if (h->type_len - at < sizeof(struct btf_type))
			return -1;
		len = type_length((const struct btf_type *)(types + at));
		if (!len || len > h->type_len - at)
			return -1;
		if (offset)
			offset[n] = at;
		n++;
	}
	return n;
}

static struct image *image_of(const struct head *head, const struct image *base)
{
	struct image *image = calloc(1, sizeof(*image));

	if (!image)
		abort();
	image->base = base;
	image->head = head;
	image->btf = (const void *)(head + 1);
	image->types = (const char *)image->btf + image->btf->hdr_len + image->btf->type_off;
	image->strings = (const char *)image->btf + image->btf->hdr_len + image->btf->str_off;
	image->offset = (const void *)((const char *)image->btf + head->raw);
	image->slot = image->offset + head->types;
	image->first = base ? image_end(base) : 1;
	image->first_string = base ? base->first_string + base->btf->str_len : 0;
	return image;
}

struct image *image_make(const void *raw, size_t size, const struct image *base)
{
	const struct btf_header *h = raw;
	struct head head = { .raw = (size + 3) & ~3UL, .raw_size = size, .slots = 64 };
	unsigned int *slot, id, end;
	struct image *image;
	struct head *data;
	long n = is_btf(h, size) ? walk(h, NULL) : -1;

	if (n < 0)
		return NULL;
	head.types = n;
	while (head.slots < 2 * head.types)
		head.slots *= 2;
	data = calloc(1, whole_size(&head));
	if (!data)
		abort();
	*data = head;
	memcpy(data + 1, raw, size);
	image = image_of(data, base);
	walk(image->btf, (unsigned int *)image->offset);
	slot = (unsigned int *)image->slot;
	end = image_end(image);
	for (id = image->first; id < end; id++) {
		const char *name = image_string(image, image_type(image, id)->name_off);
		size_t i = hash(name) & (head.slots - 1);

		if (!*name)
			continue;
		while (slot[i])
			i = (i + 1) & (head.slots - 1);
		slot[i] = id;
	}
	return image;
}

struct image *image_open(const void *data, size_t size, size_t raw_size)
{
	const struct head *head = data;

	if (size < sizeof(*head) || whole_size(head) != size || head->raw_size != raw_size ||
	    raw_size > head->raw || !is_btf(data + sizeof(*head), raw_size))
		return NULL;
	return image_of(head, NULL);
}

const struct image *image_base(const struct image *image)
{
	return image->base;
}

const void *image_data(const struct image *image, size_t *size)
{
	*size = whole_size(image->head);
	return image->head;
}

unsigned int image_end(const struct image *image)
{
	return image->first + image->head->types;
}

const struct btf_type *image_type(const struct image *image, unsigned int id)
{
	static const struct btf_type nothing;

	if (!id)
		return &nothing;
	if (image->base && id < image->first)
		return image_type(image->base, id);
	if (id >= image_end(image))
		return NULL;
	return (const struct btf_type *)(image->types + image->offset[id - image->first]);
}

const char *image_string(const struct image *image, unsigned int offset)
{
	if (image->base && offset < image->first_string)
		return image_string(image->base, offset);
	offset -= image->first_string;
	return offset < image->btf->str_len ? image->strings + offset : "";
}

unsigned int image_find(const struct image *image, const char *name, int kind)
{
	size_t i, mask = image->head->slots - 1;

	for (i = hash(name) & mask; image->slot[i]; i = (i + 1) & mask) {
		const struct btf_type *t = image_type(image, image->slot[i]);

		if (btf_kind(t) == kind && !strcmp(image_string(image, t->name_off), name))
			return image->slot[i];
	}
	return 0;
}
