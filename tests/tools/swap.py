# SPDX-License-Identifier: MIT
"""Stores the pools that `pools image` wrote in the other byte order, as a program of that order would have.

    swap.py FILE OUTPUT

Every word changes its order; the engine's 16-bit heads and the 64-bit head of a block pool keep their places.
"""

import struct
import sys

PARK_BYTES = 4 * (6 + 63)  # the words and the heads of the lists of parked blocks


def swap_words(data, start, end):
    words = struct.unpack("<%dI" % ((end - start) // 4), data[start:end])
    data[start:end] = struct.pack(">%dI" % len(words), *words)


def swap_variable(data, at):
    """Halves that share a word have changed places with it: back, where the heads are narrow."""
    layout, _, first = struct.unpack_from("<3I", data, at + 4)
    shift = (layout & 3) + 2
    index = at + 48
    if layout >> 31 & 1:
        index += PARK_BYTES
    if layout >> 12 & 1:
        index += 4 + 4 * struct.unpack_from("<I", data, index)[0]
    size_bits = 29 - (layout >> 7 & 31)
    end = struct.unpack_from("<I", data, at + 16)[0]
    control = at + (first << shift) - 4 - 4 * (layout >> 4 & 7)
    engine = layout >> 2 & 3
    swap_words(data, at, at + (end << shift))
    if engine == 2 or size_bits > 16:
        return
    bitmap = 8 if engine == 1 else 4 * bitmap_words(control - index)
    for place in range(index + bitmap, control - 3, 4):
        data[place : place + 4] = data[place + 2 : place + 4] + data[place : place + 2]


def bitmap_words(bytes_of_index):
    """A bit and a half-word per list: as many words as the lists that fit behind them need."""
    words = 1
    while words * 32 < (bytes_of_index - 4 * words) // 2:
        words += 1
    return words


def swap_blocks(data, at):
    layout = struct.unpack_from("<I", data, at + 4)[0]
    first = struct.unpack_from("<I", data, at + 24)[0]
    stride, count = struct.unpack_from("<2I", data, at + 36)
    swap_words(data, at, at + first + (count * stride & ~3))
    if layout & 15 == 1:
        data[at + 8 : at + 16] = data[at + 12 : at + 16] + data[at + 8 : at + 12]


def main():
    with open(sys.argv[1], "rb") as file:
        data = bytearray(file.read())
    for at in range(0, len(data), 16384):
        letters = bytes(data[at : at + 4])
        if letters == b"\x01trn":
            swap_variable(data, at)
        elif letters[1:] == b"trb":
            swap_blocks(data, at)
    with open(sys.argv[2], "wb") as file:
        file.write(data)


main()
