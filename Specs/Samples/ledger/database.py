"""One node's database, read by Specs/Protocol/Database.md alone."""
import collections, ctypes, ctypes.util, hashlib, os, pathlib, sqlite3, struct, sys

APPLICATION, VERSION = 0x53454C54, 7
ARCHIVE = 0x53454C41, 1
DICTIONARY = (pathlib.Path(__file__).parents[2] / "Protocol" / "batch-dictionary.xml").read_bytes()
MASK = (1 << 64) - 1

Message = collections.namedtuple(
    "Message", "number direction node epoch sequence kind sender receiver at uetr digest batch")
Journal = collections.namedtuple(
    "Journal", "sequence at book subject number purpose action closes transfers batch")
Transfer = collections.namedtuple("Transfer", "debit credit amount currency")
Step = collections.namedtuple("Step", "sequence at instance uetr before after cause batch")
Alert = collections.namedtuple("Alert", "at instance severity uetr text batch")


class Unreadable(Exception):
    """The database is damaged, of another version, or none at all."""


def lz4():
    name = ctypes.util.find_library("lz4") or "liblz4.so.1"
    try:
        library = ctypes.CDLL(name)
    except OSError as error:
        raise Unreadable("liblz4 is missing: apt-get install liblz4-1 (%s)" % error) from error
    library.LZ4_decompress_safe_usingDict.argtypes = [
        ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int]
    return library.LZ4_decompress_safe_usingDict


def unpack(library, block, size):
    if not 0 < size <= 1 << 30:
        raise Unreadable("a batch claims to be %d bytes long" % size)
    buffer = ctypes.create_string_buffer(size)
    if library(block, buffer, len(block), size, DICTIONARY, len(DICTIONARY)) != size:
        raise Unreadable("a batch is no LZ4 block of %d bytes" % size)
    return buffer.raw


def check_sum(block):
    """The low word of the digest over the packed bytes: Database.md, A check sum."""
    first, second = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
    whole = len(block) // 8 * 8
    words = struct.unpack("<%dQ" % (whole // 8), block[:whole])
    for word in (*words, *block[whole:], len(block)):
        product = (first ^ word) * 0xA0761D6478BD642F
        first = (product >> 64) ^ (product & MASK) ^ second
        product = (second ^ word) * 0xE7037ED1A0B428DB
        second = (((product >> 64) ^ (product & MASK)) + first) & MASK
    return second


# Each is met dozens of times, and kept once.
UUIDS = {}


class Cursor:
    """The unpacked bytes, by position."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at
        self.documents = None

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def number(self):
        data, at = self.data, self.at
        value = data[at]
        at += 1
        if value > 127:
            value &= 127
            shift = 7
            while True:
                byte = data[at]
                at += 1
                value |= (byte & 127) << shift
                if byte < 128:
                    break
                shift += 7
        self.at = at
        return value

    def integer(self):
        value = self.number()
        return value >> 1 ^ -(value & 1)

    def word(self):
        return int.from_bytes(self.take(8), "big")

    def uuid(self):
        piece = self.take(16)
        return UUIDS.setdefault(piece, piece)

    def take(self, count):
        end = self.at + count
        if end > len(self.data):
            raise IndexError
        piece = self.data[self.at:end]
        self.at = end
        return piece

    def blob(self):
        return self.take(self.number())

    def document(self):
        """Named by its place among the batch's documents; in layout 1 it stands here itself."""
        return self.blob() if self.documents is None else self.documents[self.number()]

    def text(self):
        return sys.intern(self.blob().decode())

    def optional(self, read):
        return read() if self.byte() else None


class NodeLog:
    """All that a node ever committed, in order; and what its tables say of it."""

    def __init__(self, name):
        self.name = name
        self.messages, self.journals, self.steps, self.alerts = [], [], [], []
        self.payments, self.records, self.receipts, self.links = {}, {}, {}, {}
        self.accounts, self.stored = {}, {}  # key: (kind, floor); key: (kind, floor, four sums)
        self.opened = {}  # the sums an account was opened with
        self.instructions = {}  # (instance, uetr): digest of the kept pacs.008
        self.faults = []  # (law, uetr, text): what shows while reading
        self.batches = 0


class Reader:
    """Reads databases into logs; documents are parsed once, however many nodes keep them."""

    def __init__(self, parse):
        self.parse, self.documents, self.library = parse, {}, lz4()

    def document(self, kind, data):
        digest = hashlib.sha256(data).digest()
        if digest not in self.documents:
            self.documents[digest] = self.parse(kind, data)
        return digest

    def read(self, name, path):
        log = NodeLog(name)
        try:
            database = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
            database.execute("BEGIN")  # one snapshot
            found = database.execute("PRAGMA application_id").fetchone()[0]
            version = database.execute("PRAGMA user_version").fetchone()[0]
            if found != APPLICATION or version != VERSION:
                raise Unreadable("%s: expected a database of a node, version %d; found application "
                                 "%#x, version %d" % (path, VERSION, found, version))
            deltas = []
            for place, number, size, sum_, block in self.rows(path, database):
                if number != log.batches + 1:
                    raise Unreadable("%s: batch %d follows batch %d" % (place, number, log.batches))
                log.batches = number
                if check_sum(block) != sum_ % (1 << 64):
                    raise Unreadable("%s: batch %d does not agree with its check sum" % (
                        place, number))
                try:
                    self.batch(log, number, unpack(self.library, block, size), deltas)
                except (IndexError, UnicodeDecodeError, struct.error) as error:
                    raise Unreadable("%s: batch %d is damaged: %r" % (
                        place, number, error)) from error
            self.tables(log, database, deltas)
            database.close()
        except sqlite3.Error as error:
            raise Unreadable("%s: %s" % (path, error)) from error
        return log

    def rows(self, path, database):
        """(file, id, size, check sum, content) of every batch: those in archives, and the rest."""
        path = os.path.realpath(path)  # archives are beside the file itself
        key = database.execute("SELECT hash_key FROM folded").fetchone()[0]
        columns, last = "id, size, check_sum, content", 0
        for registered in database.execute(
                "SELECT name, first_batch, last_batch, check_sum FROM archive ORDER BY first_batch"):
            place, last = "%s.%s" % (path, registered[0]), registered[2]
            archive = sqlite3.connect("file:%s?mode=ro" % place, uri=True)
            found = tuple(archive.execute("PRAGMA " + name).fetchone()[0]
                          for name in ("application_id", "user_version"))
            if found != ARCHIVE:
                raise Unreadable("%s: expected an archive; found %s" % (place, found))
            says = archive.execute("SELECT name, first_batch, last_batch, check_sum, database "
                                   "FROM archive").fetchone()
            if says != (*registered, key):
                raise Unreadable("%s: expected archive %s of %s; found %s" % (
                    place, registered, path, says))
            row = None
            for row in archive.execute("SELECT %s FROM batch ORDER BY id" % columns):
                yield place, *row
            if row is None or (row[0], row[2]) != (last, registered[3]):
                raise Unreadable("%s: does not end with batch %d" % (place, last))
            archive.close()
        # While an archive is being cleared its batches are in both.
        for row in database.execute(
                "SELECT %s FROM batch WHERE id > ? ORDER BY id" % columns, (last,)):
            yield path, *row

    def tables(self, log, database, deltas):
        """The accounts: the table's sums, and on top the batches that are younger."""
        as_of = {}
        for book, name, currency, batch, kind, floor, *sums in database.execute(
                "SELECT book, name, currency, as_of, kind, floor, posted_debits, posted_credits, "
                "pending_debits, pending_credits FROM account"):
            as_of[book, name, currency] = batch
            log.stored[book, name, currency] = [kind, floor, *sums]
        for number, key, delta in deltas:
            if number > as_of.get(key, 0):
                if len(delta) == 6:
                    log.stored[key] = list(delta)
                elif key in log.stored:
                    for place, change in enumerate(delta):
                        log.stored[key][2 + place] += change

    def batch(self, log, number, data, deltas):
        c = Cursor(data)
        layout = c.byte()
        if layout not in (1, 2):
            raise Unreadable("batch %d has a layout other than 1 and 2" % number)
        next_message, next_journal, next_step = c.integer(), c.integer(), c.integer()
        at = c.integer()
        expected = (len(log.messages) + 1, len(log.journals) + 1, len(log.steps) + 1)
        if (next_message, next_journal, next_step) != expected:
            log.faults.append(("I1", None, "batch %d numbers its rows from %s, expected %s" % (
                number, (next_message, next_journal, next_step), expected)))
        if layout == 2:
            c.documents = [c.blob() for _ in range(c.number())]
        for _ in range(c.number()):
            peer = c.text()
            log.links[peer] = tuple(c.word() for _ in range(5))
        places = {}
        for direction in ("received", "sent"):
            for index in range(c.number()):
                node, epoch, sequence, kind = c.text(), c.word(), c.word(), c.byte()
                sender, receiver, moment = c.text(), c.text(), c.integer()
                uetr = c.optional(c.uuid)
                digest = self.document(kind, c.document())
                places[direction, index] = digest
                log.messages.append(Message(
                    len(log.messages) + 1, direction, node, epoch, sequence, kind, sender, receiver,
                    moment, uetr, digest, number))
        for _ in range(c.number()):
            self.payment(log, c, at, number, places)
        for _ in range(c.number()):
            key = (c.text(), c.text(), c.text())
            receipt = (c.uuid(), c.take(16))
            if key in log.receipts:
                log.faults.append(("I7", receipt[0], "the receipt of %s from %s is written "
                                   "twice" % (key[2], key[1])))
            log.receipts[key] = receipt
        for _ in range(c.number()):
            key, _ = (c.text(), c.text(), c.text()), c.integer()
            row = c.optional(lambda: (c.integer(), c.blob()))
            if row is None:
                log.records.pop(key, None)
            else:
                log.records[key] = row[1]
        for _ in range(c.number()):
            key = (c.text(), c.text(), c.text())
            kind, floor = c.text(), c.optional(c.integer)
            sums = tuple(c.integer() for _ in range(4))
            log.accounts[key], log.opened[key] = (kind, floor), sums
            deltas.append((number, key, (kind, floor, *sums)))
        moved = collections.Counter()
        for _ in range(c.number()):
            journal = self.journal(c, len(log.journals) + 1, number)
            log.journals.append(journal)
            for key, place, amount in movements(journal):
                moved[key, place] += amount
        for _ in range(c.number()):
            key = (c.text(), c.text(), c.text())
            delta = tuple(c.integer() for _ in range(4))
            c.byte()
            deltas.append((number, key, delta))
            for place, change in enumerate(delta):
                moved[key, place] -= change
        for (key, place), amount in moved.items():
            if amount:
                log.faults.append(("I1", None, "batch %d moves %s by other sums than its "
                                   "journals" % (number, name(key))))
        for _ in range(c.number()):
            log.steps.append(Step(len(log.steps) + 1, c.integer(), c.text(), c.uuid(),
                                  c.optional(c.byte), c.byte(), c.text(), number))
        for _ in range(c.number()):
            log.alerts.append(Alert(c.integer(), c.text(), c.text(), c.optional(c.uuid), c.text(),
                                    number))
        if c.at != len(data):
            raise Unreadable("batch %d has %d bytes too many" % (number, len(data) - c.at))

    def payment(self, log, c, at, number, places):
        key = (c.text(), c.uuid())
        before, version, state = c.integer(), c.integer(), c.byte()
        due = c.optional(c.integer)
        c.blob()  # the role's own
        if before != log.payments.get(key, (0,))[0] or version <= before:
            log.faults.append(("I8", key[1], "%s: version %d follows %d" % (
                key[0], version, before)))
        log.payments[key] = (version, state, due)
        mark = c.byte()
        if mark == 1:
            log.instructions[key] = places["received", c.number()]
        elif mark == 2:
            log.instructions[key] = places["sent", c.number()]
        elif mark == 3:
            kind, data = c.byte(), c.document()
            digest = self.document(kind, data)
            log.instructions[key] = digest
            log.messages.append(Message(len(log.messages) + 1, "hosted", None, 0, 0, kind, None,
                                        key[0], at, key[1], digest, number))

    @staticmethod
    def journal(c, sequence, batch):
        at, book, subject, number = c.integer(), c.text(), c.uuid(), c.integer()
        purpose, action, closes = c.text(), c.text(), c.optional(c.integer)
        transfers = tuple(Transfer(c.text(), c.text(), c.integer(), c.text())
                          for _ in range(c.number()))
        return Journal(sequence, at, book, subject, number, purpose, action, closes, transfers,
                       batch)


def movements(journal):
    """(account, which of the four sums, by how much): posted and pending debits and credits."""
    posts = journal.action in ("direct", "post", "reverse")
    reserved = {"pending": 1, "post": -1, "void": -1}.get(journal.action, 0)
    for transfer in journal.transfers:
        for side, account in enumerate((transfer.debit, transfer.credit)):
            key = (journal.book, account, transfer.currency)
            if posts:
                yield key, side, transfer.amount
            if reserved:
                yield key, 2 + side, reserved * transfer.amount


def name(key):
    """An account without anybody's number."""
    return "%s/%s/%s" % (key[0], "customer:*" if key[1].startswith("customer:") else key[1], key[2])


def quote(content):
    """A hub's record of kind `quote`: Database.md, A quote."""
    c = Cursor(content)
    if c.byte() != 1:
        raise Unreadable("a quote has a layout other than 1")

    def text():
        return c.take(c.integer()).decode()

    def money():
        return c.integer(), text()
    quote = {"id": c.uuid(), "issued": c.integer(), "provider": text(), "requester": text(),
             "from": text(), "to": text(), "isSourceFixed": bool(c.byte()), "fixed": money(),
             "source": money(), "destination": money(), "fee": money(), "credit": money(),
             "rate": (c.integer(), c.integer()), "schemeFee": money(),
             "agent1": text(), "account1": text(), "agent2": text(), "account2": text()}
    c.byte(), c.uuid(), c.integer(), c.integer()
    quote["usedBy"] = c.uuid() if c.byte() else None
    return quote
