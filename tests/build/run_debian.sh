#!/bin/sh
# SPDX-License-Identifier: MIT
# The Debian packages: scripts/debian builds them; unpacked into a folder they serve a program through pkg-config and
# CMake, in C and C++, the command runs a program on a pool, the links of the pages lead somewhere, and lintian, where it
# is, has no error and no warning. Built without optimisation, to take less time.
#   run_debian.sh BUILD
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
DEB_BUILD_OPTIONS="noopt parallel=2" scripts/debian "$work/debs" >"$work/said" 2>&1 || status=$?
[ $status = 0 ] || { cat "$work/said"; exit $status; }

fail() {
    echo "debian: $*" >&2
    exit 1
}

root=$work/root
for package in "$work"/debs/*.deb; do
    dpkg-deb -x "$package" "$root"
done
library=$root/usr/lib/$(dpkg-architecture -q DEB_HOST_MULTIARCH)
version=$(sed -n 's/^#define TARN_VERSION_STRING "\(.*\)"$/\1/p' include/tarn/version.h)
[ "$(dpkg-parsechangelog -S Version)" = "$version" ] || fail "debian/changelog is of another version than version.h"
for package in libtarn-dev libtarn-malloc tarn libtarn-doc; do
    ls "$work/debs/${package}_${version}_"*.deb >/dev/null || fail "no package $package of version $version"
done

export PKG_CONFIG_LIBDIR="$library/pkgconfig"
[ "$(pkg-config --modversion tarn-cxx)" = "$version" ] || fail "pkg-config tells another version"
use() {
    "$@" -Wall -Wextra -Werror -o "$work/program" || fail "does not build: $*"
    "$work/program" >/dev/null || fail "does not run: $*"
    used=$((used + 1))
}
used=0 examples=$root/usr/share/doc/tarn/examples
use gcc "$examples/regions.c" $(pkg-config --cflags --libs tarn)
use gcc "$examples/liteos_multi_pool.c" $(pkg-config --cflags --libs tarn-liteos)
use g++ -std=c++17 "$examples/containers.cpp" $(pkg-config --cflags --libs tarn-cxx)

mkdir "$work/project"
cat >"$work/project/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.18)
project(stranger C CXX)
find_package(tarn REQUIRED)
add_executable(blocks ${EXAMPLES}/blocks.c)
target_link_libraries(blocks tarn::posix)
add_executable(containers ${EXAMPLES}/containers.cpp)
target_compile_features(containers PRIVATE cxx_std_17)
target_link_libraries(containers tarn::cxx tarn::nolock)
END
{ cmake -S "$work/project" -B "$work/project/build" -DCMAKE_PREFIX_PATH="$root/usr" -DEXAMPLES="$examples" &&
    cmake --build "$work/project/build"; } >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "find_package(tarn) does not serve"; }
for program in blocks containers; do
    "$work/project/build/$program" >/dev/null || fail "$program, built with CMake, does not run"
    used=$((used + 1))
done

[ "$("$root/usr/bin/tarn" --version)" = "tarn $version" ] || fail "the command tells another version"
"$root/usr/bin/tarn" run -- gcc -c -x c -o "$work/o" - </dev/null >"$work/log" 2>&1 || fail "tarn run fails: $(cat "$work/log")"
grep -q alloc "$work/log" || fail "tarn run saw nothing: $(cat "$work/log")"

links=0
for page in $(find "$root/usr/share/doc/tarn" -name '*.md'); do
    for link in $(grep -oE '\]\([^)# ]+' "$page" | sed 's/^](//' | grep -v '^https://'); do
        [ -e "$(dirname "$page")/$link" ] || fail "${page#"$root"}: $link leads nowhere"
        links=$((links + 1))
    done
done
lint="lintian is not installed"
if command -v lintian >/dev/null; then
    # Without optimisation there is no fortification, a tag of its own.
    lintian --allow-root --suppress-tags hardening-no-fortify-functions "$work"/debs/*.changes >"$work/lint" 2>&1 || true
    ! grep -E '^[EW]:' "$work/lint" >&2 || fail "lintian says the above"
    lint="lintian has nothing to say"
fi
echo "$(cat "$work/said"); $used programs built with them run, the command runs, $links links; $lint"
