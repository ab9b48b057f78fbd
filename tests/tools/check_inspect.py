# SPDX-License-Identifier: MIT
"""Checks the output of `tarn inspect --json` against docs/inspect.md, and prints a summary without places.

    check_inspect.py FILE
"""

import json
import re
import sys

INT, TEXT, BOOL, REAL = int, str, bool, float
PLACE = re.compile(r"0x[0-9a-f]+")
STATS = (
    "bytes capacity used free quarantined held_back peak largest_free largest_request blocks free_blocks refusals granule words"
    " overhead check_bits"
).split()
SECTIONS = {"why": dict, "map": dict, "histogram": list, "modules": list, "tasks": list, "leaks": list}
SITE = {"word": PLACE, "function": (TEXT, None), "file": (TEXT, None), "line": (INT, None)}
CULPRIT = {
    "place": PLACE,
    "usable": INT,
    "state": re.compile("used|free|waiting|held back|slab page"),
    "module": (INT, None),
    "task": (INT, None),
    "site": (SITE, None),
    "freed": (SITE, None),
    "sequence": (INT, None),
    "callers": [SITE],
}
FINDING = {
    "rule": re.compile(r"[IB][0-9]+|\?"),
    "number": INT,
    "text": TEXT,
    "place": PLACE,
    "offset": INT,
    "expected": PLACE,
    "found": PLACE,
    "block": (CULPRIT, None),
    "left": (CULPRIT, None),
    "guess": TEXT,
    "amount": INT,
    "first_bad": (PLACE, None),
    "metadata": {"place": PLACE, "words": [PLACE]},
}
WHY = dict.fromkeys("size alignment needed free largest_free largest_request between between_bytes".split(), INT)
WHY["owners"] = [{"module": INT, "task": INT, "blocks": INT}]
WHY["verdict"] = re.compile("fits|never fits|exhausted|fragmented|over quota|damaged")
ROW = dict.fromkeys("from used_blocks used_bytes free_blocks free_bytes".split(), INT)
MODULE = {"module": INT, "blocks": INT, "bytes": INT}
TASK = dict(MODULE, task=INT)
LEAK = dict(TASK, site=(SITE, None), oldest=INT)
SHAPES = {
    "why": WHY,
    "map": {"slice": INT, "cells": re.compile("[=#.qhs+? ]+")},
    "histogram": [ROW],
    "modules": [MODULE],
    "tasks": [TASK],
    "leaks": [LEAK],
}
POOL = dict.fromkeys(STATS, INT)
POOL.update(
    place=PLACE,
    kind=re.compile("variable|blocks"),
    engine=(re.compile("tlsf|bestfit|linear"), None),
    order=re.compile("little|big"),
    depth=INT,
    inside=(PLACE, None),
    fragmentation=REAL,
    exact=BOOL,
    policy=(re.compile("stop|continue|isolate|close|repair"), None),
    closed=BOOL,
    slab=(dict.fromkeys("pages page_bytes objects object_bytes".split(), INT), None),
    sound=BOOL,
    finding=(FINDING, None),
    walk=re.compile("whole|ended|uncertain"),
    walk_end=(PLACE, None),
)
TOP = {
    "format": re.compile("tarn-inspect"),
    "version": INT,
    "source": {"kind": re.compile("raw|elf|process"), "file": (TEXT, None), "process": (INT, None), "missing": INT},
    "pools": list,
    "rejected_places": INT,
    "complete": BOOL,
}


def check(value, shape, where):
    if isinstance(shape, tuple):
        if value is None:
            return
        shape = shape[0]
    if isinstance(shape, dict):
        if not isinstance(value, dict) or set(value) != set(shape):
            sys.exit("%s: %s instead of %s" % (where, sorted(value), sorted(shape)))
        for key in shape:
            check(value[key], shape[key], where + "." + key)
    elif isinstance(shape, list):
        for index, item in enumerate(value):
            check(item, shape[0], "%s[%d]" % (where, index))
    elif isinstance(shape, re.Pattern):
        if not isinstance(value, str) or not shape.fullmatch(value):
            sys.exit("%s: %r" % (where, value))
    elif type(value) is not shape:
        sys.exit("%s: %r" % (where, value))


def check_pool(pool, where):
    sections = {key: pool.pop(key) for key in SECTIONS if key in pool}
    check(pool, POOL, where)
    for key, value in sections.items():
        if value is not None:
            check(value, SHAPES[key], where + "." + key)
    if pool["sound"] and pool["used"] + pool["free"] != pool["capacity"]:
        sys.exit("%s: used and free are not the capacity" % where)
    if pool["sound"] != (pool["finding"] is None):
        sys.exit("%s: sound or not" % where)
    if (pool["walk"] == "ended") != (pool["walk_end"] is not None) or (pool["sound"] and pool["walk"] != "whole"):
        sys.exit("%s: how far the walk goes" % where)
    for block in ((pool["finding"] or {}).get(key) for key in ("block", "left")):
        told = block is not None and (block["module"] is not None) + 2 * (block["sequence"] is not None)
        if told > pool["words"]:
            sys.exit("%s: a block tells words that the pool has not" % where)
    histogram = sections.get("histogram")
    if histogram is not None and pool["sound"]:
        if sum(row["used_blocks"] for row in histogram) != pool["blocks"]:
            sys.exit("%s: the histogram has other blocks than the pool" % where)
    slab = pool["slab"] or {"page_bytes": 0, "object_bytes": 0}
    owned = pool["used"] - pool["held_back"] - slab["page_bytes"] + slab["object_bytes"]
    for key in ("modules", "tasks", "leaks"):
        rows = sections.get(key)
        if rows and pool["sound"] and key != "leaks" and sum(row["bytes"] for row in rows) != owned:
            sys.exit("%s: %s hold other bytes than the pool" % (where, key))
    return sections


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        document = json.load(file)
    rejected = document.pop("rejected", [])
    check(document, TOP, "document")
    check(rejected, [{"place": PLACE, "kind": TEXT, "reason": TEXT}], "rejected")
    for index, pool in enumerate(document["pools"]):
        sections = check_pool(pool, "pools[%d]" % index)
        words = [str(pool[key]) for key in ("kind", "engine", "depth", "sound", "used", "free", "peak", "blocks")]
        leaks = ["%d*%d" % (row["blocks"], row["bytes"]) for row in sections.get("leaks") or []]
        print(" ".join(words + leaks))


main()
