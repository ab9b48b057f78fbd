# SPDX-License-Identifier: MIT
"""Exact instructions of each call: programs with marks around the calls, run by QEMU with a plugin that counts.

Not cycles: QEMU has no pipeline and no cache. x86's repeated string instructions count once for each repetition.
"""
import os
import re
import subprocess
import tempfile
from collections import namedtuple
from shutil import which

from columns import Compiler, native, thumb
from machine import has_plugins, run, say

# Of one kind of operation: how many, mean, median, 99.9 %, the most and the number of the operation that took it.
Count = namedtuple("Count", "count mean p50 p999 most where")


class Counter:
    """The counting program of one target, and the plugin."""

    def __init__(self, compiler, plugin):
        self.compiler, self.plugin = compiler, plugin
        self.program = compiler.program("count", "-no-pie", "bench/instructions/main.c", "bench/instructions/marks.c")
        nm = subprocess.run([compiler.target.cc, "-print-prog-name=nm"], capture_output=True, text=True, check=True)
        symbols = subprocess.run([nm.stdout.strip(), self.program], capture_output=True, text=True, check=True).stdout
        self.marks = re.findall(r"^([0-9a-f]+) . (mark_\w+)$", symbols, re.M)

    def counts(self, column, ops, pool):
        """{kind: Count}; refused requests are kinds of their own, `refused-malloc` and so on. None if it cannot run."""
        with tempfile.NamedTemporaryFile(mode="r", encoding="utf-8") as out:
            plugin = ",".join([self.plugin, "out=" + out.name] + ["%s=0x%s" % (name, at) for at, name in self.marks])
            command = list(self.compiler.target.qemu) + ["-plugin", plugin]
            command += [word for name, value in column.environment.items() for word in ("-E", name + "=" + value)]
            if run(command + [self.program, column.base, column.so, ops.path, pool]) is None:
                return None
            lines = [line.split() for line in out.read().splitlines()]
        return {w[0]: Count(int(w[1]), float(w[2]), int(w[3]), int(w[4]), int(w[5]), int(w[6])) for w in lines}


def counters(work, build):
    """A Counter for each target whose compiler and QEMU are here."""
    found = []
    for target in (native(), thumb()):
        missing = [word for word in (target.cc, target.qemu[0]) if which(word) is None]
        missing += [] if os.path.exists(target.needs) else [target.needs]
        missing += [] if missing or has_plugins(*target.qemu, "/bin/true") else ["plugins in " + target.qemu[0]]
        if missing:
            say("no instructions of %s: no %s" % (target.name, " and no ".join(missing)))
            continue
        compiler = Compiler(work, build, target)
        if not found:
            plugin = compiler.build("plugin.so", "-fPIC", "-shared", "-fvisibility=hidden", "bench/instructions/plugin.c")
        found.append(Counter(compiler, plugin))
    return found
