# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # $work and $cache are of who reads this
# Packages through apt, for tests/kernel and tests/qemu: nothing is installed. What is fetched is
# unpacked in $work/root; apt's lists of other suites and architectures stay in $cache/apt.

# quiet about apt giving up its sandbox in a directory of root's
get() { apt-get -qq -o APT::Sandbox::User=root "$@"; }

# update [OPTION...]: the lists, which only one may fetch at a time
update() {
	(
		flock 6
		get "$@" update
	) 6> "$cache/.apt.lock"
}

unpack_debs() {
	local p
	mkdir -p "$work/root"
	for p in "$1"/*.deb; do
		dpkg --fsys-tarfile "$p" | tar -x --keep-directory-symlink -C "$work/root" || return 1
		rm "$p"
	done
}

# unpack PACKAGE...: download and unpack
unpack() { (cd "$work" && get download "$@") && unpack_debs "$work"; }

# unpack_whole PACKAGE...: with all that they depend on, as if nothing were installed
unpack_whole() {
	mkdir -p "$work/debs/partial"
	get -o Dir::State::status=/dev/null -o Dir::Cache::archives="$work/debs" \
		--no-install-recommends --download-only -y install "$@" && unpack_debs "$work/debs" &&
		rm -r "$work/debs"
}

newest() { apt-cache search --names-only "$1" | awk '{print $1}' | sort -V | tail -n 1; }

# package_of REGEX: the newest package whose name matches
package_of() {
	[ -n "$(newest "$1")" ] || update
	newest "$1"
}

# depends_of PACKAGE REGEX: the first of its dependencies that matches
depends_of() {
	apt-cache depends "$1" | awk -v re="$2" '$1 == "Depends:" && $2 ~ re && !n++ {print $2}'
}

# mirror: "URI SUITE" of this machine's own sources of Debian
mirror() {
	# shellcheck disable=SC2016 # of apt
	apt-get indextargets --format '$(REPO_URI) $(RELEASE)' \
		'Created-By: Packages' 'Origin: Debian' 'Component: main'
}

# other ARCH [SUITE]: from here on, apt sees this instead of what the machine is
other() {
	local arch=$1 suite=${2:-} dir=$cache/apt/${2:-own}-$1 sources
	sources=$(mirror)
	[ -n "$sources" ] || { update; sources=$(mirror); }
	[ -z "$suite" ] || sources=$(sed -n "1s/ [^ ]*$/ $suite/p" <<< "$sources")
	[ -n "$sources" ] || { echo "apt has no source of Debian"; return 1; }
	mkdir -p "$dir/lists/partial"
	exec 7> "$dir/.lock"
	flock 7
	sed 's/^/deb [check-valid-until=no] /; s/$/ main/' <<< "$sources" > "$dir/sources.list"
	cat > "$dir/apt.conf" <<-END
		Dir::Etc::SourceList "$dir/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::State::Lists "$dir/lists";
		Dir::Cache::pkgcache "";
		Dir::Cache::srcpkgcache "";
		APT::Architecture "$arch";
		APT::Architectures { "$arch"; };
	END
	export APT_CONFIG=$dir/apt.conf
	update -o APT::Update::Error-Mode=any
}
