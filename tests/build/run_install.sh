#!/bin/sh
# SPDX-License-Identifier: MIT
# What `make install` stages serves a stranger: scripts/check-install says how; then the README's program is compiled
# against it as the README says.
#   run_install.sh BUILD
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v g++ >/dev/null || { echo "no C++ compiler"; exit 77; }
command -v pkg-config >/dev/null || { echo "no pkg-config"; exit 77; }
scripts/check-install "$1" "$work/prefix"
scripts/readme-example "$work/prefix"
