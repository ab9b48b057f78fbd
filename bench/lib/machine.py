# SPDX-License-Identifier: MIT
"""What all benches share: where things are, what machine this is, parts of the page, statistics, plots."""
import argparse
import contextlib
import functools
import json
import math
import os
import platform
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def say(text):
    print("bench: " + text, file=sys.stderr)


def run(command, **options):
    """The standard output of a command, or None after a message."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        why = (done.stderr.strip().splitlines() or ["ended with %d" % done.returncode])[-1]
        say("%s: %s" % (" ".join(os.path.basename(word) for word in command[:4]), why))
        return None
    return done.stdout


@functools.lru_cache(None)
def has_plugins(qemu, *rest):
    """Debian's QEMU has plugins, others may be built without: one that has them says what it cannot load."""
    command = [qemu, "-plugin", "/nonexistent", *rest]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return "ould not load plugin" in done.stdout + done.stderr


def parser(description, allocators=True):
    """What every part takes."""
    arguments = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    if allocators:
        arguments.add_argument("--allocator", action="append", default=[], metavar="FILE.so")
    arguments.add_argument("--out", metavar="FOLDER", help="where parts, plots and data go; BUILD/bench unless given")
    arguments.add_argument("--work", metavar="FOLDER", help="what is compiled stays here, and is not compiled twice")
    arguments.add_argument("build", metavar="BUILD")
    return arguments


def out_folder(given):
    return os.path.abspath(given.out or given.build + "/bench")


def work_folder(given):
    """A context with the folder to compile in."""
    return contextlib.nullcontext(os.path.abspath(given.work)) if given.work else tempfile.TemporaryDirectory()


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    return "%d processors, %s" % (os.cpu_count() or 0, models[0] if models else platform.machine())


def compiler(cc):
    return subprocess.run([cc, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]


def versions(packages):
    """Of those Debian packages that are installed."""
    query = ["dpkg-query", "-W", "-f=${db:Status-Status} ${Package} ${Version}\n"] + packages
    try:
        listed = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    except OSError:
        return "versions unknown"
    return ", ".join(line.split(" ", 1)[1] for line in listed.splitlines() if line.startswith("installed "))


def label(path):
    return os.path.basename(path).split(".")[0]


def geomean(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values and min(values) > 0 else None


def row(cells):
    return "| " + " | ".join(cells) + " |\n"


def table(head, rows):
    """Markdown; the first column is text, the others numbers."""
    return row(head) + "|---|" + "---:|" * (len(head) - 1) + "\n" + "".join(map(row, rows))


def write_part(out, name, text, figures):
    """A part of the page, and the figures that others look up in it."""
    os.makedirs(out, exist_ok=True)
    with open("%s/%s.json" % (out, name), "w", encoding="utf-8") as file:
        json.dump({"text": text, "figures": figures}, file, indent=1)
        file.write("\n")


def read_part(out, name):
    """None if it has not been measured."""
    try:
        with open("%s/%s.json" % (out, name), encoding="utf-8") as file:
            return json.load(file)
    except OSError:
        return None


def write_data(out, name, head, rows):
    """Columns for a plot; None is not there."""
    os.makedirs(out + "/plots", exist_ok=True)
    with open("%s/plots/%s.dat" % (out, name), "w", encoding="utf-8") as file:
        for cells in [head] + rows:
            words = ["?" if c is None else "%.3f" % c if isinstance(c, float) else str(c) for c in cells]
            print(*['"%s"' % w if " " in w or "," in w else w for w in words], file=file)


def colours(names):
    """Pools of tarn in blue, the parked ones deeper, linear in orange; whoever else in greys."""
    tarn = {"tarn tlsf": "#7fb2e5", "tarn tlsf, parked": "#1f4e9c", "tarn bestfit": "#8fd0c0",
            "tarn bestfit, parked": "#1c7c67", "tarn linear": "#e08a2c", "tarn tlsf, slab": "#6b4fb0"}
    greys = ["#d9d9d9", "#bfbfbf", "#9a9a9a", "#707070", "#3c3c3c", "#000000"]
    others = [name for name in names if name not in tarn]
    return " ".join(tarn[n] if n in tarn else greys[others.index(n) % len(greys)] for n in names)


def plot(out, script, name, names, **given):
    """Has gnuplot draw OUT/plots/NAME.svg from NAME.dat with a script of the project, a colour for each column."""
    if shutil.which("gnuplot") is None:
        say("no gnuplot: no plot of " + name)
        return
    given.update(columns=len(names) + 1, colours=colours(names), data="%s/plots/%s.dat" % (out, name), image="%s/plots/%s.svg" % (out, name))
    values = "; ".join("%s=%s" % (k, v if isinstance(v, int) else "'%s'" % v) for k, v in given.items())
    subprocess.run(["gnuplot", "-e", values, "%s/bench/%s" % (ROOT, script)], check=True)
