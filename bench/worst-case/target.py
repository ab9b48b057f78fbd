# SPDX-License-Identifier: MIT
"""The measuring program on the cores of tests/target/cores.sh, and on this processor (`host`), run by QEMU with the plugin.

Counts are exact. The code for Cortex-M0 runs on the board of a Cortex-M3, which executes all of it and has the memory
that pools of 1 MiB need.
"""
import errno
import fcntl
import glob
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, ROOT + "/bench/lib")
from machine import has_plugins  # noqa: E402

CORES = ["cortex-m0", "cortex-m4", "cortex-m33", "rv32"]
BOARDS = {"cortex-m0": "cortex-m3"}
DISCIPLINES = ["ATOMIC", "PORT", "MASK", "NONE"]  # of block pools; the first that a core has serves all other figures
FACES = ["faces/" + name for name in ("liteos", "phytium", "mynewt")]
INCLUDES = ["include", "src", "ports/bare", "bench/worst-case"] + [face + "/include" for face in FACES]
FLAGS = ["-O2", "-std=gnu11", "-DNDEBUG", "-ffunction-sections", "-fdata-sections"]
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
OWN = ["main", "faces", "marks", "board"]
SYMBOLS = ("call_begin call_end board_masked board_unmasks tarn_park_settle_for tarn_park_settle "
           "mark_served mark_moved mark_refused mark_skipped mark_finished").split()

# Of one call: instructions, but for those that copy and those that fill; the longest stretch under the lock; served, moved,
# refused or skipped; whether parked blocks were given back for it.
Call = namedtuple("Call", "count copying filling locked outcome settled")
APART = {"memcpy": "copies", "memmove": "copies", "memset": "fills"}
Row = namedtuple("Row", "cc link run tools package")


class Missing(Exception):
    """What a core needs is not here."""


def needs_plugins(qemu, *rest):
    if not has_plugins(qemu, *rest):
        raise Missing("plugins in " + qemu)


def row_of(core):
    """A row of the table of cores."""
    names = ["cc", "link", "run", "tools", "package"]
    script = '. tests/target/cores.sh; core_use "$1" || exit; core_missing >&2; printf "%s\\n" '
    script += " ".join('"$core_%s"' % name for name in names)
    done = subprocess.run(["sh", "-c", script, "sh", core], cwd=ROOT, capture_output=True, text=True, check=True)
    if done.stderr:
        raise Missing(done.stderr.strip())
    row = Row(*[shlex.split(re.sub(r"\s+", " ", line)) for line in done.stdout.splitlines()])
    needs_plugins(row.run[0], "-M", "none", "-display", "none")
    return row


def host_row():
    qemu = "qemu-" + os.uname().machine
    if shutil.which(qemu) is None:
        raise Missing(qemu)
    needs_plugins(qemu, "/bin/true")
    return Row(["cc"], ["-no-pie", "-Wl,--gc-sections"], [qemu], [""], ["gcc", "libc6"])


def merged(core):
    if core == "host":
        return host_row()
    row = row_of(core)
    board = row_of(BOARDS.get(core, core))
    return row._replace(link=board.link + ["-Wl,--gc-sections"], run=board.run)


def has_atomics(core):
    return core != "cortex-m0"


def first_discipline(core):
    return "ATOMIC" if has_atomics(core) else "PORT"


def write_if_new(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if not os.path.exists(path) or open(path, encoding="utf-8").read() != text:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def write_config(folder, discipline):
    """The configuration that comes with the sources, with one discipline of block pools."""
    with open(ROOT + "/configs/config.h.example", encoding="utf-8") as file:
        text = file.read()
    for name in DISCIPLINES:
        line = "#define TARN_BLOCKS_SYNC_%s 1" % name if name == discipline else ""
        text = re.sub(r"^.*\bTARN_BLOCKS_SYNC_%s 1.*$" % name, line, text, flags=re.M)
    write_if_new(folder + "/tarn/config.h", text)


def sources():
    found = []
    for folder in ["src", "ports/bare"] + FACES:
        found += sorted(glob.glob("%s/%s/*.c" % (ROOT, folder)))
    return found + ["%s/bench/worst-case/%s.c" % (ROOT, name) for name in OWN]


class Program:
    """The measuring program of a core and discipline, in a folder; what is newer than its sources is not compiled again."""

    def __init__(self, work, core, discipline=None):
        self.core, self.row = core, merged(core)
        self.discipline = discipline or first_discipline(core)
        self.folder = "%s/%s-%s" % (work, core, self.discipline.lower())
        self.shared = "%s/%s-%s" % (work, core, first_discipline(core).lower())
        write_config(self.folder + "/include", self.discipline)
        self.elf = self.folder + "/program"
        with open(work + "/lock", "w", encoding="ascii") as lock:  # one at a time compiles into a work folder
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.build()
        self.symbols = self.find_symbols()

    def build(self):
        newest = max(os.path.getmtime(p) for p in glob.glob(ROOT + "/*/**/*.h", recursive=True) + [
            self.folder + "/include/tarn/config.h", ROOT + "/tests/target/cores.sh", __file__])
        wanted = [(s, "%s/%s.o" % (self.folder_of(s), os.path.relpath(s, ROOT).replace("/", "_"))) for s in sources()]
        stale = [(s, o) for s, o in wanted
                 if not os.path.exists(o) or os.path.getmtime(o) < max(newest, os.path.getmtime(s))]
        if not stale and os.path.exists(self.elf):
            return
        with ThreadPoolExecutor(os.cpu_count()) as workers:
            list(workers.map(lambda both: self.compile(*both), stale))
        self.call(self.row.cc + FLAGS + self.row.link + [o for _, o in wanted] + ["-o", self.elf])

    def folder_of(self, source):
        """Only block pools differ with the discipline: all else is that of the core's first."""
        return self.folder if "blocks" in os.path.basename(source) else self.shared

    def compile(self, source, target):
        extra = ["-fcallgraph-info=su"] if self.core != "host" else []
        includes = ["-I%s/%s" % (ROOT, i) for i in INCLUDES] + ["-I%s/include" % self.folder]
        self.call(self.row.cc + FLAGS + WARNINGS + extra + includes + ["-c", source, "-o", target])

    @staticmethod
    def call(command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit("worst-case: %s\n%s" % (" ".join(command[-3:]), done.stderr))

    def find_symbols(self):
        """What the plugin is told: marks, and where what copies lies."""
        nm = [self.row.tools[0] + "nm", "-S", self.elf]
        listed = subprocess.run(nm, capture_output=True, text=True, check=True).stdout
        odd = 1 if self.core.startswith("cortex") else 0
        found = []
        for words in (line.split() for line in listed.splitlines()):
            if words[-1] in SYMBOLS:
                found.append("%s=0x%x" % (words[-1], int(words[0], 16) & ~odd))
            elif words[-1] in APART and len(words) == 4:
                first = int(words[0], 16) & ~odd
                found.append("%s=0x%x-0x%x" % (APART[words[-1]], first, first + int(words[1], 16)))
        return found


def build_plugin(work):
    target = work + "/plugin.so"
    source = ROOT + "/bench/worst-case/plugin.c"
    if not os.path.exists(target) or os.path.getmtime(target) < os.path.getmtime(source):
        os.makedirs(work, exist_ok=True)
        Program.call(["cc", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", source, "-o", target])
    return target


class Machine:
    """A running program: sequences go in, calls come out."""

    def __init__(self, work, program):
        self.folder = "%s/run-%d-%d" % (program.folder, os.getpid(), id(self))
        os.makedirs(self.folder)
        for name in ("operations", "out"):
            os.mkfifo("%s/%s" % (self.folder, name))
        plugin = ",".join([build_plugin(work), "out=out"] + program.symbols)
        command = program.row.run[:1] + ["-plugin", plugin] + program.row.run[1:] + [program.elf]
        self.process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        text=True)
        self.out = open(os.open(self.folder + "/out", os.O_RDONLY | os.O_NONBLOCK), encoding="ascii")
        self.operations = open(self.writing_end(), "w", encoding="ascii")
        for pipe in (self.out, self.operations):
            os.set_blocking(pipe.fileno(), True)

    def writing_end(self):
        """Of the operations, which the program opens when the plugin has opened the other pipe. To wait for it in open()
        would be to wait for ever where QEMU has ended, one without plugins for example."""
        while True:
            try:
                return os.open(self.folder + "/operations", os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
            if self.process.poll() is not None:
                shutil.rmtree(self.folder)
                sys.exit("worst-case: QEMU ended, with status %d" % self.process.returncode)
            time.sleep(0.01)

    def send(self, text):
        self.operations.write(text + "end\n")

    def receive(self):
        """The calls of the next sequence that was sent."""
        calls = []
        for line in self.out:
            if line == "end\n":
                return calls
            words = line.split()
            calls.append(Call(*[int(w) for w in words[:4]], words[4], len(words) == 6))
        sys.exit("worst-case: the program ended: " + self.process.stdout.read())

    def counts(self, text):
        self.send(text)
        self.operations.flush()
        return self.receive()

    def close(self):
        self.operations.close()
        self.process.communicate()
        self.out.close()
        shutil.rmtree(self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
