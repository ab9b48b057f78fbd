# SPDX-License-Identifier: MIT
"""The figures: what is measured on a core, and the text file that keeps them, baseline.txt.

A line of it names a core and its compiler, or is CORE | SETTING | KIND | numbers. Replaying records takes each call of each
record; the most of a kind is its figure.
"""
import os
import shutil
import subprocess

import sequences
from stack import ENGINES, stacks
from target import DISCIPLINES, ROOT, Machine, Program, first_discipline, has_atomics, merged

FILE = ROOT + "/bench/worst-case/baseline.txt"
HEAD = """# The worst cases that are known, as `bench/worst-case/run BUILD` compares them; `bench/worst-case/run --write BUILD`
# writes this file. CORE | packages. CORE | SETTING | KIND | instructions of a pool without lock | with the lock | the longest
# stretch under it | record, and the number of the call where it is not the last.
# CORE | stack | FUNCTION | bytes with tlsf | bestfit | linear | called by pointers and not included.
# CORE | visit | WHAT | instructions for each block of a linear pool; CORE | copy | realloc | for each byte, in thousandths.
"""

def packages(core):
    """What a core's figures depend on beside the sources: the compiler's package and the C library's."""
    names = [name for name in merged(core).package if not name.startswith("qemu")]
    if shutil.which("dpkg-query") is None:
        return "unknown packages"
    query = ["dpkg-query", "-W", "-f=${Package} ${Version}, "] + names
    done = subprocess.run(query, capture_output=True, text=True, check=False)
    return done.stdout.strip(", ") if done.returncode == 0 else "unknown packages"


def replayed(machine, setting, addition):
    """[(record, operations, calls)], short records first: of two that take as many instructions the first is named."""
    done = []
    for path in sequences.records(setting):
        pool, lines = sequences.read_record(path)
        done.append((os.path.basename(path), lines, machine.counts(sequences.text_of(pool + addition, lines))))
    return sorted(done, key=lambda record: (len(record[1]), record[0]))


def of_setting(machine, setting, name, used):
    """{(setting, kind): cells}; used: records that a figure rests on are added."""
    can_unlock = setting.pool.startswith("pool")
    locked = replayed(machine, setting, " locked" if can_unlock else "")
    unlocked = replayed(machine, setting, "") if can_unlock else locked
    with_lock = sequences.most_of(setting, locked)
    stretches = {}
    for record, lines, calls in locked:
        for kind, call in zip(sequences.kinds_of(setting, lines, calls), calls):
            if kind is not None and call.locked > stretches.get(kind, (-1, ""))[0]:
                stretches[kind] = (call.locked, record)
    found = {}
    for kind, most in sequences.most_of(setting, unlocked).items():
        alone = str(most.count) if can_unlock else "-"
        both = with_lock.get(kind)
        place = most.record if most.is_last else "%s:%d" % (most.record, most.call + 1)
        found[(name, kind)] = (alone, str(both.count) if both else "-", str(stretches.get(kind, (0,))[0]), place)
        used.add(most.record)
    used.update(most.record for most in with_lock.values())
    used.update(record for _, record in stretches.values())
    return found


def visits(machine):
    """What linear spends on each block, by what it is: the difference between twice as many and half of it, divided."""
    pool = "pool engine linear bytes 65536"
    ways = {
        "used": lambda n: ["alloc 0..%d 12" % (n - 1), "alloc 9000 12"],
        "free, too small": lambda n: ["alloc 0..%d 12" % (2 * n - 1), "free 0..%d/2" % (2 * n - 2), "alloc 9000 200"],
        "free, better": lambda n: ["alloc %d %d" % (i, 12 if i % 2 else 8 * (n - i // 2) + 12) for i in range(2 * n)] +
                        ["free 0..%d/2" % (2 * n - 2), "alloc 9000 12"],
    }
    found, used = {}, 0.0
    for name, lines in ways.items():
        few, many = (machine.counts(sequences.text_of(pool, lines(n)))[-1].count for n in (20, 60))
        each = (many - few) / 40 - (used if name != "used" else 0)  # beside each free block lies a used one
        used = each if name == "used" else used
        found[("visit", name)] = ("%.2f" % each,)
    return found


def copying(machine):
    """Instructions for each byte that a realloc moves, in thousandths."""
    counts = []
    for size in (2004, 4004):
        lines = ["alloc 0 %d" % size, "alloc 1 12", "realloc 0 %d" % (size + 2000)]
        call = machine.counts(sequences.text_of("pool engine tlsf bytes 65536", lines))[-1]
        counts.append(call.copying)
    return {("copy", "realloc"): ("%d" % round((counts[1] - counts[0]) / 2),)}


def stack_of(program):
    found = {}
    for function, engines in stacks(program.folder).items():
        left_out = sorted(engines["tlsf"][1])
        found[("stack", function)] = tuple(str(engines[e][0]) for e in ENGINES) + (", ".join(left_out),)
    return found


def other_disciplines(core):
    """Those of block pools that the core's program for everything else has not."""
    return [d for d in DISCIPLINES if d != first_discipline(core) and (d != "ATOMIC" or has_atomics(core))]


def of_core(work, core, used, quick=False):
    """{(setting, kind): cells}, everything that a core has figures of, but for other disciplines if quick; used: as
    of_setting()."""
    found = {}
    program = Program(work, core)
    for setting in sequences.settings():
        with Machine(work, program) as machine:
            name = setting.name
            if name == "blocks":
                name += "-" + program.discipline.lower()
            found.update(of_setting(machine, setting, name, used))
    with Machine(work, program) as machine:
        found.update(visits(machine))
        found.update(copying(machine))
    found.update(stack_of(program))
    for discipline in [] if quick else other_disciplines(core):
        blocks = [s for s in sequences.settings() if s.name == "blocks"][0]
        with Machine(work, Program(work, core, discipline)) as machine:
            found.update(of_setting(machine, blocks, "blocks-" + discipline.lower(), used))
    return found


def read():
    """({core: packages}, {(core, setting, kind): cells})"""
    compilers, found = {}, {}
    with open(FILE, encoding="utf-8") as file:
        for line in file:
            cells = [cell.strip() for cell in line.rstrip("\n").split(" | ")]
            if line.startswith("#"):
                continue
            if len(cells) == 2:
                compilers[cells[0]] = cells[1]
            else:
                found[tuple(cells[:3])] = tuple(cells[3:])
    return compilers, found


def write(compilers, found):
    with open(FILE, "w", encoding="utf-8") as file:
        file.write(HEAD)
        for core, text in compilers.items():
            file.write("%s | %s\n" % (core, text))
        for key, cells in sorted(found.items()):
            file.write(" | ".join(key + cells) + "\n")
