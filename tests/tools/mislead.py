# SPDX-License-Identifier: MIT
"""Gives a command files that are cut, corrupted or made to mislead, and watches how it ends.

    mislead.py COMMAND FOLDER FILE...

Every 64th of each file is where it is cut once. Then files are corrupted at random for a bounded time: bytes flipped
anywhere, words of headers replaced by extremes, pieces copied over others. The command may end with 0, 1, 3 or 125,
within 20 s, and must print valid JSON unless it ends with 125.
"""

import json
import os
import random
import struct
import subprocess
import sys
import time

SEED = int(os.environ.get("TARN_TEST_SEED", "20261120"), 0)
SECONDS = max(2, 20 * int(os.environ.get("TARN_TEST_SCALE", "100")) // 100)
SECTIONS = ["--json", "--all", "--map", "--histogram", "--owners", "--leaks", "--since", "3", "--why", "99:64"]
WORDS = (0, 1, 2, 3, 44, 64, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFC, 0xFFFFFFFF)
LONGS = (0, 1, 0x1000, 1 << 31, 1 << 32, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 4096, (1 << 64) - 1)
ENDINGS = (0, 1, 3, 125)


class Trial:
    def __init__(self, command, folder):
        self.command = command
        self.path = os.path.join(folder, "trial")
        self.endings = dict.fromkeys(ENDINGS, 0)
        self.environment = dict(os.environ, ASAN_OPTIONS="exitcode=99", UBSAN_OPTIONS="exitcode=99", DEBUGINFOD_URLS="")

    def run(self, data, what):
        with open(self.path, "wb") as file:
            file.write(data)
        done = subprocess.run(
            [self.command, "inspect"] + SECTIONS + [self.path],
            capture_output=True,
            timeout=60,
            env=self.environment,
            check=False,
        )
        if done.returncode not in ENDINGS:
            print("%s: ended with %d: %s" % (what, done.returncode, done.stderr.decode(errors="replace")[-3000:]))
            sys.exit(1)
        if done.returncode != 125:
            json.loads(done.stdout)
        elif not done.stderr.startswith(b"tarn: "):
            print("%s: no message" % what)
            sys.exit(1)
        self.endings[done.returncode] += 1


def interesting(data):
    """Places of words that steer: ELF header, program headers and notes, headers of images."""
    places = list(range(16, 64, 2)) if data[:4] == b"\177ELF" else []
    if data[:4] == b"\177ELF":
        start, count = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<H", data, 56)[0]
        places += [start + 56 * i + 8 * k for i in range(count) for k in range(7)]
        notes = data.find(b"CORE\0")
        places += [at for at in range(max(0, notes - 12), notes + 4000, 4)] if notes >= 0 else []
    for letters in (b"\001trn", b"\001trb", b"\201trb"):
        at = data.find(letters)
        while at >= 0:
            places += range(at, at + 200, 4)
            at = data.find(letters, at + 1)
    return [at for at in places if at + 8 <= len(data)]


def corrupt(data, places, chance):
    data = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 40))):
        kind = chance.randrange(4)
        at = chance.choice(places) if places and kind else chance.randrange(len(data) - 8)
        if kind == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            struct.pack_into("<I", data, at, chance.choice(WORDS))
        elif kind == 2:
            struct.pack_into("<Q", data, at, chance.choice(LONGS))
        else:
            source = chance.choice(places)
            data[at : at + 8] = data[source : source + 8]
    return data


def main():
    trial = Trial(sys.argv[1], sys.argv[2])
    files = [open(path, "rb").read() for path in sys.argv[3:]]
    cuts = 0
    for data in files:
        for part in range(1, 64):
            trial.run(data[: len(data) * part // 64], "cut at %d/64" % part)
            cuts += 1
    chance = random.Random(SEED)
    places = [interesting(data) for data in files]
    rounds = 0
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        index = rounds % len(files)
        trial.run(corrupt(files[index], places[index], chance), "seed %d, round %d" % (SEED, rounds))
        rounds += 1
    ends = ", ".join("%d ended with %d" % (count, ending) for ending, count in trial.endings.items())
    print("seed %d: %d cut files, %d corrupted ones; %s" % (SEED, cuts, rounds, ends))


main()
