# SPDX-License-Identifier: MIT
"""States that are built on purpose: where the search begins, and what it could not come to by chance."""


def neighbours(size):
    """A block whose free neighbours are each the only one of their list; and each the first of a list that goes on, where
    what they become joins a list that has a block."""
    found = []
    for left in (36, 196, 516, 1500):
        for right in (52, 260, 700, 2036):
            for own in (20, 100, 1004):
                lines = ["alloc 0 %d" % left, "alloc 1 %d" % own, "alloc 2 %d" % right, "alloc 3 12"]
                others = ["alloc 4 %d" % left, "alloc 5 12", "alloc 6 %d" % right, "alloc 7 12",
                          "alloc 8 %d" % (left + own + right + 8), "alloc 9 12"]
                if 3 * (left + right + own) + 300 < size:
                    found.append(lines + ["free 0", "free 2", "free 1"])
                    found.append(others + lines + ["free 8", "free 4", "free 6", "free 0", "free 2", "free 1"])
    return found


def own_bin(size):
    """The head of the request's own list is too small, the next block that serves is in the last word of the bitmap, and
    what it leaves joins a list that has a block."""
    found = []
    for small, request in ((33 * 8 - 4, 35 * 8 - 4), (65 * 8 - 4, 71 * 8 - 4), (129 * 8 - 4, 140 * 8 - 4)):
        large = size // 2
        if small + request < size // 4:
            one = ["alloc 0 %d" % small, "alloc 1 12", "alloc 2 %d" % large, "alloc 3 12", "free 0", "free 2"]
            found += [one + ["alloc 4 %d" % request], one + ["aligned 4 %d 9" % request]]
            found.append(["alloc 0 %d" % small, "alloc 1 12", "alloc 2 %d" % (size // 3), "alloc 3 12",
                          "alloc 5 %d" % (size // 3 - request - 4), "alloc 6 12", "free 0", "free 2", "free 5",
                          "alloc 4 %d" % request])
    return found


def full(size):
    """No room: one request takes all, the next is refused."""
    return [["alloc 0 %d" % (size * 15 // 16), "alloc 1..80 16", "free 3..60/2", "alloc 90 100", "aligned 91 100 6",
             "resize 6 200", "realloc 6 200", "wrong 2 8", "free 0", "alloc 92 %d" % size]]


class Layout:
    """Blocks side by side, those that are to be free with a used one of the smallest size behind each."""

    def __init__(self):
        self.lines, self.granules, self.slots = [], 0, 0

    def block(self, granules):
        self.lines.append("alloc %d %d" % (self.slots, granules * 8 - 4))
        self.granules += granules
        self.slots += 1
        return self.slots - 1

    def apart(self, sizes):
        found = []
        for granules in sizes:
            found.append(self.block(granules))
            self.block(2)
        return found

    def freed(self, slots):
        self.lines += ["free %d" % s for s in slots]


def path_to(size, larger=False):
    """Sizes that make a trie of bestfit as deep as it becomes, in the order to free them: each agrees with this size in one
    bit more than the one before. larger: only those that are larger."""
    top = size.bit_length() - 1
    return [size ^ (1 << bit) for bit in reversed(range(top)) if not larger or not size >> bit & 1]


def deep_merge(size):
    """A block between the roots of two deep tries; what they become goes to the end of a third."""
    found = []
    for one in range(5, 13):
        for other in range(5, 13):
            for own in (2, 9, 1 << (max(one, other) - 1), 1 << max(one, other)):
                state = Layout()
                left, right = path_to(1 << one), path_to((1 << other) + 1)
                merged = left[0] + own + right[0]
                a, f, b = (state.block(g) for g in (left[0], own, right[0]))
                state.block(2)
                sides = [a] + state.apart(left[1:]) + [b] + state.apart(right[1:])
                state.freed(sides + state.apart(path_to(merged)) if one != other and merged > 63 else sides)
                if state.granules + 300 < size >> 3:
                    ends = ["free %d" % f, "realloc %d %d" % (f, (own + right[0] // 2) * 8), "resize %d %d" % (f, own * 4)]
                    found += [state.lines + [end] for end in ends]
    return found


def deep_take(size):
    """A request that follows a path to its end, finds nothing that serves on it, then goes down what it passed at its
    root; takes the first of that, whose place is taken by the last; and leaves a rest for the end of a third path."""
    found = []
    for bits in range(6, 15):
        for rest in [1 << b for b in range(5, bits)] + [0, 40]:
            need = (1 << bits) + (1 << (bits - 1)) - 1
            serves = need + 1 + rest
            state = Layout()
            root = (1 << bits) + 1
            below = [need ^ (1 << bit) for bit in reversed(range(bits - 1))]
            of_rest = path_to(rest + 1) if rest >= 32 else []
            state.freed(state.apart([root] + below + [serves] + path_to(serves + 1, True)[1:] + of_rest))
            if state.granules + 300 < size >> 3:
                bytes_of = need * 8 - 4
                ends = ["alloc 300 %d" % bytes_of, "alloc 300 %d" % (bytes_of - 8), "aligned 300 %d 6" % (bytes_of - 300),
                        "aligned 300 %d 10" % (bytes_of - 1100)]
                found += [state.lines + [end] for end in ends]
    return [lines for lines in found if not any(" -" in line for line in lines)]


def parked(size):
    """Lists of parked blocks as full as they become, and no room: each is given back before a request is served. Once
    beside used blocks, once between free neighbours, so that each merges on both sides."""
    budget = (size >> 10) >> 3
    found = []
    for around in ((), (520,)):
        lines, freed, apart, slot = [], [], [], 0
        for granules in range(2, 65):
            count = budget // granules
            if count == 0:
                continue
            sizes = around + (granules * 8 - 4,) + around + (12,)
            last = slot + len(sizes) * count - 1
            lines.append("alloc %d..%d %s" % (slot, last, ",".join(map(str, sizes))))
            freed.append("free %d..%d/%d" % (slot + len(around), last, len(sizes)))
            apart += ["free %d..%d/%d" % (slot + i, last, len(sizes)) for i in (0, 2)] if around else []
            slot = last + 1
        # What is left is used up, the largest first.
        fill = ["alloc %d %d" % (slot + i, size >> i) for i in range(1, 12)] + ["alloc %d..%d 600" % (slot + 20, slot + 40)]
        state = lines + fill + apart + freed
        # The largest that only the last list's blocks serve; and alignments that nothing has, so that each block is asked.
        widest = max(g for g in range(2, 65) if budget >= g) * 8 + (1064 if around else 0) - 4
        ends = ["alloc 16000 %d" % b for b in (size // 2, widest, widest - 8, widest - 16, 1040)]
        ends += ["aligned 16000 %d %d" % (b, log2) for b in (12, 500, widest, size // 4) for log2 in (6, 12, 14, 16)]
        ends += ["%s %d %d" % (o, len(sizes) - 1, b) for o in ("resize", "realloc") for b in (8000, widest)]
        found += [state + [last] for last in ends]
    return found


def visits(size):
    """As many blocks as the pool holds, every second one free: what linear visits."""
    count = size // 16 - 8
    lines = ["alloc 0..%d 4" % count, "free 0..%d/2" % (count - 2)]
    middle = count // 2 | 1
    ends = ["alloc 8000 100", "alloc 8000 3", "aligned 8000 40 6", "alloc 8000 %d" % size]
    ends += ["realloc %d 200" % middle, "resize %d 200" % middle, "free %d" % middle]
    most = "alloc 0..%d 4" % (2 * count)
    return [lines + [end] for end in ends] + [[most, "free 1..%d/2" % (2 * count - 1), "alloc 9000 4"],
                                              [most, "alloc 9000 4", "aligned 9001 4 5"]]


def one_size():
    """Blocks of one size: the first round, the list, empty, full."""
    return [["alloc 0..3", "free 0..3", "alloc 0..3", "wrong 2 4", "free 1"],
            ["alloc 0..45", "free 0..39", "alloc 0..45", "free 3", "alloc 4"],
            ["alloc 0", "free 0", "alloc 1", "alloc 2", "free 2", "free 1"]]


def seeds(setting):
    """Sequences, each a list of operations."""
    words = setting.pool.split()
    if words[0] in ("blocks", "mynewt"):
        return one_size()
    found = full(setting.size)
    if " linear" in setting.pool:
        found += visits(setting.size)
    found += neighbours(setting.size) + own_bin(setting.size)
    if " bestfit" in setting.pool:
        found += deep_merge(setting.size) + deep_take(setting.size)
    if " park " in setting.pool:
        found += parked(setting.size)
    return [s for s in found if s is not None]
