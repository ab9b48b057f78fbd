# SPDX-License-Identifier: MIT
"""Sequences of operations: their text, what each call of one is an instance of, and how long calls took.

A sequence is a line that says what pool, and operations (main.c). Kinds of calls are told apart by what they come to: the
figures of a table are the most of each kind.
"""
import glob
import os
import re
from collections import namedtuple

FOLDER = os.path.dirname(os.path.abspath(__file__)) + "/records"

# What is measured: the line that begins its sequences, and the name of its records. Its size is the pool's, in bytes.
Setting = namedtuple("Setting", "name pool size")
# The most of a kind: instructions, which call of which record, whether that is the last.
Most = namedtuple("Most", "count record call is_last")

KINDS = {  # in the order of the tables
    "alloc": "alloc",
    "alloc-settling": "alloc that gives parked blocks back",
    "alloc-refused": "alloc, refused",
    "aligned": "alloc_aligned",
    "aligned-settling": "alloc_aligned that gives parked blocks back",
    "aligned-refused": "alloc_aligned, refused",
    "free": "free",
    "free-refused": "free of an address inside a block, refused",
    "resize-shrink": "resize, smaller",
    "resize-grow": "resize, larger",
    "resize-settling": "resize that gives parked blocks back",
    "resize-refused": "resize, refused",
    "realloc-shrink": "realloc, smaller",
    "realloc-grow": "realloc, larger, where it stands",
    "realloc-moved": "realloc to another place, bytes copied apart",
    "realloc-settling": "realloc that gives parked blocks back",
    "realloc-refused": "realloc, refused",
    "get": "get",
    "get-first": "get of a block never handed out before",
    "get-refused": "get, refused",
    "put": "put",
    "put-refused": "put of an address inside a block, refused",
}
SIZES = [4 << 10, 64 << 10, 1 << 20]
LINEAR_SIZES = [4 << 10, 16 << 10]  # to fill a larger pool takes too long: what it costs grows with its blocks
PARKS_FROM = 16 << 10  # TARN_PARK_DEFAULT parks nothing in a smaller pool


def size_text(size):
    return "%d MiB" % (size >> 20) if size >= 1 << 20 else "%d KiB" % (size >> 10)


def settings():
    """Everything that has figures."""
    found = []
    for engine in ("tlsf", "bestfit", "linear"):
        for park in ("", " park 1"):
            for size in LINEAR_SIZES if engine == "linear" else SIZES:
                if park == "" or size >= PARKS_FROM:
                    name = "%s%s-%dk" % (engine, "-parked" if park else "", size >> 10)
                    found.append(Setting(name, "pool engine %s bytes %d%s" % (engine, size, park), size))
    for engine in ("bestfit", "linear"):
        size = 64 << 10 if engine == "bestfit" else 4 << 10
        found.append(Setting("liteos-%s-%dk" % (engine, size >> 10), "liteos engine %s bytes %d" % (engine, size), size))
    for face in ("fmemp", "tlsf"):
        name = "fmemp" if face == "fmemp" else "tlsf.h"
        found.append(Setting("%s-64k" % name, "%s bytes %d" % (face, 64 << 10), 64 << 10))
    found.append(Setting("blocks", "blocks bytes 32 count 40", 0))
    found.append(Setting("mynewt", "mynewt bytes 32 count 40", 0))
    return found


def is_of_one_size(setting):
    return setting.pool.split()[0] in ("blocks", "mynewt")


def slots_of(text):
    """The slots that FIRST[..LAST[/STEP]] names."""
    first, last, step = re.fullmatch(r"(\d+)(?:\.\.(\d+))?(?:/(\d+))?", text).groups()
    return range(int(first), int(last or first) + 1, int(step or 1))


def expand(lines):
    """(operation, slot, size) of each call."""
    for line in lines:
        words = line.split()
        turns, more = ((words[2] if len(words) > 2 else "0") + "+0").split("+")[:2]
        sizes = [int(w) for w in turns.split(",")]
        for made, slot in enumerate(slots_of(words[1])):
            yield words[0], slot, sizes[made % len(sizes)] + made * int(more)


def kinds_of(setting, lines, calls):
    """The kind of each call, None where none was made or it is of no interest."""
    sizes, found = {}, []
    listed = 0 if setting.name == "blocks" else 1 << 30  # blocks that were handed out and given back
    names = {"alloc": "get", "free": "put", "wrong": "put"} if is_of_one_size(setting) else {"wrong": "free"}
    for (operation, slot, size), call in zip(expand(lines), calls):
        kind = names.get(operation, operation)
        if call.outcome == "skipped" or (operation == "wrong" and call.outcome != "refused"):
            found.append(None)
            continue
        if call.outcome == "refused":
            kind += "-refused"
        elif kind == "get" and listed == 0:
            kind += "-first"
        elif call.settled:
            kind += "-settling"
        elif call.outcome == "moved":
            kind += "-moved"
        elif operation in ("resize", "realloc"):
            kind += "-grow" if size > sizes.get(slot, 0) else "-shrink"
        listed += (kind == "put") - (kind == "get")
        if operation in ("alloc", "aligned", "resize", "realloc") and call.outcome != "refused":
            sizes[slot] = size
        found.append(kind if kind in KINDS else None)
    return found


def instructions(setting, kind, call):
    """What counts of a call: not what copies a block that has moved, and fills one that its interface wants filled."""
    fills = setting.name.startswith("fmemp") and kind == "aligned"
    return call.count + (0 if call.outcome == "moved" else call.copying) + (0 if fills else call.filling)


def text_of(pool, lines):
    return "\n".join([pool] + list(lines)) + "\n"


def read_record(path):
    """(pool, operations)"""
    with open(path, encoding="utf-8") as file:
        lines = [line.strip() for line in file if not line.startswith("#") and line.strip()]
    return lines[0], lines[1:]


def write_record(path, title, pool, lines):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write("# SPDX-License-Identifier: MIT\n# %s\n" % title + text_of(pool, lines))


def records(setting, folder=FOLDER):
    """Paths of the records of a setting."""
    return sorted(glob.glob("%s/%s.*.txt" % (folder, setting.name)))


def most_of(setting, measured):
    """{kind: Most} of [(record, operations, calls)]"""
    found = {}
    for record, lines, calls in measured:
        for number, (kind, call) in enumerate(zip(kinds_of(setting, lines, calls), calls)):
            count = instructions(setting, kind, call)
            if kind is not None and (kind not in found or count > found[kind].count):
                found[kind] = Most(count, record, number, number + 1 == len(calls))
    return found
