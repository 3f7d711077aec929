// SPDX-License-Identifier: GPL-2.0
/* An image says of BTF what libbpf does, whether made or kept; what is no BTF makes none. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image.h"

static unsigned int passed, failed;

static void result(bool ok, const char *what, unsigned int id)
{
	if (ok) {
		passed++;
		return;
	}
	failed++;
	printf("not ok - %s of type %u\n", what, id);
}

/* One type of each kind; a module's, with @base, has names of the kernel's too. */
static struct btf *every_kind(struct btf *base)
{
	struct btf *btf = base ? btf__new_empty_split(base) : btf__new_empty();
	int integer = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int pointer = btf__add_ptr(btf, integer), variable;

	btf__add_array(btf, integer, pointer, 3);
	btf__add_struct(btf, "both", 16);
	btf__add_field(btf, "one", integer, 0, 0);
	btf__add_field(btf, base ? "module" : "kernel", pointer, 64, 0);
	btf__add_union(btf, "both", 8);
	btf__add_field(btf, "x", integer, 0, 0);
	btf__add_field(btf, "y", pointer, 0, 0);
	btf__add_enum(btf, "small", 4);
	btf__add_enum_value(btf, "S", 1);
	btf__add_enum_value(btf, "T", 2);
	btf__add_enum64(btf, "large", 8, false);
	btf__add_enum64_value(btf, "L", 1ULL << 40);
	btf__add_fwd(btf, "later", BTF_FWD_STRUCT);
	btf__add_typedef(btf, "int_t", integer);
	btf__add_volatile(btf, integer);
	btf__add_const(btf, integer);
	btf__add_restrict(btf, pointer);
	btf__add_func(btf, base ? "in_module" : "in_kernel", BTF_FUNC_STATIC, 14);
	btf__add_func_proto(btf, integer);
	btf__add_func_param(btf, "a", integer);
	btf__add_func_param(btf, "b", pointer);
	btf__add_float(btf, "double", 8);
	variable = btf__add_var(btf, "v", BTF_VAR_STATIC, integer);
	btf__add_datasec(btf, ".data", 4);
	btf__add_datasec_var_info(btf, variable, 0, 4);
	btf__add_decl_tag(btf, "tag", variable, -1);
	btf__add_type_tag(btf, "user", integer);
	btf__add_func(btf, "in_both", BTF_FUNC_STATIC, 14);
	return btf;
}

/* The first one of the same name and kind, those of the base left out. */
static unsigned int first_like(const struct btf *btf, unsigned int first, unsigned int id)
{
	const struct btf_type *want = btf__type_by_id(btf, id), *t;
	const char *name = btf__name_by_offset(btf, want->name_off);

	for (; first < id; first++) {
		t = btf__type_by_id(btf, first);
		if (btf_kind(t) == btf_kind(want) &&
		    !strcmp(btf__name_by_offset(btf, t->name_off), name))
			break;
	}
	return first;
}

/* What is said of @id, and that it is found: libbpf's own search takes too long for a kernel. */
static bool same(const struct image *image, const struct btf *btf, unsigned int first,
		 unsigned int id)
{
	const struct btf_type *want = btf__type_by_id(btf, id), *have = image_type(image, id);
	const char *name = btf__name_by_offset(btf, want->name_off);
	unsigned int found;

	if (!have || memcmp(have, want, sizeof(*have)) ||
	    strcmp(image_string(image, have->name_off), name))
		return false;
	if (id < first || !*name)
		return true;
	found = image_find(image, name, btf_kind(want));
	return found == id || (found && found < id && found == first_like(btf, first, id));
}

static void compare(const struct image *image, const struct btf *btf)
{
	unsigned int first = btf__base_btf(btf) ? btf__type_cnt(btf__base_btf(btf)) : 1;
	unsigned int id, end = btf__type_cnt(btf);

	result(image && image_end(image) == end, "the end", end);
	if (!image)
		return;
	for (id = 1; id < end && same(image, btf, first, id); id++)
		;
	result(id == end, "what is said", id);
	result(!image_find(image, "nonesuch", BTF_KIND_FUNC), "no finding", 0);
	result(!image_type(image, end) && image_type(image, 0), "the bounds", end);
	result(!*image_string(image, -1), "no string", 0);
}

/* As made, and as kept. */
static struct image *both(const struct btf *btf, const struct image *base)
{
	unsigned int raw_size;
	const void *raw = btf__raw_data(btf, &raw_size), *data;
	struct image *made = image_make(raw, raw_size, base), *opened;
	size_t size;

	compare(made, btf);
	if (!base && made) {
		data = image_data(made, &size);
		opened = image_open(data, size, raw_size);
		compare(opened, btf);
		free(opened);
		result(!image_open(data, size - 4, raw_size), "data that is cut", 0);
		result(!image_open(data, size, raw_size + 1), "another BTF's size", 0);
	}
	return made;
}

/* The tool never does: an image is for good. */
static void forget(struct image *image)
{
	size_t size;

	if (image)
		free((void *)image_data(image, &size));
	free(image);
}

/* Does a type begin @at so many bytes? */
static bool begins(const struct btf *btf, unsigned int at)
{
	const char *types = (const char *)btf__type_by_id(btf, 1);
	unsigned int id;

	for (id = 1; id < btf__type_cnt(btf); id++)
		if ((const char *)btf__type_by_id(btf, id) == types + at)
			return true;
	return false;
}

/*
 * Cut at each length, with fewer bytes of types, and with each byte of the header
 * changed: none, or one that can be read.
 */
static void broken(const struct btf *btf)
{
	unsigned int size, i, id;
	struct image *image;
	const char *raw = btf__raw_data(btf, &size);
	char *copy;

	for (i = 0; i < size; i++) {
		copy = malloc(i);
		if (i)
			memcpy(copy, raw, i);
		result(!image_make(copy, i, NULL), "BTF that is cut", i);
		free(copy);
	}
	for (i = 0; i < ((const struct btf_header *)raw)->type_len; i++) {
		copy = malloc(size);
		memcpy(copy, raw, size);
		((struct btf_header *)copy)->type_len = i;
		image = image_make(copy, size, NULL);
		result(!image == !begins(btf, i), "a type that is cut", i);
		forget(image);
		free(copy);
	}
	for (i = 0; i < sizeof(struct btf_header); i++) {
		copy = malloc(size);
		memcpy(copy, raw, size);
		copy[i] ^= 0x54;
		image = image_make(copy, size, NULL);
		result(i >= 3 || !image, "BTF of another kind", i);	/* 3: flags */
		for (id = 1; image && id < image_end(image); id++)
			image_string(image, image_type(image, id)->name_off);
		forget(image);
		free(copy);
	}
}

int main(void)
{
	struct btf *kernel = every_kind(NULL), *module = every_kind(kernel), *here;
	struct image *base = both(kernel, NULL), *image = both(module, base);

	result(base && image && image_base(image) == base && !image_base(base), "the base", 0);
	result(image && !image_find(image, "in_kernel", BTF_KIND_FUNC), "a kernel's function", 0);
	result(image && image_find(image, "in_both", BTF_KIND_FUNC) >= image_end(base),
	       "a module's function", 0);
	broken(kernel);
	libbpf_set_print(NULL);
	here = access("/sys/kernel/btf/vmlinux", R_OK) ? NULL : btf__load_vmlinux_btf();
	if (here)
		forget(both(here, NULL));
	forget(image);
	forget(base);
	btf__free(module);
	btf__free(kernel);
	btf__free(here);
	printf("%u passed, %u failed, %u skipped\n", passed, failed, !here);
	return failed > 0;
}
