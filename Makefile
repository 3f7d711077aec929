# SPDX-License-Identifier: GPL-2.0
# Targets; what the module is made of is in Kbuild.
KVER      ?= $(shell uname -r)
KERNELDIR ?= /lib/modules/$(KVER)/build
DESTDIR   ?=
VERSION   := $(shell sed -n 's/^FSPAN_VERSION := //p' Kbuild)
BUILD     ?= build
PROGS     := $(patsubst tests/progs/%.c,$(BUILD)/bin/%,$(wildcard tests/progs/*.c))
GATES     := $(if $(shell command -v clang),$(patsubst tests/bpf/%.c,$(BUILD)/bin/%.o,$(wildcard tests/bpf/*.c)))

DKMS_DIR = $(DESTDIR)/usr/src/fspan-$(VERSION)

INSTALL_DATA := install -D -m 644
INSTALL_PROG := install -D -m 755

all: modules tools

tools: share
	$(MAKE) -C tools OUT=../$(BUILD)/tools BIN=../$(BUILD)/bin

# what the tool looks for beside itself
share:
	@mkdir -p build/share/fspan/presets
	@cp -u tools/presets/*.specs build/share/fspan/presets/

modules:
	@etc/check-config $(KERNELDIR)
	$(MAKE) -C $(KERNELDIR) M=$(CURDIR) modules
	etc/module-btf fspan.ko $(KERNELDIR)

install: modules tools install-files install-tools
	$(MAKE) -C $(KERNELDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(DESTDIR) INSTALL_MOD_DIR=updates modules_install
	$(if $(DESTDIR),,depmod -a $(KVER))

install-files: install-headers
	$(INSTALL_DATA) README.md $(DESTDIR)/usr/share/doc/fspan/README.md
	for f in doc/*.md; do $(INSTALL_DATA) $$f $(DESTDIR)/usr/share/doc/fspan/$$f || exit 1; done
	$(INSTALL_DATA) etc/fspan.service $(DESTDIR)/lib/systemd/system/fspan.service
	$(INSTALL_PROG) etc/load-spans $(DESTDIR)/usr/lib/fspan/load-spans
	$(INSTALL_DATA) etc/fspan.d/example.spans.txt $(DESTDIR)/etc/fspan.d/example.spans.txt

install-headers:
	$(INSTALL_DATA) include/uapi/linux/fspan.h $(DESTDIR)/usr/include/linux/fspan.h
	$(INSTALL_DATA) include/fspan.bpf.h $(DESTDIR)/usr/include/fspan.bpf.h
	$(INSTALL_DATA) include/linux/fspan.h $(DESTDIR)/usr/include/fspan/linux/fspan.h

install-tools:
	$(INSTALL_PROG) build/bin/fspan $(DESTDIR)/usr/bin/fspan
	for f in tools/presets/*.specs; do $(INSTALL_DATA) $$f $(DESTDIR)/usr/share/fspan/presets/$${f##*/} || exit 1; done
	for f in tools/bpf/*.bpf.c build/share/fspan/bpf/*.bpf.o; do [ ! -e $$f ] || $(INSTALL_DATA) $$f $(DESTDIR)/usr/share/fspan/bpf/$${f##*/} || exit 1; done
	for f in tools/man/*.[17]; do $(INSTALL_DATA) $$f $(DESTDIR)/usr/share/man/man$${f##*.}/$${f##*/} || exit 1; done
	$(INSTALL_DATA) tools/completion.bash $(DESTDIR)/usr/share/bash-completion/completions/fspan

uninstall:
	$(RM) $(DESTDIR)/usr/bin/fspan $(DESTDIR)/usr/share/man/man1/fspan*.1 $(DESTDIR)/usr/share/man/man7/fspan*.7
	$(RM) -r $(DESTDIR)/usr/share/fspan $(DESTDIR)/usr/share/bash-completion/completions/fspan
	$(RM) $(DESTDIR)/usr/include/linux/fspan.h $(DESTDIR)/usr/include/fspan.bpf.h
	$(RM) -r $(DESTDIR)/usr/share/doc/fspan $(DESTDIR)/usr/lib/fspan $(DESTDIR)/usr/include/fspan
	$(RM) $(DESTDIR)/lib/systemd/system/fspan.service
	$(RM) $(DESTDIR)/etc/fspan.d/example.spans.txt
	-rmdir $(DESTDIR)/etc/fspan.d
	$(RM) $(DESTDIR)/lib/modules/$(KVER)/updates/fspan.ko*
	$(if $(DESTDIR),,depmod -a $(KVER))
	$(if $(DESTDIR),,[ ! -d /var/lib/dkms/fspan/$(VERSION) ] || dkms remove fspan/$(VERSION) --all)
	$(RM) -r $(DKMS_DIR)

# the sources where dkms wants them; with DESTDIR no more than that
dkms: install-files dkms-files
	$(if $(DESTDIR),,dkms add fspan/$(VERSION) && dkms build fspan/$(VERSION) && dkms install fspan/$(VERSION))

dkms-files:
	mkdir -p $(DKMS_DIR)
	tar -c --exclude='.*' --exclude='*.o' Kbuild Makefile COPYING README.md module include etc | \
		tar -x -C $(DKMS_DIR)
	sed 's/@VERSION@/$(VERSION)/' dkms.conf > $(DKMS_DIR)/dkms.conf

# packages, in build/deb; what they are built with is in debian/control
deb:
	rm -rf build/deb
	mkdir -p build/deb/fspan
	git ls-files -z | tar -c --null -T - | tar -x -C build/deb/fspan
	cd build/deb/fspan && dpkg-buildpackage -b -us -uc $(DEBFLAGS) > ../build.log 2>&1 || \
		{ cat ../build.log; exit 1; }
	@ls build/deb/*.deb

clean:
	$(RM) -r build
	[ ! -d $(KERNELDIR) ] || $(MAKE) -C $(KERNELDIR) M=$(CURDIR) clean

test-progs: $(PROGS) $(GATES) tools
$(BUILD)/bin/%: tests/progs/%.c $(wildcard tests/modules/*.h tests/progs/*.h)
	@mkdir -p $(BUILD)/bin
	$(CC) -O2 -static -Wall -Wextra -Werror -pthread -Itests/modules -o $@ $<

$(BUILD)/bin/%.bpf.o: tests/bpf/%.bpf.c include/fspan.bpf.h include/uapi/linux/fspan.h
	@mkdir -p $(BUILD)/bin
	clang -O2 -g -target bpf -mcpu=v3 -Wall -Werror -Iinclude/uapi -Iinclude \
		-I/usr/include/$(shell cc -print-multiarch) -c -o $@ $<

demo:
	tests/deps
	tests/vm -k 6.12 -- tests/demo

check:
	tests/deps
	tests/check

# every case on every kernel
check-all:
	tests/deps --all
	tests/check --all

KERNEL ?= 6.12 6.1
bench:
	tests/deps
	tests/bench/run $(KERNEL:%=-k %)

bench-check:
	tests/deps
	tests/bench/check $(KERNEL:%=-k %)

# what the cases reach, by file; takes as long as all of them in one guest
coverage:
	tests/deps
	tests/coverage/run

lint:
	tests/lint

.PHONY: all modules tools share install install-files install-headers install-tools uninstall dkms dkms-files deb clean test-progs demo check check-all bench bench-check coverage lint
