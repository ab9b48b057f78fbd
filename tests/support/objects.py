#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compiles sources for a configuration, each anew only where that configuration says something else to it.

    objects.py CACHE INCLUDE OUT COMPILER FLAG... -- SOURCE...

For scripts that build many sources with many configurations, most of which concern few of the sources. INCLUDE is a folder
with tarn/config.h. A source is compiled with one set of values once for all calls with the same CACHE, compiler and flags:
those of the configuration's macros that it, or a header it includes under whatever condition, has by name. No name of a
configuration may be made by pasting. OUT is emptied, and gets an object for each source.
"""
import hashlib
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

INCLUDED = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.M)
NAME = re.compile(r"\b[A-Z_][A-Z0-9_]+\b")


class Reader:
    """What files of the project include and which names they have; headers of others are theirs, and stay the same."""

    def __init__(self, folders):
        self.folders, self.known = folders, {}

    def look(self, path):
        if path not in self.known:
            with open(path, encoding="utf-8") as file:
                text = file.read()
            places = [[os.path.join(folder, name) for folder in [os.path.dirname(path)] + self.folders]
                      for name in INCLUDED.findall(text) if not name.endswith("tarn/config.h")]
            found = [next((os.path.normpath(p) for p in tried if os.path.exists(p)), None) for tried in places]
            self.known[path] = set(NAME.findall(text)), [p for p in found if p is not None]
        return self.known[path]

    def names(self, source):
        names, seen, waiting = set(), set(), [source]
        while waiting:
            path = waiting.pop()
            if path not in seen:
                seen.add(path)
                own, included = self.look(path)
                names |= own
                waiting += included
        return names


def configuration(command, include):
    """{name: value} of what tarn/config.h defines, and of what the compiler does by itself."""
    said = subprocess.run(command + ["-dM", "-E", "-x", "c", include + "/tarn/config.h"], check=True, capture_output=True,
                          text=True).stdout
    return dict(line.split(" ", 2)[1:] if line.count(" ") > 1 else (line.split(" ")[1], "") for line in said.splitlines())


def main():
    cache, include, out = sys.argv[1:4]
    ends = sys.argv.index("--")
    command, sources = sys.argv[4:ends], sys.argv[ends + 1:]
    values = configuration(command, include)
    reader = Reader([word[2:] for word in command if word.startswith("-I") and len(word) > 2])
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    os.makedirs(cache, exist_ok=True)

    def compiled(source):
        told = sorted((name, values[name]) for name in reader.names(source) if name in values)
        key = hashlib.sha256(repr((command, source, told)).encode()).hexdigest()
        kept = "%s/%s.o" % (cache, key)
        done = os.path.exists(kept)
        if not done:
            done = subprocess.run(command + ["-I" + include, "-c", source, "-o", kept], check=False).returncode == 0
        if done:
            os.link(kept, "%s/%s.o" % (out, source.strip("/").replace("/", "_")[:-2]))
        return done

    with ThreadPoolExecutor(os.cpu_count()) as workers:
        if not all(list(workers.map(compiled, sources))):
            sys.exit("objects: a source does not compile")


main()
