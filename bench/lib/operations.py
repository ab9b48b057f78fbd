# SPDX-License-Identifier: MIT
"""Traces, recorded where none are given, and the files of operations that the benches read."""
import glob
import os
import shutil
import struct
import subprocess

from machine import ROOT, label, run, say

WORDS = "while (<>) { $words{$_}++ for split }"
DOCUMENTS = """import json, sys
text = json.dumps([{"id": i, "name": "n%d" % i, "tags": [str(i % 7), "x" * (i % 50)]} for i in range(4000)])
for _ in range(3): json.loads(text)
"""
KINDS = ["malloc", "calloc", "aligned", "realloc", "free"]


def programs(build, work):
    """Programs that are here anyway: name, command, environment."""
    sources = sorted(glob.glob(ROOT + "/src/*.c"))
    cc = os.environ.get("CC", "cc")
    include = ["-Iinclude", "-I%s/generated/include" % build, "-Isrc"]
    return [("compiler", [cc, "-O2"] + include + ["-c", "src/pool.c", "-o", work + "/left/o"], {}),
            ("perl", ["perl", "-e", WORDS] + sources, {"PERL_HASH_SEED": "0"}),
            ("python", ["/usr/bin/python3", "-s", "-c", DOCUMENTS], {"PYTHONMALLOC": "malloc"}),
            ("cmake", ["cmake", "-S", ROOT, "-B", work + "/left", "-G", "Unix Makefiles"], {})]


def record(build, work):
    """Traces of them, into the folder."""
    paths = []
    os.makedirs(work + "/left", exist_ok=True)
    for name, command, environment in programs(build, work):
        path = "%s/%s.trace" % (work, name)
        command = [build + "/bin/tarn", "record", "-o", path, "--"] + command
        done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, env=dict(os.environ, **environment))
        if done.returncode == 0:
            paths.append(path)
        else:
            last = (done.stderr.decode(errors="replace").strip().splitlines() or ["?"])[-1]
            say("cannot record %s: %s" % (name, last))
    shutil.rmtree(work + "/left")
    return paths


class Operations:
    """A file of operations."""

    def __init__(self, path, name, printed):
        self.path, self.name = path, name
        self.count, self.peak_bytes, self.peak_objects = map(int, printed.split())

    def text(self, number):
        """What an operation asks for."""
        with open(self.path, "rb") as file:
            file.seek(48 + 16 * number)
            size, _, kind, alignment = struct.unpack("<QIBB2x", file.read(16))
        if KINDS[kind] == "free":
            return "free"
        return "%s of %d bytes%s" % (KINDS[kind], size, " at %d" % (1 << alignment) if KINDS[kind] == "aligned" else "")


def make(maker, work, kind, *arguments):
    """An Operations from make_ops, None if it cannot be."""
    name = label(str(arguments[0]))
    path = "%s/%s.ops" % (work, name)
    printed = run([maker, kind] + [str(a) for a in arguments] + [path])
    return Operations(path, name, printed) if printed is not None else None


def maker(compiler):
    test = [compiler.target.cc, "-E", "-include", "zstd.h", "-xc", "/dev/null"]
    zstd = subprocess.run(test, capture_output=True, check=False)
    backend, libraries = ("zstd", ["-lzstd"]) if zstd.returncode == 0 else ("plain", [])
    reader = glob.glob(ROOT + "/tools/trace/*.c") + glob.glob(ROOT + "/tools/trace/%s/*.c" % backend)
    return compiler.program("make_ops", "bench/traces/make_ops.c", *reader, *libraries)


def of_traces(compiler, traces, build, limit=0):
    """An Operations for each trace given, or for those recorded here."""
    tool = maker(compiler)
    paths = [os.path.abspath(path) for path in traces] or record(os.path.abspath(build), compiler.work)
    made = [make(tool, compiler.work, "trace", path, limit) for path in paths]
    return [ops for ops in made if ops is not None]
