# SPDX-License-Identifier: MIT
"""Stack of every public function: the deepest chain of calls, from what GCC writes with -fcallgraph-info=su.

An engine's operations are called by pointers, through its table, and followed for each engine. Other calls by pointers lead
out of tarn (hooks, sinks, callbacks of the program) and are named, not followed; so are functions of the C library and of
the compiler's. A function that can come to call itself is an error.
"""
import glob
import os
import re
import sys
from collections import namedtuple

from target import ROOT

ENGINES = ["tlsf", "bestfit", "linear"]
# Members of an engine's table whose functions have other names.
RENAMED = {"largest": "largest_request", "widest": "widest_block"}
# A call in what GCC writes: who, whom, and where.
EDGE = re.compile(r'^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"(?: label: "([^"]+)")?', re.M)
NO_FUNCTIONS = ("engine_of", "sizeof", "if", "while", "return")
# Parameters that are functions, and what they are.
GIVEN = {"release": ["release_counted"]}

Function = namedtuple("Function", "name bytes calls")  # calls: names, and (text, place) of those by pointers


def engine_members():
    with open(ROOT + "/src/engine.h", encoding="utf-8") as file:
        return set(re.findall(r"\(\*(\w+)\)\(", file.read()))


def public_names():
    """Functions that a public header declares."""
    found = set()
    for path in glob.glob(ROOT + "/include/tarn/*.h") + glob.glob(ROOT + "/faces/*/include/**/*.h", recursive=True):
        with open(path, encoding="utf-8") as file:
            found |= set(re.findall(r"^\w[\w \t*]*?[ *](\w+)\(", file.read(), re.M))
    return found


class Graph:
    """The calls of a program that was compiled into a folder."""

    def __init__(self, folder):
        self.functions, self.lines, self.circles = {}, {}, set()
        self.members = engine_members()
        for path in glob.glob(folder + "/*.ci"):
            self.read(path)

    def read(self, path):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for title, label in re.findall(r'^node: \{ title: "([^"]+)" label: "([^"]+)"', text, re.M):
            size = re.search(r"(\d+) bytes \((\w[\w,]*)\)", label)
            if size is not None:
                if size.group(2) == "dynamic":
                    sys.exit("worst-case: the stack of %s has no bound" % title)
                self.functions.setdefault(title, Function(title.split(":")[-1], int(size.group(1)), []))
        for source, target, place in EDGE.findall(text):
            if source in self.functions:
                self.functions[source].calls.append((target, place))

    def line_at(self, place):
        path, line, column = place.rsplit(":", 2)
        if path not in self.lines:
            with open(os.path.join(ROOT, path), encoding="utf-8") as file:
                self.lines[path] = file.read().splitlines()
        return self.lines[path][int(line) - 1], int(column) - 1

    def pointed_at(self, place, engine):
        """What a call by a pointer leads to: names, and what is said of it if it leads out of tarn."""
        line, column = self.line_at(place)
        names = [n for n in re.finditer(r"(?:->|\.)?\b(\w+)\)?\(", line) if n.group(1) not in NO_FUNCTIONS]
        behind = [n for n in names if n.group(0).startswith("->") and n.end() > column]
        members = [n.group(1) for n in behind if n.group(1) in self.members]
        if members:
            return ["%s_%s" % (engine, RENAMED.get(members[0], members[0]))], None
        for n in names:
            if n.group(1) in GIVEN and not n.group(0).startswith(("->", ".")):
                return GIVEN[n.group(1)], None
        at = [n.group(1) for n in names if n.start() <= column <= n.end()] or [n.group(1) for n in names] or ["?"]
        return [], "%s (%s)" % (at[0], os.path.relpath(place.rsplit(":", 2)[0], ROOT))

    def named(self, name, place_of):
        """The function of that name, in the same file first."""
        if name in self.functions:
            return name
        same = place_of.rsplit(":", 1)[0] + ":" + name
        found = [t for t, f in self.functions.items() if f.name == name]
        return same if same in self.functions else found[0] if len(found) == 1 else None

    def deepest(self, engine):
        """{title: (bytes, names of what is not included)} of all functions, for pools of one engine."""
        done, under_way = {}, []

        def depth(title):
            if title in done:
                return done[title]
            if title in under_way:
                circle = under_way[under_way.index(title):] + [title]
                self.circles.add(" -> ".join(t.split(":")[-1] for t in circle))
                return 0, frozenset()
            if title not in self.functions:
                return 0, frozenset([title])
            under_way.append(title)
            most, left_out = 0, frozenset()
            for target, place in self.functions[title].calls:
                targets, why = [target], None
                if target == "__indirect_call":
                    names, why = self.pointed_at(place, engine)
                    targets = [t for t in (self.named(n, title) for n in names) if t is not None]
                    left_out |= frozenset([why] if why else [])
                for to in targets:
                    below, more = depth(to)
                    most = max(most, below)
                    left_out |= more
            under_way.pop()
            done[title] = (self.functions[title].bytes + most, left_out)
            return done[title]

        sys.setrecursionlimit(10000)
        for title in self.functions:
            depth(title)
        return done


def stacks(folder):
    """{public function: {engine: (bytes, what is not included)}}"""
    graph = Graph(folder)
    public = public_names()
    found = {}
    for engine in ENGINES:
        for title, value in graph.deepest(engine).items():
            if ":" not in title and title in public:
                found.setdefault(title, {})[engine] = value
    if graph.circles:
        sys.exit("worst-case: calls itself: " + "; ".join(sorted(graph.circles)))
    return found
