# SPDX-License-Identifier: MIT
"""Looking at tarn's pools from GDB, on live programs, core files and boards.

    (gdb) source tarn.py
    (gdb) tarn pools            the pools in the program's memory
    (gdb) tarn map [POOL]       draw them
    (gdb) tarn check [POOL]     whether they are sound, and who wrote past his block's end if not
    (gdb) tarn who ADDRESS      which block of which pool that is, and whose
    (gdb) tarn leaks [POOL]     live blocks by owner and call site
    (gdb) tarn waiting [POOL]   blocks given back that wait, the oldest first, and blocks set aside

The image of a pool describes itself, so this needs no debug information of tarn: it searches the memory for the first
word of an image and reads from there. Without a list of mappings (a board behind a remote stub), name the memory once:
`tarn memory START LENGTH ...`.

What is known of an image is in docs/design.md; `tarn inspect` is the fuller tool where there is a file to give it.
"""

import gdb
import re
import struct

IMAGE_VERSION = 1
IMAGE_CLOSED = 0xC6  # in its place, of a pool that damage has closed
PIECE = 1 << 20
SEARCH_MOST = 256 << 20  # bytes searched of one mapping: a pool begins near the start of its memory
ENGINES = ("tlsf", "bestfit", "linear")
POLICIES = ("stop", "continue", "isolate", "close", "repair")
TAIL_STATES = ("used", "waiting", "waiting", "held back")  # a block on its way into quarantine counts as one in it
GUARD = 0xA5
FLAG_MIX = 0xA3C6EF37  # what a block's flags, times this, add to its check (src/block.h)

# Words of the section of parked blocks (src/park.h): what follows from the layout, two that are the links of no block,
# and the head of a list for each size from 2 granules on.
PARK_CHECK, PARK_NONE, PARK_LIMIT, PARK_HEADS, PARK_LISTS, PARK_SMALLEST = 12, 16, 17, 18, 63, 2

# Words of a slab's table, of its rows of classes, and of a page (src/slab.h).
SLAB_TABLE, SLAB_SHAPE, SLAB_LIMIT, SLAB_SUM, SLAB_ROWS = PARK_HEADS + PARK_LISTS, 1, 2, 3, 4
ROW_BYTES, ROW_OBJECTS, ROW_HEAD, ROW_EMPTY, ROW_PAGES, ROW_WORDS = 0, 1, 2, 3, 4, 5
PAGE_SEAL, PAGE_NEXT, PAGE_PREV, PAGE_LIVE_SEAL, PAGE_LIVE = 0, 1, 2, 3, 4
SLAB_CLASS_MASK = 63

# What tarn_rule_text() says, written by `tests/tools/run_gdb_rules.sh --write BUILD`.
RULES = {
    "I1": "pool header",
    "I2": "blocks without gap",
    "I3": "block header",
    "I4": "no two free neighbours",
    "I5": "left neighbour's flag",
    "I6": "free block's size tag",
    "I7": "free block listed",
    "I8": "free block's links",
    "I9": "free list bitmap",
    "I10": "statistics",
    "I11": "map of used blocks",
    "I12": "table of modules",
    "I13": "sequence numbers",
    "I14": "used block's tail",
    "I15": "bytes past the size asked for",
    "I16": "free memory's fill",
    "I17": "copy of a header",
    "I18": "list of waiting blocks",
    "I19": "place of the check in steps",
    "I20": "lists of parked blocks",
    "I21": "pages of the slab",
    "B1": "pool header",
    "B2": "link of a free block",
    "B3": "free block in one list",
    "B4": "counts",
    "B5": "map of used blocks",
    "B6": "guard",
    "B7": "fill",
}


class Refused(Exception):
    """What was found there is no pool."""


# ---- memory ----


class Memory:
    """The inferior's bytes, read a piece at a time and kept for the length of one command."""

    def __init__(self):
        self.inferior = gdb.selected_inferior()
        self.pieces = {}
        self.pages = {}

    def read(self, address, length):
        parts = []
        while length > 0:
            base = address // PIECE * PIECE
            piece = self.piece(base, address)
            skip = address - piece[0]
            part = piece[1][skip : skip + length]
            if not part:
                raise Refused("no memory at %#x" % address)
            parts.append(part)
            address += len(part)
            length -= len(part)
        return b"".join(parts)

    def piece(self, base, wanted):
        """(start, bytes) that hold `wanted`: a whole piece where it can be read, else page by page."""
        if base in self.pieces:
            return self.pieces[base]
        try:
            self.pieces[base] = (base, bytes(self.inferior.read_memory(base, PIECE)))
            return self.pieces[base]
        except gdb.MemoryError:
            pass
        page = wanted // 4096 * 4096
        if page not in self.pages:
            self.pages[page] = self.page(page)
        return self.pages[page]

    def page(self, page):
        try:
            return (page, bytes(self.inferior.read_memory(page, 4096)))
        except gdb.MemoryError:
            raise Refused("no memory at %#x" % page) from None


named_ranges = []


def proc_ranges(text):
    """Readable and writable lines of `info proc mappings`."""
    for line in text.splitlines():
        words = line.split()
        if len(words) < 5 or not words[0].startswith("0x"):
            continue
        permissions = words[4] if re.fullmatch("[-r][-w][-x][-sp]", words[4]) else "rw"
        if permissions.startswith("rw") and not line.rstrip().endswith(("[vvar]", "[vsyscall]")):
            yield int(words[0], 16), int(words[1], 16)


def file_ranges(text):
    """Sections of `info files`: loadN of a core file, data of a program."""
    for start, end, name in re.findall(r"(0x[0-9a-f]+) - (0x[0-9a-f]+) is (\S+)", text):
        if re.match(r"load\d+[a-z]?$|\.(data|bss|noinit|heap|tarn)", name):
            yield int(start, 16), int(end, 16)


def is_core():
    return "core dump file" in gdb.execute("info files", to_string=True)


def ranges():
    """What to search, without overlaps: what was named, else the mappings, else the sections."""
    found = list(named_ranges)
    if not found and not is_core():
        try:
            found = list(proc_ranges(gdb.execute("info proc mappings", to_string=True)))
        except gdb.error:
            found = []
    if not found:
        found = list(file_ranges(gdb.execute("info files", to_string=True)))
    merged = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


# ---- variable pools ----


class Block:
    def __init__(self, address, size, usable, used):
        self.address = address
        self.size = size
        self.usable = usable
        self.used = used
        self.state = "used" if used else "free"
        self.parked = False  # given back, and kept as it is for the next request of its size
        self.page = None  # of an object in the slab, the block it lies in
        self.slack = 0
        self.whole = False  # its tail holds
        self.lost = False  # its words were written over
        self.owner = self.site = self.sequence = self.freed = None

    def take_words(self, words):
        self.owner, self.site, self.sequence = (list(words) + [None] * 3)[:3]

    def forget_words(self):
        self.lost = self.owner is not None
        self.owner = self.site = self.sequence = None


class Damage:
    """The first broken rule of a pool, and what should be there if that is a word."""

    def __init__(self, rule, address, expected=None, found=None, left=None, block=None):
        self.rule = rule
        self.address = address
        self.text = RULES[rule]
        self.expected = expected
        self.found = found
        self.left = left
        self.block = block
        self.ends = False  # whether blocks behind it were not looked at
        self.words_lost = False  # of the block: whatever wrote over its header may have written over them


class Pool:
    """An image of blocks of any size (src/image.h)."""

    kind = "variable"
    WORDS = 12

    def __init__(self, memory, address, order):
        self.memory = memory
        self.address = address
        self.order = order
        header = self.words(address, self.WORDS)
        self.layout, self.key, self.first, self.end, self.top = header[1:6]
        self.used, self.peak, self.blocks, self.tallies, self.listed = header[6:11]
        self.shift = (self.layout & 3) + 2
        self.extension = self.layout >> 4 & 7
        self.lead = 4 * self.extension + 4
        words = self.extension + 2 + (0 if self.layout >> 2 & 3 == 2 else 1 if self.extension else 2)
        self.minimum = (4 * words + 4 * (self.layout >> 28 & 1) + (1 << self.shift) - 1) >> self.shift
        self.policy = POLICIES[min(self.tallies >> 20 & 7, 4)]
        self.closed = header[0] & 0xFF == IMAGE_CLOSED
        self.guards = self.layout >> 25 & 1
        self.quarantines = self.layout >> 29 & 1
        self.tailed = self.layout >> 25 & 7 or self.quarantines
        self.backup = 4 * (self.layout >> 28 & 1)
        self.reserve = (8 if self.extension >= 2 else 4) if self.quarantines else 0
        self.tail = (4 + self.reserve if self.tailed else 0) + self.backup
        self.check_bits = self.layout >> 7 & 31
        told = self.layout >> 17 & 1
        self.parks = self.layout >> 31
        table = self.layout >> 12 & 1  # the exact map or, in a pool that also names the section of parked blocks, a slab
        self.mapped = self.words(address + 4 * self.WORDS, 1)[0] if table and not self.parks else 0
        section = self.words(address + 4 * PARK_LIMIT, 1)[0] if self.parks else self.mapped
        if table and self.parks:
            length, shape = self.words(address + 4 * SLAB_TABLE, 2)
            section = ((section * 0x9E3779B1 ^ length) * 0xB504F32D ^ shape) * 0x9E3779B1 & 0xFFFFFFFF
        mixed = (self.layout * 0x9E3779B1 ^ self.end) * 0xB504F32D ^ self.first
        sealed = header[11] == ((mixed * 0x9E3779B1 ^ section) * 0xB504F32D ^ self.key) & 0xFFFFFFFF
        if (self.layout & 3) > 2 or self.check_bits > 25 or not sealed or not 0 < self.first <= self.top <= self.end:
            raise Refused("its header is not legal")
        self.told_bits = (1 if self.check_bits == 0 else 2 if self.check_bits == 10 else 3) if told else 0
        self.engine = ENGINES[min(self.layout >> 2 & 3, 2)]
        self.granule = 1 << self.shift
        self.bytes = self.end << self.shift
        self.body_mask = 0xFFFFFFFF >> (self.check_bits + self.told_bits)
        self.check_mask = (0xFFFFFFFF >> self.told_bits) & ~self.body_mask
        self.width_code = 0 if self.check_bits == 15 or not told else 1 << (32 - self.told_bits)
        self.prove()
        self.slab = Slab(self) if table and self.parks else None

    def objects(self, block):
        """The places for objects in a block that is a page of the slab."""
        return self.slab.objects(block) if block.state == "slab" else ()

    def words(self, address, count):
        return struct.unpack("%s%dI" % (self.order, count), self.memory.read(address, 4 * count))

    def start(self):
        return self.address + (self.first << self.shift)

    def header(self, offset):
        return self.words(self.address + (offset << self.shift) - 4, 1)[0]

    def mix(self, salt, offset, body):
        return (((offset * 0x9E3779B1) & 0xFFFFFFFF) ^ body ^ self.key ^ salt) * 0xB504F32D & 0xFFFFFFFF

    def seal(self, offset, body):
        check = self.mix(0, offset, body & ~7) ^ (body & 5) * FLAG_MIX
        return check & self.check_mask | self.width_code

    def sealed(self, offset, header):
        """The header with the check bits that its size and flags have."""
        body = header & self.body_mask
        return self.seal(offset, body) | body

    def proves(self, offset, header):
        return (header ^ self.seal(offset, header & self.body_mask)) & ~self.body_mask & 0xFFFFFFFF == 0

    def leads_on(self, offset, header):
        """Whether a block with this header may begin here: it proves itself, and so does what follows."""
        size = (header & self.body_mask) >> 3
        if not self.proves(offset, header) or size < self.minimum or size > self.top - offset:
            return False
        after = self.header(offset + size)
        room = self.top - offset - size
        return self.proves(offset + size, after) and (room == 0 or 0 < (after & self.body_mask) >> 3 <= room)

    def is_parked(self, header):
        """Whether a block is parked: a mark of one that is not used. To its neighbours it is a used one."""
        return bool(self.parks) and header & 5 == 4

    def prove(self):
        """Bytes that only begin as a pool does are none (tools/reader/scan.c, S2)."""
        self.memory.read(self.address + self.bytes - 4, 4)
        body = (self.end - self.top) << 3
        top = self.header(self.top) == self.seal(self.top, body) | body
        first = self.first == self.top or self.proves(self.first, self.header(self.first))
        if not (top and first if self.check_bits < 8 else top or first):
            raise Refused("its blocks do not prove themselves")

    def describe(self, offset, size, used):
        """The block at offset, by its header and, where it holds, its tail."""
        address = self.address + (offset << self.shift)
        block = Block(address, size << self.shift, max((size << self.shift) - self.lead - self.tail, 0), bool(used))
        if used and size and self.tailed and self.tail_holds(offset, size):
            self.describe_tail(block, offset, size)
            block.whole = True
        if used and self.slab is not None and self.slab.begins(offset):
            block.state = "slab"
        elif used and self.extension:
            block.take_words(self.words(address - self.lead, self.extension))
        return block

    def describe_tail(self, block, offset, size):
        word = self.words(self.last_word(offset, size), 1)[0] ^ GUARD
        state = word >> 8 & 3
        block.slack = word & 0xFF
        block.usable += self.reserve - block.slack
        block.state = "held back" if state == 1 and not self.quarantines else TAIL_STATES[state]
        block.used = block.state != "waiting"
        if state in (2, 3) and self.reserve == 8:
            block.freed = self.words(self.reserve_of(offset, size) + 4, 1)[0]

    def last_word(self, offset, size):
        """Address of a block's last word: a used one's tail, a free one's tag."""
        return self.address + ((offset + size) << self.shift) - self.lead - 4

    def reserve_of(self, offset, size):
        """Address of what a block needs while it waits: the link to the next, who gave it back (src/quarantine.h)."""
        return self.last_word(offset, size) + 4 - self.tail

    def sealed_tail(self, offset, body):
        return (body | self.mix(0x5A17C0DE, offset, body) & ~0x3FF) ^ GUARD

    def tail_holds(self, offset, size):
        word = self.words(self.last_word(offset, size), 1)[0]
        body = (word ^ GUARD) & 0x3FF
        room = (size << self.shift) - self.lead - self.tail + self.reserve
        return word == self.sealed_tail(offset, body) and room > body & 0xFF

    def walk(self):
        """Blocks, and at the end the Damage met first, if any; a header that is broken ends it."""
        offset = self.first
        left_free = False
        left = first = None
        while offset != self.top:
            header = self.header(offset)
            size = (header & self.body_mask) >> 3
            used = header & 1
            damage = self.look(offset, header, size, left_free, left)
            ends = damage is not None and damage.rule in ("I2", "I3")
            if damage is not None and first is None:
                first = damage
                damage.left = left
                damage.block = self.describe(offset, 0, True) if ends else self.describe(offset, size, used)
                if damage.words_lost:
                    damage.block.forget_words()
            if ends:
                first.ends = True
                break
            left = self.describe(offset, size, used)
            left.parked = self.is_parked(header)
            yield left
            first = first or self.look_behind(offset, header, size, left)
            left_free = not used and not left.parked
            offset += size
        else:
            if self.end != self.top:
                yield self.describe(self.top, self.end - self.top, False)
            first = first or self.look_at_end(left_free, left)
        if first is not None:
            yield first

    def look_behind(self, offset, header, size, block):
        """What a block has behind its payload: tail, bytes past the size asked for, copy of the header."""
        damage = None
        if block.state != "free" and self.tailed:
            damage = self.look_at_tail(offset, size, block)
        return damage or (self.look_at_copy(offset, header, size, block) if self.backup else None)

    def look_at_tail(self, offset, size, block):
        last = self.last_word(offset, size)
        word = self.words(last, 1)[0]
        if not self.tail_holds(offset, size):
            return Damage("I14", last, self.sealed_tail(offset, (word ^ GUARD) & 0x3FF), word, None, block)
        if self.guards and block.state == "used" and block.slack:
            first = last - self.backup - block.slack
            slack = self.memory.read(first, block.slack)
            bad = [at for at, byte in enumerate(slack) if byte != GUARD]
            if bad:
                return Damage("I15", first + bad[0], GUARD, slack[bad[0]], None, block)
        return None

    def look_at_copy(self, offset, header, size, block):
        at = self.last_word(offset, size) + 4 - (4 if block.state != "free" and not self.tailed else 8)
        wanted = self.mix(0x2C91E6B5, offset, header & self.body_mask & ~2)
        found = self.words(at, 1)[0]
        return None if found == wanted else Damage("I17", at, wanted, found, None, block)

    def header_again(self, offset, header, left_free):
        """What a broken header must have been, and whether that is for certain; None if the next one is lost too. As
        tarn_report_header() does it (src/report_damage.c)."""
        for bit in range(32):
            if self.leads_on(offset, header ^ 1 << bit):
                return header ^ 1 << bit, True
        size = 0
        for at in range(offset + self.minimum, self.top):
            if self.leads_on(at, self.header(at)):
                size = at - offset
                break
        if not size and not self.proves(self.top, self.header(self.top)):
            return None
        size = size or self.top - offset
        free = self.header(offset + size) & 2
        likely = [self.seal(offset, size << 3 | flags) | size << 3 | flags for flags in ((0,) if free else (1, 5))]
        likely = [one | (2 if left_free else 0) for one in likely]
        return (max(likely, key=lambda one: sum(self.kept(one, header))), False) if size else None

    def kept(self, expected, found):
        """How many bytes of a word are as they must be: from its first byte on, and from its last."""
        words = [struct.pack(self.order + "I", word) for word in (expected, found)]
        same = [one == other for one, other in zip(*words)]
        return (same + [False]).index(False), (same[::-1] + [False]).index(False)

    def look_at_broken(self, offset, header, left_free, left):
        """Damage of a header, and whether the words in front of it may have been written over with it: not where one
        bit of it changed, nor where its block's own owner wrote on from above."""
        again = self.header_again(offset, header, left_free)
        damage = Damage("I3", self.address + (offset << self.shift), again[0] if again else None, header)
        first, last = self.kept(again[0], header) if again else (0, 0)
        tailed = left is not None and left.state == "used" and self.tailed
        damage.words_lost = not (again and again[1]) and not (last == 0 and (first or tailed and left.whole))
        return damage

    def look(self, offset, header, size, left_free, left):
        address = self.address + (offset << self.shift)
        if not self.proves(offset, header):
            return self.look_at_broken(offset, header, left_free, left)
        if size == 0 or size > self.top - offset:
            return Damage("I2", address, self.top - offset, size)
        if bool(header & 2) != left_free:
            return Damage("I5", address, int(left_free), header >> 1 & 1)
        if header & 1 or self.is_parked(header):
            return None
        if left_free:
            return Damage("I4", address)
        tag = self.words(address + (size << self.shift) - self.lead - 4, 1)[0]
        if tag != size:
            return Damage("I6", address, size, tag)
        return None

    def look_at_end(self, left_free, left):
        address = self.address + (self.top << self.shift)
        wanted = self.sealed(self.top, (self.end - self.top) << 3)
        if self.header(self.top) != wanted:
            return Damage("I3", address, wanted, self.header(self.top), left)
        return Damage("I4", address, left=left) if left_free else None

    def figures(self, blocks):
        """Parked blocks are free ones, though the pool's own counts have them."""
        capacity = (self.end - self.first) << self.shift
        parked = [b.size for b in blocks if b.parked]
        used = (self.used << self.shift) - sum(parked)
        return used, capacity - used, self.peak << self.shift, self.blocks - len(parked)

    def counts(self, blocks):
        """I18, I20, I21, I10 and I19, for a walk that met no damage."""
        used = sum(b.size for b in blocks if b.used or b.parked)
        count = sum(1 for b in blocks if b.used or b.parked)
        damage = self.waiting(blocks)[1] or self.look_at_parked(blocks) or (self.slab and self.slab.look())
        if damage is not None:
            return damage
        if used != self.used << self.shift:
            return Damage("I10", self.address + 24, used >> self.shift, self.used)
        if count != self.blocks:
            return Damage("I10", self.address + 32, count, self.blocks)
        return self.look_at_place(blocks)

    def sections(self):
        """Addresses of the quarantine's words and of the rows of modules (src/account.h)."""
        end = self.address + (self.first << self.shift) - self.lead
        behind = (24 if self.quarantines else 0) + (4 if self.extension >= 3 else 0)
        return end - behind, end - behind - 16 * (self.layout >> 18 & 127)

    def waiting(self, blocks):
        """The blocks that wait, the oldest first, and the Damage of their list (I18)."""
        if not self.quarantines:
            return [], None
        at = section = self.sections()[0]
        _, newest, granules, count, limit, seal = self.words(section, 6)
        left = {b.address: b for b in blocks if self.is_listed(b)}
        total = sum(b.size for b in left.values()) >> self.shift
        wanted = [0, len(left), total]
        found = []
        link = self.words(at, 1)[0]
        while link != 0 or left:
            block = left.pop(self.address + (link << self.shift), None)
            if block is None:
                return found, Damage("I18", at, 0, link)
            found.append(block)
            wanted[0] = link
            at = self.reserve_of(link, block.size >> self.shift)
            link = self.words(at, 1)[0]
        for word, must, stated in zip((1, 3, 2), wanted, (newest, count, granules)):
            if must != stated:
                return found, Damage("I18", section + 4 * word, must, stated)
        return found, self.look_at_limit(section, total, limit, seal)

    def look_at_limit(self, section, total, limit, seal):
        """The quarantine's limit is there twice; the seal leads to it (src/quarantine.h)."""
        most = self.body_mask >> 3  # what a header's size field can say
        sealed = (seal * 0x0E8B2F51 - 1) & 0xFFFFFFFF
        if total <= sealed <= most:
            return None if limit == sealed else Damage("I18", section + 16, sealed, limit)
        if total > limit or limit > most:
            return Damage("I18", section + 16, total if total > limit else most, limit)
        return Damage("I18", section + 20, (limit + 1) * 0x9E3779B1 & 0xFFFFFFFF, seal)

    def is_listed(self, block):
        """Whether a block is in the list of those that wait, not only on its way there."""
        offset = (block.address - self.address) >> self.shift
        size = block.size >> self.shift
        return block.state == "waiting" and (self.words(self.last_word(offset, size), 1)[0] ^ GUARD) >> 8 & 3 == 2

    def look_at_parked(self, blocks):
        """I20"""
        if not self.parks:
            return None
        toggle = (FLAG_MIX ^ 4 * FLAG_MIX) & self.check_mask | 5
        plain = self.layout & ~(3 << 2 | 31 << 7 | 1 << 13) == 1 << 31 | 1
        kind = 0xFFFFFFFF if not plain else 0 if self.layout >> 13 & 1 else 0x5A5A5A5A
        witness = self.check_mask ^ self.body_mask & ~7 ^ toggle ^ self.key ^ self.layout ^ kind
        section = self.words(self.address + 4 * PARK_CHECK, PARK_HEADS - PARK_CHECK)
        for i, must in enumerate((self.check_mask, self.body_mask & ~7, witness, toggle, 0)):
            if section[i] != must:
                return Damage("I20", self.address + 4 * (PARK_CHECK + i), must, section[i])
        left = {(b.address - self.address) >> self.shift: b for b in blocks if b.parked}
        for size in range(PARK_SMALLEST, PARK_SMALLEST + PARK_LISTS):
            damage = self.look_at_parked_list(size, left)
            if damage is not None:
                return damage
        return Damage("I20", self.address + 4 * PARK_HEADS, 0, len(left)) if left else None

    def look_at_parked_list(self, size, left):
        """One list of parked blocks, which leave `left`; each has the rest of the budget that those below it leave."""
        none = 4 * PARK_NONE >> self.shift
        at = self.address + 4 * (PARK_HEADS + size - PARK_SMALLEST)
        offset = self.words(at, 1)[0]
        while offset != none:
            block = left.pop(offset, None)
            if block is None or block.size >> self.shift != size:
                return Damage("I20", at, none, offset)
            at = block.address
            following, rest = self.words(at, 2)
            wanted = (self.rest_at(following) - size) & 0xFFFFFFFF
            if rest != wanted or rest > self.words(self.address + 4 * PARK_LIMIT, 1)[0]:
                return Damage("I20", at + 4, wanted, rest)
            offset = following
        return None

    def rest_at(self, offset):
        """The second word of what a link names: 0, as src/view.h reads it, where that is outside the pool."""
        at = (offset << self.shift) + 4
        return self.words(self.address + at, 1)[0] if at + 4 <= self.bytes else 0

    def place(self):
        """(address, next, seen) of the check in steps (src/cursor.h); None if the pool has none."""
        if not self.layout >> 30 & 1:
            return None
        at = self.sections()[1] - 8
        following, seen = self.words(at, 2)
        return at, following, seen ^ self.mix(0x0C0850A5, following, 0)

    def look_at_place(self, blocks):
        """I19; seen as far as it can be told without the index's figures."""
        place = self.place()
        if place is None:
            return None
        at, following, seen = place
        begins = {(b.address - self.address) >> self.shift for b in blocks} | {0, self.top}
        reach = max(self.end, self.slab.marks() if self.slab else 32 * self.mapped)
        return None if following in begins and seen <= reach else Damage("I19", at, 0, following)

    def notes(self, blocks):
        """What there is to say of a pool beside figures."""
        text = "" if self.policy == "stop" else ", policy " + self.policy
        text += ", closed" if self.closed else ""
        for state in ("waiting", "held back"):
            sizes = [b.size for b in blocks if b.state == state]
            text += ", %s %d in %d" % (state, sum(sizes), len(sizes)) if sizes else ""
        pages = [b for b in blocks if b.state == "slab"]
        live = [o.size for page in pages for o in self.objects(page) if o.used]
        numbers = (len(live), sum(live), len(pages), sum(page.size for page in pages))
        return text + (", slab: %d objects of %d bytes in %d pages of %d" % numbers if self.slab else "")


# ---- the slab ----


class SlabClass:
    """What follows from the bytes of an object and how many a page has; size is 0 if there can be no such page."""

    def __init__(self, pool, unit_shift, size, objects):
        self.bytes = size
        self.objects = objects
        self.size = 0
        if not 0 < size <= 4096 or not 0 < objects <= 1 << 18 or size & pool.granule - 1:
            return
        self.live_words = (objects + 31) // 32
        self.words = 4 * (PAGE_LIVE + self.live_words)  # where extension words begin
        self.first = self.words + 4 * pool.extension * objects + pool.granule - 1 & -pool.granule
        units = self.first + size * objects + pool.lead + (1 << unit_shift) - 1 >> unit_shift
        self.size = units << unit_shift - pool.shift if units <= 0xFFFF else 0


class Page:
    """A block of the pool that holds objects; at is the word that is wrong, if it does not prove itself."""

    def __init__(self, slab, offset):
        pool = slab.pool
        self.address = pool.address + (offset << pool.shift)
        self.offset = offset
        self.at = self.address - 4
        header = pool.header(offset) if pool.first <= offset < pool.top else 0
        size = (header & pool.body_mask) >> 3
        if not pool.proves(offset, header) or not 0 < size <= pool.top - offset or not header & 1:
            return
        self.at = self.address
        seal = pool.words(self.address, 1)[0]
        self.index = seal & SLAB_CLASS_MASK
        if self.index >= slab.classes:
            return
        self.kind = kind = slab.kinds[self.index]
        if not kind.size or not kind.size <= size < kind.size + pool.minimum or seal != slab.seal(offset, self.index):
            return
        self.seal, self.next, self.prev, stated, *self.live = pool.words(self.address, PAGE_LIVE + kind.live_words)
        self.at = self.address + 4 * PAGE_LIVE_SEAL
        if kind.objects % 32 and self.live[-1] >> kind.objects % 32:
            return
        if stated == slab.sum(pool.mix(0x11FE11FE, offset, 0), self.live):
            self.at = None
        self.count = sum(bin(word).count("1") for word in self.live)
        self.partial = 0 < self.count < kind.objects

    def has(self, number):
        return self.live[number // 32] >> number % 32 & 1


class Slab:
    """The table of pages of a pool, and the objects in them (src/slab.h)."""

    def __init__(self, pool):
        self.pool = pool
        self.at = pool.address + 4 * SLAB_TABLE
        length, self.shape, self.limit, self.stated = pool.words(self.at, SLAB_ROWS)
        self.unit_shift = self.shape & 15
        self.classes = self.shape >> 4 & 255
        bits = SLAB_ROWS + ROW_WORDS * self.classes
        legal = 6 <= self.unit_shift <= 9 and 0 < self.classes <= 64 and self.shape >> 16 and not self.shape >> 14 & 3
        if not legal or length < bits or 4 * (SLAB_TABLE + length + 1) > pool.first << pool.shift:
            raise Refused("its header is not legal")
        rows = pool.words(self.at + 4 * SLAB_ROWS, ROW_WORDS * self.classes)
        self.rows = [rows[at : at + ROW_WORDS] for at in range(0, len(rows), ROW_WORDS)]
        self.kinds = [SlabClass(pool, self.unit_shift, row[ROW_BYTES], row[ROW_OBJECTS]) for row in self.rows]
        self.bits_at = self.at + 4 * bits
        self.bits = pool.words(self.bits_at, length + 1 - bits)
        self.units_log2 = self.unit_shift - pool.shift  # of the granules of a unit

    def marks(self):
        return 32 * len(self.bits) << self.units_log2

    def begins(self, offset):
        unit = offset >> self.units_log2
        marked = unit < 32 * len(self.bits) and self.bits[unit // 32] >> unit % 32 & 1
        return bool(marked) and unit << self.units_log2 == offset

    def seal(self, offset, index):
        kind = self.kinds[index]
        body = (kind.bytes * 0x85EBCA6B + kind.objects * 0xC2B2AE35 + index) & 0xFFFFFFFF
        return self.pool.mix(0x51AB51AB, offset, body) & ~SLAB_CLASS_MASK | index

    @staticmethod
    def sum(start, words):
        for word in words:
            start = ((start ^ word) * 0x9E3779B1) & 0xFFFFFFFF
            start ^= start >> 15
        return start

    def objects(self, block):
        """The places for objects in the page that is this block, if it proves itself."""
        page = Page(self, block.address - self.pool.address >> self.pool.shift)
        if page.at is not None:
            return
        kind = page.kind
        for number in range(kind.objects):
            found = Block(page.address + kind.first + kind.bytes * number, kind.bytes, kind.bytes, page.has(number))
            found.page = block
            if found.used and self.pool.extension:
                at = page.address + kind.words + 4 * self.pool.extension * number
                found.take_words(self.pool.words(at, self.pool.extension))
            yield found

    def disagree(self, at, expected):
        return Damage("I21", at, expected, self.pool.words(at, 1)[0])

    def row_at(self, index, word):
        return self.at + 4 * (SLAB_ROWS + ROW_WORDS * index + word)

    def look(self):
        """I21 of a pool whose blocks are sound."""
        words = [self.shape, self.limit] + [word for row in self.rows for word in row[:2]]
        if self.stated != self.sum(0, words):
            return self.disagree(self.at + 4 * SLAB_SUM, self.sum(0, words))
        pages = {}
        for unit in (unit for unit in range(32 * len(self.bits)) if self.bits[unit // 32] >> unit % 32 & 1):
            damage = self.look_at_page(unit, pages)
            if damage is not None:
                return damage
        for index in range(self.classes):
            damage = self.look_at_class(index, [page for page in pages.values() if page.index == index])
            if damage is not None:
                return damage
        return None

    def look_at_page(self, unit, pages):
        """A bit has its page, which is linked if it has objects and room, and the one kept if it is empty."""
        offset = unit << self.units_log2
        if offset >= self.pool.top:
            return self.disagree(self.bits_at + unit // 32 * 4, self.bits[unit // 32] ^ 1 << unit % 32)
        page = Page(self, offset)
        if page.at is not None:
            return self.disagree(page.at, 0)
        for word, link in ((PAGE_NEXT, page.next), (PAGE_PREV, page.prev)):
            if link and not page.partial:
                return self.disagree(page.address + 4 * word, 0)
        empty = self.rows[page.index][ROW_EMPTY]
        if (empty == offset) != (page.count == 0):
            return self.disagree(self.row_at(page.index, ROW_EMPTY), 0 if page.count else offset)
        pages[offset] = page
        return None

    def look_at_class(self, index, pages):
        """It counts its pages, and those with objects and room are in its list, once."""
        _, _, link, empty, count = self.rows[index]
        if empty and empty not in [page.offset for page in pages]:
            return self.disagree(self.row_at(index, ROW_EMPTY), 0)
        if count != len(pages):
            return self.disagree(self.row_at(index, ROW_PAGES), len(pages))
        left = {page.offset: page for page in pages if page.partial}
        at, prev = self.row_at(index, ROW_HEAD), 0
        while link:
            page = left.pop(link, None)
            if page is None:
                return self.disagree(at, 0)
            if page.prev != prev:
                return self.disagree(page.address + 4 * PAGE_PREV, prev)
            at, prev, link = page.address + 4 * PAGE_NEXT, link, page.next
        return self.disagree(at, 0) if left else None


# ---- block pools ----


class BlockPool:
    """An image of blocks of one size (src/blocks.h)."""

    kind = engine = "blocks"
    WORDS = 16

    def __init__(self, memory, address, order):
        self.memory = memory
        self.address = address
        self.order = order
        h = self.words(address, self.WORDS)
        self.layout, self.head, self.head_high, self.stated, self.fresh = h[1:6]
        self.first, self.inverse, self.shift_word, self.stride, self.count, self.size, self.bytes = h[6:13]
        self.flags = self.layout >> 4 & 63
        self.slots = self.layout >> 14 & 255
        self.extension = 1 if self.flags & 2 else 0
        odd = self.stride >> (self.shift_word & 31)
        if not odd or odd * self.inverse & 0xFFFFFFFF != 1 or self.fresh > self.count:
            raise Refused("its header is not legal")
        if self.first + self.count * self.stride > self.bytes:
            raise Refused("its header is not legal")
        self.bytes = self.first + self.count * self.stride
        self.memory.read(address + self.bytes - 4, 4)
        self.lead = 0

    words = Pool.words

    def start(self):
        return self.address + self.first

    def number(self, offset):
        value = (offset - self.first) * self.inverse & 0xFFFFFFFF
        by = self.shift_word & 31
        return (value >> by | value << (32 - by)) & 0xFFFFFFFF

    def offset_of(self, plus_one):
        return 0 if plus_one == 0 else self.first + (plus_one - 1) * self.stride

    def main_list(self):
        """(offset of the first block, length), from the head in its three formats."""
        form = self.layout & 15
        if form == 2:
            return self.offset_of(self.head & 0xFFFF), self.fresh - self.stated
        if form != 1:
            return self.head, self.fresh - self.stated
        low, high = (self.head_high, self.head) if self.order == ">" else (self.head, self.head_high)
        value = high << 32 | low
        width = self.shift_word >> 8 & 31
        mask = (1 << width) - 1
        return self.offset_of(value & mask), value >> width & mask

    def control(self):
        """Offsets of the owners and of the caches."""
        owners = 64 + ((self.count + 31) // 32 * 4 if self.flags & 1 else 0)
        return owners, owners + (4 * self.count if self.flags & 2 else 0)

    def lists(self):
        yield self.main_list()
        for slot in range(2 * self.slots):
            at = self.address + self.control()[1] + 128 * (slot // 2) + 48 + 12 * (slot % 2)
            head, _, count = self.words(at, 3)
            yield head, count

    def free_numbers(self):
        """Numbers of the blocks in lists, and the Damage met on the way."""
        free = set()
        for at, count in self.lists():
            last = self.address
            for _ in range(count):
                number = self.number(at)
                if number >= self.fresh:
                    return free, Damage("B2", last, 0, at)
                if number in free:
                    return free, Damage("B3", last, 0, at)
                free.add(number)
                last = self.address + at
                at = self.words(last, 1)[0]
            if at != 0:
                return free, Damage("B4", last, 0, at)
        return free, None

    def held(self, number, offset):
        """Whether a block in no list is held back, since it was written to while it was free (src/blocks.h)."""
        if not self.flags & 12 or self.words(self.address + offset, 1)[0] != (0x6A09E667 ^ offset) | 1:
            return False
        return not self.flags & 1 or not self.words(self.address + 64 + number // 32 * 4, 1)[0] >> number % 32 & 1

    def guard_damage(self, block, offset):
        if not self.flags & 4:
            return None
        usable = (self.size + 3 & ~3) or 4
        word = self.words(block.address + usable, 1)[0]
        wanted = 0x9E3779B9 ^ offset
        if word == wanted:
            return None
        return Damage("B6", block.address + usable, wanted, word, None, block)

    def walk(self):
        free, damage = self.free_numbers()
        usable = (self.size + 3 & ~3) or 4
        if self.extension:
            owners = self.words(self.address + self.control()[0], self.count)
        for number in range(self.count):
            offset = self.first + number * self.stride
            used = number < self.fresh and number not in free
            block = Block(self.address + offset, self.stride, usable, used)
            block.owner = owners[number] if self.extension and used else None
            if used and self.held(number, offset):
                block.state = "held back"
            yield block
            if damage is None and number < self.fresh and block.state != "held back":
                damage = self.guard_damage(block, offset)
        if damage is not None:
            yield damage

    def figures(self, blocks):
        used = self.fresh - min(self.fresh, sum(count for _, count in self.lists()))
        return used * self.stride, (self.count - used) * self.stride, self.fresh * self.stride, used

    def counts(self, blocks):
        return None

    def notes(self, blocks):
        return ""

    def objects(self, block):
        return ()

    def waiting(self, blocks):
        return [], None

    def place(self):
        return None


# ---- finding them ----


def patterns():
    """First word of an image, class, byte order."""
    for order in "<>":
        for version in (IMAGE_VERSION, IMAGE_CLOSED):
            yield struct.pack(order + "I", 0x6E727400 | version), Pool, order
        for magic in (0x62727401, 0x62727481, 0x62727441, 0x627274C1):
            yield struct.pack(order + "I", magic), BlockPool, order


def search(memory, start, end, pattern):
    """A piece at a time, so that what cannot be read hides no more than its piece."""
    for base in range(start, end, PIECE):
        at = base
        stop = min(base + PIECE + len(pattern) - 1, end)
        while at is not None and at + len(pattern) <= stop:
            try:
                at = memory.inferior.search_memory(at, stop - at, pattern)
            except gdb.error:
                break
            if at is not None:
                yield at
                at += len(pattern)


def inside_free(pool, inner):
    """Whether what was found lies in memory that the pool around it has not handed out."""
    for block in pool.walk():
        if isinstance(block, Damage):
            return False
        if block.address <= inner < block.address - pool.lead + block.size:
            return not block.used
        if block.address > inner:
            return True
    return True


def keep(pools, found):
    """Nested pools stay, what is left of old ones in free memory does not; sets depth."""
    around = [p for p in pools if p.address < found.address < p.address + p.bytes]
    found.depth = len(around)
    return not around or not inside_free(around[-1], found.address)


def find_pools(memory):
    places = []
    for start, end in ranges():
        if end - start > SEARCH_MOST:
            gdb.write("of %#x to %#x, only the first %d MiB are searched\n" % (start, end, SEARCH_MOST >> 20))
            end = start + SEARCH_MOST
        for pattern, kind, order in patterns():
            places += [(at, kind, order) for at in search(memory, start, end, pattern) if at % 8 == 0]
    pools = []
    for at, kind, order in sorted(places, key=lambda place: place[0]):
        try:
            found = kind(memory, at, order)
        except Refused:
            continue
        if keep(pools, found):
            pools.append(found)
    return pools


def chosen(argument):
    """All pools, or the one that begins at or holds the address given."""
    memory = Memory()
    if not argument.strip():
        return find_pools(memory)
    address = int(gdb.parse_and_eval(argument)) & 0xFFFFFFFFFFFFFFFF
    held = [p for p in find_pools(memory) if p.address <= address < p.address + p.bytes]
    if not held:
        raise gdb.GdbError("no pool holds %#x" % address)
    return held[-1:]


# ---- words ----


def site_text(site, did="called"):
    """The line that called, if the program's symbols tell where tarn_alloc() is."""
    if not site:
        return ""
    try:
        alloc = int(gdb.parse_and_eval("(unsigned long)&tarn_alloc"))
        pointer = gdb.lookup_type("void").pointer().sizeof
    except gdb.error:
        return ", %s at site %#x" % (did, site)
    signed = site - (1 << 32) if site >> 31 else site
    address = alloc + signed & (1 << 8 * pointer) - 1
    block = gdb.execute("info symbol %#x" % (address - 1), to_string=True).split()
    line = gdb.find_pc_line(address - 1)
    name = block[0] if block and block[0] != "No" else "%#x" % address
    place = " (%s:%d)" % (line.symtab.filename, line.line) if line.symtab else ""
    return ", %s in %s%s" % (did, name, place)


def who_text(block):
    if block.state == "free":
        return "free"
    if block.state == "slab":
        return "page of the slab"
    if block.lost:
        return "owner unknown"
    if block.owner is None:
        return "in use" if block.state == "used" else block.state
    text = "" if block.state == "used" else block.state + ", "
    text += "module %d task %d%s" % (block.owner >> 20, block.owner & 0xFFFFF, site_text(block.site))
    text += "" if block.sequence is None else ", allocation %d" % block.sequence
    return text + site_text(block.freed, "given back")


def walked(pool):
    """(blocks, damage)"""
    blocks = []
    damage = None
    try:
        for item in pool.walk():
            if isinstance(item, Damage):
                damage = item
            else:
                blocks.append(item)
    except Refused as error:
        damage = Damage("I1" if pool.kind == "variable" else "B1", pool.address)
        damage.text += ": " + str(error)
        damage.ends = True
    return blocks, damage or pool.counts(blocks)


def write_damage(damage):
    gdb.write("  %s broken at %#x: %s\n" % (damage.rule, damage.address, damage.text))
    if damage.expected is not None:
        gdb.write("    expected %#010x, found %#010x\n" % (damage.expected, damage.found))
    elif damage.found is not None:
        gdb.write("    found %#010x\n" % damage.found)
    if damage.left is not None:
        left = damage.left
        gdb.write("    the left neighbour: %#x, %d bytes, %s\n" % (left.address, left.usable, who_text(left)))
    if damage.block is not None:
        gdb.write("    the block there:    %#x, %s\n" % (damage.block.address, who_text(damage.block)))


def write_reach(pool, blocks, damage):
    """What a list of these blocks has not, or may have wrong."""
    if damage is None:
        return
    if damage.ends:
        place = blocks[-1].address + blocks[-1].size if blocks else pool.start()
        text = "  the walk ends at damage, at %#x: blocks from there on are not in this list\n"
        gdb.write(text % place)
    elif damage.rule in ("B2", "B3", "B4"):
        gdb.write("  the lists of free blocks are broken: blocks called used may be free\n")


# ---- commands ----


class Tarn(gdb.Command):
    """Look at tarn's pools: tarn pools, map, check, who, leaks, waiting, memory."""

    def __init__(self):
        super().__init__("tarn", gdb.COMMAND_DATA, prefix=True)


class Command(gdb.Command):
    name = None

    def __init__(self):
        super().__init__("tarn " + self.name, gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        try:
            self.run(argument)
        except (Refused, gdb.MemoryError) as error:
            raise gdb.GdbError(str(error)) from None


class Pools(Command):
    """tarn pools: list the pools in the program's memory; nested ones are indented."""

    name = "pools"

    def run(self, argument):
        pools = find_pools(Memory())
        for pool in pools:
            place = "  " * pool.depth + "%#x" % pool.address
            blocks, damage = walked(pool)
            used, free, peak, count = pool.figures(blocks)
            text = "%-26s %-8s %10d bytes, used %d, free %d, peak %d, blocks %d%s, %s\n"
            state = "sound" if damage is None else "damaged: " + damage.rule
            gdb.write(text % (place, pool.engine, pool.bytes, used, free, peak, count, pool.notes(blocks), state))
        gdb.write("%d pools\n" % len(pools))


class Map(Command):
    """tarn map [POOL]: draw a pool: = control data, # used, . free, q waiting, h held back, s page of the slab,
    + several, ? behind damage."""

    name = "map"

    def run(self, argument):
        for pool in chosen(argument):
            self.draw(pool)

    def draw(self, pool):
        slice_bytes = max(16, (pool.bytes + 1023) // 1024)
        blocks, damage = walked(pool)
        cells = ["?" if damage and damage.ends else " "] * ((pool.bytes + slice_bytes - 1) // slice_bytes)
        signs = {"used": "#", "free": ".", "waiting": "q", "held back": "h", "slab": "s"}
        spans = [(b.address - pool.address - pool.lead, b.size, signs[b.state]) for b in blocks]
        spans.insert(0, (0, spans[0][0] if spans else slice_bytes, "="))
        for start, size, sign in spans:
            for cell in range(start // slice_bytes, (start + size - 1) // slice_bytes + 1):
                if cell < len(cells):
                    cells[cell] = sign if cells[cell] in ("?", " ", "=", sign) else "+"
        gdb.write("pool at %#x, %d bytes per character\n" % (pool.address, slice_bytes))
        for at in range(0, len(cells), 64):
            gdb.write("  %#014x %s\n" % (pool.address + at * slice_bytes, "".join(cells[at : at + 64])))


class Check(Command):
    """tarn check [POOL]: verify the blocks of a pool, and name whose block lies in front of the damage."""

    name = "check"

    def run(self, argument):
        for pool in chosen(argument):
            blocks, damage = walked(pool)
            state = "sound" if damage is None else "damaged"
            gdb.write("pool at %#x: %s%s\n" % (pool.address, state, pool.notes(blocks)))
            if damage is not None:
                write_damage(damage)
            place = pool.place()
            if place is not None and place[1] != 0:
                gdb.write("  the check in steps goes on at %#x\n" % (pool.address + (place[1] << pool.shift)))


class Who(Command):
    """tarn who ADDRESS: the block that holds an address, and who has it."""

    name = "who"

    def run(self, argument):
        if not argument.strip():
            raise gdb.GdbError("tarn who ADDRESS")
        address = int(gdb.parse_and_eval(argument)) & 0xFFFFFFFFFFFFFFFF
        pool = chosen(argument)[0]
        blocks, damage = walked(pool)
        for block in blocks:
            start = block.address - pool.lead
            if start <= address < start + block.size:
                self.tell(pool, block, address)
                return
        if damage is not None and address >= damage.address:
            gdb.write("%#x lies behind damage in the pool at %#x\n" % (address, pool.address))
            write_damage(damage)
            return
        gdb.write("%#x is control data of the pool at %#x\n" % (address, pool.address))

    def tell(self, pool, block, address):
        what, where = "block", "the pool at %#x" % pool.address
        for item in pool.objects(block):
            if item.address <= address < item.address + item.size:
                where = "the page at %#x of the slab of %s" % (block.address, where)
                what, block = "object", item
                break
        text = "%#x is byte %d of the %s at %#x, %d bytes, in %s: %s\n"
        place = address - block.address
        gdb.write(text % (address, place, what, block.address, block.usable, where, who_text(block)))


class Waiting(Command):
    """tarn waiting [POOL]: blocks given back that wait, the oldest first, then blocks set aside; who had them."""

    name = "waiting"

    def run(self, argument):
        for pool in chosen(argument):
            blocks, met = walked(pool)
            listed, damage = pool.waiting(blocks)
            others = [b for b in blocks if b.state in ("waiting", "held back") and b not in listed]
            gdb.write("pool at %#x: %d blocks\n" % (pool.address, len(listed) + len(others)))
            write_reach(pool, blocks, met)
            for block in listed + others:
                gdb.write("  %#x, %d bytes, %s\n" % (block.address, block.usable, who_text(block)))
            if damage is not None:
                write_damage(damage)


class Leaks(Command):
    """tarn leaks [POOL]: live blocks by owner and call site, most bytes first."""

    name = "leaks"

    def run(self, argument):
        for pool in chosen(argument):
            if not pool.extension:
                gdb.write("pool at %#x was made without owners\n" % pool.address)
                continue
            gdb.write("pool at %#x\n" % pool.address)
            blocks, damage = walked(pool)
            write_reach(pool, blocks, damage)
            groups = {}
            for block in [item for block in blocks for item in [block, *pool.objects(block)]]:
                if block.state == "used":
                    count, total = groups.get((block.owner, block.site), (0, 0))
                    groups[(block.owner, block.site)] = (count + 1, total + block.size)
            for (owner, site), (count, total) in sorted(groups.items(), key=lambda group: -group[1][1]):
                text = "  %12d bytes in %6d blocks: module %d task %d%s\n"
                gdb.write(text % (total, count, owner >> 20, owner & 0xFFFFF, site_text(site)))


class Ranges(Command):
    """tarn memory [START LENGTH ...]: search these ranges only; without arguments, ask GDB again what is mapped."""

    name = "memory"

    def run(self, argument):
        numbers = [int(gdb.parse_and_eval(word)) for word in gdb.string_to_argv(argument)]
        if len(numbers) % 2:
            raise gdb.GdbError("tarn memory START LENGTH ...")
        named_ranges[:] = [(at, at + size) for at, size in zip(numbers[::2], numbers[1::2])]


for command in (Tarn, Pools, Map, Check, Who, Leaks, Waiting, Ranges):
    command()
