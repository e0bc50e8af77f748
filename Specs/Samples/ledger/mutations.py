"""A checker that misses a planted violation is no checker: each law is broken on purpose, in a
copy of a lawful region, and must be found under its number."""
import copy, pathlib, shutil, sqlite3, tempfile

import region as regions
from database import Journal, NodeLog, Transfer, Unreadable, movements
from documents import CREDIT_TRANSFER, STATUS_REPORT


class NoTarget(Exception):
    """The region holds nothing that could be broken like this: run it over a richer one."""


class Copy:
    """The logs of a region, to be changed; documents are shared, what is added is its own."""

    def __init__(self, region):
        self.directory, self.topology, self.is_running = region.directory, region.topology, False
        self.documents, self.logs = dict(region.documents), []
        for log in region.logs:
            own = NodeLog(log.name)
            for field, value in vars(log).items():
                setattr(own, field, copy.copy(value) if isinstance(value, (list, dict)) else value)
            own.stored = {key: list(sums) for key, sums in log.stored.items()}
            self.logs.append(own)
        self.check = lambda clients=None: type(region).check(self, clients)

    def of(self, party):
        return next(log for log in self.logs if log.name == self.topology.host[party])

    def find(self, list_, wanted):
        """(log, index) of the first entry that fulfils it."""
        for log in self.logs:
            for index, entry in enumerate(getattr(log, list_)):
                if wanted(entry, log):
                    return log, index
        raise NoTarget

    def completed(self):
        """A payment that was accepted, with its source leg's document."""
        for (party, uetr), (_, state, _) in self.of("hub").payments.items():
            if party == "hub" and state == 3:
                for m in self.of("hub").messages:
                    if m.uetr == uetr and m.kind == CREDIT_TRANSFER and m.direction == "received":
                        return uetr, self.documents[m.digest]
        raise NoTarget

    def replace(self, list_, wanted, **fields):
        log, index = self.find(list_, wanted)
        entries = getattr(log, list_)
        entries[index] = entries[index]._replace(**fields)

    def book(self, log, journal):
        """Adds a journal, and to the sums what it moves."""
        log.journals.append(journal)
        for key, place, amount in movements(journal):
            log.stored[key][2 + place] += amount

    def drop(self, log, index):
        for key, place, amount in movements(log.journals[index]):
            log.stored[key][2 + place] -= amount
        del log.journals[index]

    def journal(self, book, subject, number, action, transfers, closes=None, purpose="payment"):
        log = self.of(book)
        return Journal(len(log.journals) + 1, 0, book, subject, number, purpose, action, closes,
                       tuple(Transfer(*t) for t in transfers), log.batches)


def is_hub(state):
    return lambda step, log: step.instance == "hub" and step.after == state


# I1

def balance_off(c):
    key = next(iter(sorted(c.of("hub").stored)))
    c.of("hub").stored[key][2] += 1


def posting_lost(c):
    log, index = c.find("journals", lambda j, log: j.action == "post")
    del log.journals[index]


def posted_twice(c):
    log, index = c.find("journals", lambda j, log: j.action == "post")
    j = log.journals[index]
    c.book(log, j._replace(number=j.number + 50, sequence=len(log.journals) + 1))


def posted_otherwise(c):
    log, index = c.find("journals", lambda j, log: j.action == "post")
    j = log.journals[index]
    first = j.transfers[0]._replace(amount=j.transfers[0].amount + 1)
    log.journals[index] = j._replace(transfers=(first,) + j.transfers[1:])


# I2, I3, I5

def money_made(c):
    _, source = c.completed()
    uetr = next(j.subject for j in c.of(source.debtor_agent).journals
                if j.book == source.debtor_agent and j.purpose == "payment")
    c.book(c.of(source.debtor_agent), c.journal(source.debtor_agent, uetr, 90, "direct", [
        ("settlement", "customer:" + source.debtor, 7, source.settlement.currency)]))


def side_off(c):
    log = c.of("hub")
    key = next(k for k in sorted(log.stored) if k[1] == "scheme-fee-income")
    log.stored[key][3] += 1


def credited_twice(c):
    log, index = c.find("journals", lambda j, log: j.action in ("post", "direct") and any(
        t.credit.startswith("customer:") for t in j.transfers) and j.purpose == "payment")
    j = log.journals[index]
    c.book(log, j._replace(number=91, action="direct", closes=None))


def journal_twice(c):
    log, index = c.find("journals", lambda j, log: j.purpose == "payment")
    log.journals.append(log.journals[index])


def reversed_otherwise(c):
    log, index = c.find("journals", lambda j, log: j.action == "reverse")
    j = log.journals[index]
    log.journals[index] = j._replace(transfers=tuple(
        t._replace(amount=t.amount + 1) for t in j.transfers))


def leg_missing(c):
    _, source = c.completed()
    log, index = c.find("journals", lambda j, log: j.action == "post" and any(
        t.credit.startswith("fxp:") for t in j.transfers))
    c.drop(log, index)


def rejected_but_booked(c):
    uetr = next((u for (p, u), (_, s, _) in c.of("hub").payments.items() if s in (5, 6)), None)
    if uetr is None:
        raise NoTarget
    log, index = c.find("journals", lambda j, log: j.subject == uetr and j.action == "void")
    j = log.journals[index]
    c.drop(log, index)
    c.book(log, j._replace(action="post"))


# I4

def acknowledged_unbooked(c):
    def answers(m, log):
        d = c.documents[m.digest]
        return (m.direction == "sent" and m.kind == STATUS_REPORT and d and d.status == "ACCC"
                and c.topology.kinds.get(m.sender) == "participant")
    log, index = c.find("messages", answers)
    m = log.messages[index]
    log.journals = [j for j in log.journals if (j.book, j.subject) != (m.sender, m.uetr)]


def client_told_otherwise(c):
    uetr, source = c.completed()
    return {uetr: {"events": ["invoke", "fail"], "end": "fail", "debtor": ["", ""],
                   "creditor": ["", ""], "debit": "1.00", "sourceCurrency": "SGD", "credit": "1.00",
                   "destinationCurrency": "THB"}}


def client_forgotten(c):
    return {b"\1" * 16: {"events": ["invoke", "taken", "ok"], "end": "ok", "debtor": ["A", "1"],
                         "creditor": ["B", "2"], "debit": "1.00", "sourceCurrency": "SGD",
                         "credit": "1.00", "destinationCurrency": "THB"}}


# I6, I8

def left_without_the_hub(c):
    log, index = c.find("steps", lambda s, log: s.before == 2 and s.after == 3 and
                        c.topology.kinds.get(s.instance) == "system")
    step = log.steps[index]
    log.messages = [m for m in log.messages if not (
        m.batch == step.batch and m.uetr == step.uetr and m.direction == "received")]


def cancelled_on_a_clock(c):
    c.replace("steps", lambda s, log: s.before == 12 and c.topology.is_four_step(s.instance),
              cause="timer")


def final_left(c):
    log, index = c.find("steps", is_hub(3))
    step = log.steps[index]
    log.steps.append(step._replace(before=3, after=6, sequence=len(log.steps) + 1))
    version, _, due = log.payments["hub", step.uetr]
    log.payments["hub", step.uetr] = (version + 1, 6, due)


def step_skipped(c):
    log, index = c.find("steps", is_hub(1))
    del log.steps[index]


# I7

def taken_twice(c):
    log, index = c.find("messages", lambda m, log: m.direction == "received")
    log.messages.append(log.messages[index])


def other_bytes(c, kind):
    def sent(m, log):
        d = c.documents[m.digest]
        return m.direction == "sent" and m.kind == kind and d and (
            kind == CREDIT_TRANSFER or d.status == "ACCC")
    log, index = c.find("messages", sent)
    m = log.messages[index]
    c.documents[b"other"] = c.documents[m.digest]
    log.messages.append(m._replace(digest=b"other", sequence=m.sequence + 1 << 20))


def instructed_otherwise(c):
    other_bytes(c, CREDIT_TRANSFER)


def answered_otherwise(c):
    other_bytes(c, STATUS_REPORT)


def copy_not_refused(c):
    log, index = c.find("messages", lambda m, log: m.direction == "received" and m.receiver == "hub"
                        and m.kind == CREDIT_TRANSFER and c.documents[m.digest])
    m = log.messages[index]
    altered = copy.copy(c.documents[m.digest])
    altered.message_id = "another"
    c.documents[b"altered"] = altered
    log.messages.append(m._replace(digest=b"altered", sequence=m.sequence + 1 << 20))


# I9

def quote_changed(c, change):
    """Edits the hub's record of the quote that a completed payment used."""
    _, source = c.completed()
    key = next(k for k in c.of("hub").records if k[1] == "quote" and
               k[2].replace("-", "") == source.quote.hex())
    c.of("hub").records[key] = change(c.of("hub").records[key])


def used_by_another(c):
    quote_changed(c, lambda content: content[:-16] + bytes(16))


def expired(c):
    log, index = c.find("messages", lambda m, log: m.receiver == "hub" and m.direction == "received"
                        and m.kind == CREDIT_TRANSFER)
    log.messages[index] = log.messages[index]._replace(at=log.messages[index].at + 601 * 10 ** 9)


def other_amount(c):
    uetr, _ = c.completed()
    log = c.of("hub")
    for index, m in enumerate(log.messages):
        if m.uetr == uetr and m.kind == CREDIT_TRANSFER and m.direction == "sent":
            other = copy.copy(c.documents[m.digest])
            other.settlement = other.settlement._replace(units=other.settlement.units + 1)
            c.documents[b"amount"] = other
            log.messages[index] = m._replace(digest=b"amount")


# I10, I11, I12

def undelivered(c):
    log = c.of("hub")
    peer = sorted(log.links)[0]
    epoch, following, acknowledged, *rest = log.links[peer]
    log.links[peer] = (epoch, following, acknowledged - 1, *rest)


def nothing_sent(c):
    step = c.of("hub").steps[c.find("steps", is_hub(3))[1]]
    log = c.of("hub")
    log.messages = [m for m in log.messages if not (
        m.direction == "sent" and m.batch == step.batch and m.uetr == step.uetr)]


def not_taken(c):
    log, index = c.find("messages", lambda m, log: m.direction == "received")
    del log.messages[index]


def impostor(c):
    c.replace("messages", lambda m, log: m.direction == "received" and log.name == "hub",
              sender="XXXXXX00")


def booked_by_nobody(c):
    log, index = c.find("journals", lambda j, log: j.purpose == "payment")
    j = log.journals[index]
    c.book(log, j._replace(subject=b"\2" * 16, action="direct", closes=None))


def below_the_floor(c):
    log, index = c.find("journals", lambda j, log: j.action == "pending" and any(
        t.debit.startswith("participant:") for t in j.transfers))
    j = log.journals[index]
    t = next(t for t in j.transfers if t.debit.startswith("participant:"))
    key = (j.book, t.debit, t.currency)
    log.accounts[key] = (log.accounts[key][0], 1 << 60)


# I14, I15, I16

def disagreement(c):
    uetr, source = c.completed()
    party = source.debtor_agent
    log = c.of(party)
    version, _, due = log.payments[party, uetr]
    log.payments[party, uetr] = (version, 11, due)


def legs_disagree(c):
    uetr, _ = c.completed()
    log = c.of("hub")
    for index, m in enumerate(log.messages):
        if m.uetr == uetr and m.kind == CREDIT_TRANSFER and m.direction == "sent":
            other = copy.copy(c.documents[m.digest])
            other.shared = tuple((p, t + "x" if p == "Dbtr/Nm" else t) for p, t in other.shared)
            c.documents[b"legs"] = other
            log.messages[index] = m._replace(digest=b"legs")


def bytes_changed(c):
    log, index = c.find("messages", lambda m, log: m.direction == "received")
    c.documents[b"bytes"] = c.documents[log.messages[index].digest]
    log.messages[index] = log.messages[index]._replace(digest=b"bytes")


def never_ended(c):
    uetr, _ = c.completed()
    version, _, due = c.of("hub").payments["hub", uetr]
    c.of("hub").payments["hub", uetr] = (version, 1, due)


def mirror_off(c):
    _, source = c.completed()
    c.book(c.of(source.debtor_agent), c.journal(source.debtor_agent, b"\3" * 16, 1, "direct", [
        ("settlement", "equity", 100, source.settlement.currency)], purpose="funding"))


def position_off(c):
    log = c.of("hub")
    key = next(k for k in sorted(log.stored) if k[1].startswith("position:"))
    log.stored[key][2] += 1


MUTATIONS = [
    ("I1", balance_off), ("I1", posting_lost), ("I1", posted_twice), ("I1", posted_otherwise),
    ("I2", side_off), ("I2", money_made), ("I3", credited_twice), ("I3", journal_twice),
    ("I3", reversed_otherwise), ("I4", acknowledged_unbooked), ("I4", client_forgotten),
    ("I5", client_told_otherwise), ("I5", leg_missing), ("I5", rejected_but_booked),
    ("I6", left_without_the_hub), ("I6", cancelled_on_a_clock), ("I7", taken_twice),
    ("I7", instructed_otherwise), ("I7", answered_otherwise),
    ("I7", copy_not_refused), ("I8", final_left), ("I8", step_skipped), ("I9", used_by_another),
    ("I9", expired), ("I9", other_amount), ("I10", undelivered), ("I10", nothing_sent),
    ("I10", not_taken), ("I11", impostor), ("I11", booked_by_nobody), ("I12", below_the_floor),
    ("I14", disagreement), ("I14", legs_disagree), ("I14", bytes_changed), ("I15", never_ended),
    ("I16", mirror_off), ("I16", position_off)]


# In the files

def holding(files, batch):
    """The database or archive, of those given, that holds a batch."""
    return next(file for file in files if file.execute(
        "SELECT 1 FROM batch WHERE id = ?", (batch,)).fetchone())


def flip(*files):
    """One bit of a batch: refused, whatever it said."""
    file = holding(files, 3)
    content = bytearray(file.execute("SELECT content FROM batch WHERE id = 3").fetchone()[0])
    content[len(content) // 2] ^= 1
    file.execute("UPDATE batch SET content = ? WHERE id = 3", (bytes(content),))


def batch_lost(*files):
    holding(files, 2).execute("DELETE FROM batch WHERE id = 2")


def last_batch_lost(*files):
    """Of an archive that is seen at once; of the log, in what peers have."""
    last = max(file.execute("SELECT coalesce(max(id), 0) FROM batch").fetchone()[0]
               for file in files)
    file = holding(files, last)
    file.execute("DELETE FROM batch WHERE id = ?", (last,))
    return "I10" if file is files[0] else None


def newer_schema(database, *_):
    database.execute("PRAGMA user_version = 99")


def folded_wrongly(database, *_):
    """A row of the table that says more than the log does."""
    database.execute(
        "INSERT OR REPLACE INTO account SELECT 'hub', 'scheme-fee-income', 'SGD', "
        "max(batch, (SELECT coalesce(max(id), 0) FROM batch)), 'income', NULL, 0, 1, 0, 0 "
        "FROM folded")
    return "I1"


def archive_of_another(_, *archives):
    for archive in archives[:1]:
        archive.execute("UPDATE archive SET database = database + 1")


# Each answers the law that is broken then; None: the file is unreadable.
FILES = [folded_wrongly, flip, batch_lost, newer_schema, last_batch_lost]


def in_files(region, open_):
    """The same on copies of the databases themselves."""
    paths = {node: (region.directory / (node + ".sqlite")).resolve()
             for node in region.topology.nodes}
    archives = {node: sorted(path.parent.glob(path.name + ".[0-9]*.[0-9]*"))
                for node, path in paths.items()}
    for change in FILES + ([archive_of_another] if archives["hub"] else []):
        with tempfile.TemporaryDirectory() as directory:
            for node in region.topology.nodes:
                source = sqlite3.connect("file:%s?mode=ro" % paths[node], uri=True)
                files = [sqlite3.connect(pathlib.Path(directory, node + ".sqlite"))]
                source.backup(files[0])
                files += [sqlite3.connect(shutil.copy(archive, directory))
                          for archive in archives[node]]
                if node == "hub":
                    law = change(*files)
                for file in files:
                    file.commit()
                    file.close()
                source.close()
            try:
                found = {v[0] for v in open_(directory).check()[0]}
            except Unreadable:
                found = {None}
            yield law, change.__name__, found


def run(options, open_):
    """Prints each mutation and what found it; the exit code."""
    topology = options.topology or regions.topology(options.data)
    region = open_(options.data, topology)
    if region.is_running or Copy(region).check()[0]:
        print("expected a lawful region at rest in %s" % options.data)
        return 1
    failed = 0
    results = []
    for law, mutation in MUTATIONS:
        changed = Copy(region)
        try:
            clients = mutation(changed)
            results.append((law, mutation.__name__, {v[0] for v in changed.check(clients)[0]}))
        except (NoTarget, StopIteration):
            results.append((law, mutation.__name__, {"no target"}))
    results += in_files(region, lambda directory: open_(directory, topology))
    for law, name, found in results:
        failed += law not in found
        what = ", ".join(sorted(text or "unreadable" for text in found)) or "nothing"
        print("%-6s %-4s %s: %s" % (
            "found" if law in found else "MISSED", law or "", name, what))
    print("%d of %d planted violations found" % (len(results) - failed, len(results)))
    return 1 if failed else 0
