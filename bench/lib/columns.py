# SPDX-License-Identifier: MIT
"""What is measured: tarn's configurations, the limits, the peers, and whoever joins; each compiled or found.

A configuration of tarn is one line of CONFIGURATIONS.
"""
import glob
import os
import platform
import subprocess
import sys
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

from machine import ROOT, label, say

# name; members of tarn_options; what pool.h must define for it to be there; blocks visited per request: all, or none
Configuration = namedtuple("Configuration", "name options needs walks")
PARK = ", .park = TARN_PARK_DEFAULT"
# As pools that park recognise blocks: left to itself, one of 4 MiB and more would have a map of a 64th of its bytes.
KEYED = ", .recognition = TARN_RECOGNISE_KEYED"
SLAB = ", .slab = TARN_SLAB_DEFAULT"
CONFIGURATIONS = [
    Configuration("tlsf", ".engine = TARN_ENGINE_TLSF" + KEYED, "TARN_ENGINE_TLSF", False),
    Configuration("tlsf, parked", ".engine = TARN_ENGINE_TLSF" + PARK, "TARN_PARK_DEFAULT", False),
    Configuration("tlsf, slab", ".engine = TARN_ENGINE_TLSF" + SLAB, "TARN_SLAB_DEFAULT", False),
    Configuration("bestfit", ".engine = TARN_ENGINE_BESTFIT" + KEYED, "TARN_ENGINE_BESTFIT", False),
    Configuration("bestfit, parked", ".engine = TARN_ENGINE_BESTFIT" + PARK, "TARN_PARK_DEFAULT", False),
    Configuration("linear", ".engine = TARN_ENGINE_LINEAR" + KEYED, "TARN_ENGINE_LINEAR", True),
]
# Of these only the smallest pool is looked for. Granule 4 is a 32-bit program's: the layout is the same whatever the word
# size, so that it is measured here; the traces' requests are those of 64-bit programs. Granule 16 with the exact map is
# what the malloc face makes its pool of.
FRUGAL = ", .granule = 4, .recognition = TARN_RECOGNISE_KEYED"
WIDE = ", .granule = 16, .recognition = TARN_RECOGNISE_EXACT"
SMALLEST = [
    Configuration("tlsf, granule 4", ".engine = TARN_ENGINE_TLSF" + FRUGAL, "TARN_ENGINE_TLSF", False),
    Configuration("bestfit, granule 4", ".engine = TARN_ENGINE_BESTFIT" + FRUGAL, "TARN_ENGINE_BESTFIT", False),
    Configuration("tlsf, granule 16", ".engine = TARN_ENGINE_TLSF" + WIDE, "TARN_ENGINE_TLSF", False),
    Configuration("bestfit, granule 16", ".engine = TARN_ENGINE_BESTFIT" + WIDE, "TARN_ENGINE_BESTFIT", False),
]
LIMITS = ["floor", "bump", "header"]
PEERS = {"jemalloc": "libjemalloc.so", "mimalloc": "libmimalloc.so"}  # of whichever version
PACKAGES = ["libc6", "libjemalloc2", "libmimalloc2.0"]

# The malloc face, whose pool is one of its own: name; its settings.
FACES = [("tarn malloc", {"TARN_ENGINE": "tlsf"}), ("tarn malloc, bestfit", {"TARN_ENGINE": "bestfit"})]

# A column: its shared object, what its process gets in its environment, the object whose functions only return behind the
# same adapter, whether it lives in the pool that it is given, and whether a request visits all blocks.
Column = namedtuple("Column", "name so environment base pool walks")

# name; compiler; flags; how its programs run here when they are counted; what must be there besides
Target = namedtuple("Target", "name cc flags qemu needs")


def native():
    return Target(platform.machine(), os.environ.get("CC", "cc"), [], ["qemu-" + platform.machine()], "/")


def thumb():
    prefix = "arm-linux-gnueabihf"
    return Target("Thumb-2", prefix + "-gcc", ["-mthumb"], ["qemu-arm", "-L", "/usr/" + prefix], "/usr/%s/lib/libc.so.6" % prefix)


class Compiler:
    """Builds into the target's own folder of a work folder; what is there is not built again."""

    def __init__(self, work, build, target):
        self.work, self.target = "%s/%s" % (work, target.name), target
        self.flags = [target.cc, "-std=gnu11", "-O2", "-DNDEBUG", "-w"] + target.flags
        self.flags += ["-Iinclude", "-I%s/generated/include" % os.path.abspath(build), "-Isrc"]
        self.malloc = os.path.abspath(build) + "/lib/libtarn-malloc.so"
        with open("%s/generated/include/tarn/config.h" % build, encoding="utf-8") as file:
            self.config = file.read()
        with open(ROOT + "/include/tarn/pool.h", encoding="utf-8") as file:
            self.interface = file.read()
        os.makedirs(self.work, exist_ok=True)

    def build(self, name, *arguments):
        path = "%s/%s" % (self.work, name.replace(",", "").replace(" ", "-"))
        if not os.path.exists(path):
            done = subprocess.run(self.flags + list(arguments) + ["-o", path], check=False, cwd=ROOT)
            if done.returncode != 0:
                sys.exit("bench: %s does not compile" % os.path.basename(path))
        return path

    def shared(self, name, *arguments):
        return self.build(name + ".so", "-fPIC", "-shared", "-Wl,-Bsymbolic", *arguments, "-pthread")

    def program(self, name, *arguments):
        return self.build(name, *arguments, "bench/traces/ops.c", "-ldl")

    def allocator(self, name, *arguments):
        return self.shared(name, '-DBENCH_NAME="%s"' % name, *arguments)

    def has(self, configuration):
        engine = configuration.options.split("TARN_ENGINE_")[1].split(",")[0].strip()
        return "define %s " % configuration.needs in self.interface and "define TARN_WITH_%s 1" % engine in self.config

    def known(self, name, *arguments):
        return self.shared(name, "bench/instructions/known.c", *arguments)

    def tarn(self, configurations=tuple(CONFIGURATIONS)):
        core = glob.glob(ROOT + "/src/*.c") + glob.glob(ROOT + "/ports/nolock/*.c")
        objects = self.core(core)
        base = self.adapter("tarn-base", ".engine = 0", self.build("known.o", "-fPIC", "-DBENCH_CORE", "-c",
                                                                  "bench/instructions/known.c"))
        return [Column("tarn " + c.name, self.adapter("tarn " + c.name, c.options, *objects), {}, base, True, c.walks)
                for c in configurations if self.has(c)]

    def core(self, sources):
        """Compiled once for all configurations."""
        with ThreadPoolExecutor(os.cpu_count()) as workers:
            return list(workers.map(lambda source: self.build(label(source) + ".o", "-fPIC", "-c", source), sources))

    def adapter(self, name, options, *objects):
        return self.allocator(name, "-DBENCH_OPTIONS=" + options, "bench/traces/tarn.c", *objects)

    def limits(self):
        return [Column(name, self.allocator(name, "-DBENCH_LIMIT=%d" % i, "bench/traces/limits.c"), {},
                       self.known("empty"), False, False) for i, name in enumerate(LIMITS)]

    def peers(self):
        libc = self.allocator("malloc", "bench/traces/libc.c")
        empty = self.known("empty")
        found = [Column("glibc", libc, {}, empty, False, False)]
        for name in PEERS:
            if library(name):
                found.append(Column(name, libc, {"LD_PRELOAD": library(name)}, empty, False, False))
            else:
                say("no " + name)
        return found

    def faces(self):
        """libtarn-malloc.so, preloaded, if the build has one for this processor."""
        libc = self.allocator("malloc", "bench/traces/libc.c")
        return [Column(name, libc, environment, self.known("empty"), False, False)
                for name, environment in faces(self.malloc, self.config, libc)]

    def joined(self, paths):
        return [Column(label(path), os.path.abspath(path), {}, self.known("empty"), True, False) for path in paths]


def width(path):
    """Of an ELF file: 1 for 32 bits, 2 for 64."""
    with open(path, "rb") as file:
        return file.read(5)[4]


def faces(malloc, config, program):
    """[(name, environment)] of the malloc face for a program; none if the library is not there, or not for its width."""
    fits = os.path.exists(malloc) and width(malloc) == width(program)
    return [(name, dict(settings, LD_PRELOAD=malloc)) for name, settings in FACES
            if fits and "define TARN_WITH_%s 1" % settings["TARN_ENGINE"].upper() in config]


def library(name):
    """The path of a peer's shared object, or None."""
    listed = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False).stdout
    paths = [line.split("=> ")[1] for line in listed.splitlines() if line.strip().startswith(PEERS[name])]
    return paths[0] if paths else None
