"""The laws that show in one node's log. Numbers: Specs/Rulebook/Laws.md."""
import collections

from database import name
from documents import CREDIT_TRANSFER, FINAL, STATUS_REPORT

# Specs/States: number: (name, what it says of the payment, numbers that may follow).
HUB = {1: ("Forwarded", "open", {2, 3, 4, 6, 7}), 2: ("AcceptedWithoutPosting", "open", {3, 4, 6}),
       3: ("Completed", "ACCC", ()), 4: ("Blocked", "BLCK", ()), 5: ("Rejected(hub)", "RJCT", ()),
       6: ("Rejected(destination)", "RJCT", ()), 7: ("Rejected(deadline)", "RJCT", ())}
SYSTEM = {1: ("AwaitingSourceSAP", "open", {2, 5}), 2: ("SentToHub", "open", {3, 4, 5}),
          3: ("Completed", "ACCC", ()), 4: ("Blocked", "BLCK", ()), 5: ("Rejected", "RJCT", ()),
          11: ("AwaitingDestinationSAP", "open", {12, 17}),
          12: ("AwaitingDestinationPSP", "open", {13, 14, 15, 16, 17}),
          13: ("AwaitingConfirmation", "open", {15, 16, 17}),
          14: ("AcceptedWithoutPosting", "open", {13, 15, 16, 17}),
          15: ("Completed", "ACCC", ()), 16: ("Blocked", "BLCK", ()), 17: ("Rejected", "RJCT", ())}
PARTICIPANT = {1: ("reserved", "open", {9, 10, 11}), 2: ("accepted", "open", {9, 10, 11}),
               3: ("credited", "credited", {12}), 4: ("fundsReserved", "open", {9, 10, 11}),
               5: ("considering", "open", {2, 3, 4, 6, 7, 8, 9, 10, 11}),
               6: ("promised", "open", {9, 11}), 7: ("promisedBlocked", "open", {10, 11}),
               8: ("acceptedWithoutPosting", "open", {6, 7, 9, 10, 11}),
               9: ("completed", "ACCC", ()), 10: ("blocked", "BLCK", ()),
               11: ("rejected", "RJCT", ()), 12: ("reversed", "RJCT", ())}
# Kinds of accounts that a debit increases.
DEBIT_NORMAL = ("asset", "expense", "memorandum-debit")
STATES = {"hub": HUB, "system": SYSTEM, "participant": PARTICIPANT,
          "provider": {1: ("notified", "credited", ())}}


class Findings:
    def __init__(self):
        self.violations = []

    def add(self, law, node, uetr, expected, found):
        self.violations.append((law, node, uetr, expected, found))


def check_node(log, region, documents, findings):
    for law, uetr, text in log.faults:
        findings.add(law, log.name, uetr, "one consistent log", text)
    ledger(log, findings)
    states(log, region, findings)
    links(log, region, documents, findings)
    causes(log, region, documents, findings)


# I1, I2, I3, I12: the journals, from nothing.

def ledger(log, findings):
    sums, lives, floors = {}, {}, {}
    for key, (kind, floor) in log.accounts.items():
        sums[key] = list(log.opened[key])
        floors[key] = (kind in DEBIT_NORMAL, floor)
    for journal in log.journals:
        place = (journal.book, journal.subject)
        closes = lives.get((*place, journal.closes))

        def found(law, expected, text):
            findings.add(law, log.name, journal.subject, expected, "journal %d of %s %s" % (
                journal.number, journal.book, text))
        if (*place, journal.number) in lives:
            found("I3", "a journal's key once", "is booked twice")
            continue
        if any(t.amount <= 0 or t.debit == t.credit for t in journal.transfers):
            found("I1", "positive transfers between two accounts", "moves nothing")
        if journal.action in ("post", "void"):
            if closes != ("pending", journal.transfers):
                found("I1", "the very transfers reserved under %s" % journal.closes,
                      "ends %s" % (closes,))
            lives[(*place, journal.closes)] = ("closed", ())
        elif journal.action == "reverse":
            mirrored = tuple(t._replace(debit=t.credit, credit=t.debit) for t in journal.transfers)
            if closes != ("posted", mirrored):
                found("I3", "the mirror of what %s posted" % journal.closes, "reverses another")
            lives[(*place, journal.closes)] = ("closed", ())
        lives[(*place, journal.number)] = {
            "pending": ("pending", journal.transfers), "direct": ("posted", journal.transfers),
            "post": ("posted", journal.transfers)}.get(journal.action, ("closed", ()))
        move(journal, sums, floors, found)
    compare(log, sums, findings)


def move(journal, sums, floors, found):
    posts = journal.action in ("direct", "post", "reverse")
    reserved = {"pending": 1, "post": -1, "void": -1}.get(journal.action, 0)
    for t in journal.transfers:
        for side, account in enumerate((t.debit, t.credit)):
            key = (journal.book, account, t.currency)
            own = sums.get(key)
            if own is None:
                found("I1", "an account that was opened", "names %s" % name(key))
                continue
            if posts:
                own[side] += t.amount
            own[2 + side] += reserved * t.amount
            if own[2 + side] < 0:
                found("I1", "something reserved on %s" % name(key), "releases more")
    if journal.action not in ("pending", "direct"):
        return  # what was reserved may always be posted, and a demanded reversal always be made
    for t in journal.transfers:
        for is_debit, account in ((True, t.debit), (False, t.credit)):
            is_debit_normal, floor = floors.get((journal.book, account, t.currency), (0, None))
            if floor is None or is_debit == is_debit_normal:
                continue
            own = sums[journal.book, account, t.currency]
            available = (own[0] - own[1] - own[3] if is_debit_normal else own[1] - own[0] - own[2])
            if available < floor:
                found("I12", "at least %d available" % floor, "leaves %d on %s" % (
                    available, name((journal.book, account, t.currency))))


def compare(log, sums, findings):
    sides = collections.Counter()
    for key in sorted(set(sums) | set(log.stored)):
        kind, _, *stored = log.stored.get(key, ("none", None, None, None, None, None))
        if stored != sums.get(key):
            findings.add("I1", log.name, None, "%s as its journals give it, %s" % (
                name(key), sums.get(key)), "stored %s" % stored)
        elif None not in stored:
            group = (key[0], key[2], kind.startswith("memorandum"))
            sides[group] += stored[0] - stored[1]
    for (book, currency, _), difference in sorted(sides.items()):
        if difference:
            findings.add("I2", log.name, None, "equal sides of %s %s" % (book, currency),
                         "they differ by %d" % difference)


# I6, I8: the states.

def states(log, region, findings):
    current = {}
    for step in log.steps:
        key = (step.instance, step.uetr)
        place = "%s %s" % (log.name, step.instance)
        table = STATES.get(region.kinds.get(step.instance), {})
        if step.before != current.get(key):
            findings.add("I8", place, step.uetr, "a step from %s" % current.get(key),
                         "one from %s" % step.before)
        current[key] = step.after
        before, after = table.get(step.before), table.get(step.after)
        if table and after is None or step.before is not None and before is None and table:
            findings.add("I8", place, step.uetr, "published states", "%s to %s" % (
                step.before, step.after))
        elif before and step.before != step.after and step.after not in before[2]:
            findings.add("I8", place, step.uetr, "a published edge out of %s" % before[0],
                         "%s on %s" % (after[0], step.cause))
    for key, (_, state, _) in log.payments.items():
        if current.get(key) != state:
            findings.add("I8", "%s %s" % (log.name, key[0]), key[1],
                         "the payment where its steps end, %s" % current.get(key), str(state))


def causes(log, region, documents, findings):
    """In doubt only the named message ends it: it came in the very commit. And what is booked
    belongs to a payment of its book. I6, I10, I11."""
    heard, told = collections.defaultdict(set), collections.defaultdict(set)
    for m in log.messages:
        document = documents[m.digest]
        if m.kind in (STATUS_REPORT, CREDIT_TRANSFER) and document and document.uetr:
            table = heard if m.direction == "received" else told
            entry = (m.kind, m.sender if table is heard else m.receiver)
            table[m.batch, document.uetr].add(entry)
    for step in log.steps:
        if step.before == step.after:
            continue
        kind, place = region.kinds.get(step.instance), "%s %s" % (log.name, step.instance)
        key = (step.batch, step.uetr)
        if kind == "system" and (step.before in (2, 13)):
            if (STATUS_REPORT, "hub") not in heard[key]:
                findings.add("I6", place, step.uetr, "the hub's pacs.002 in the same commit",
                             "left %s on %s" % (SYSTEM[step.before][0], step.cause))
        if kind == "system" and step.before == 12 and region.is_four_step(step.instance):
            if not step.cause.startswith("M9"):
                findings.add("I6", place, step.uetr, "the creditor agent's answer (M9)",
                             "left AwaitingDestinationPSP on %s" % step.cause)
        if kind == "hub":
            wanted = CREDIT_TRANSFER if step.after == 1 else STATUS_REPORT
            if step.after != 2 and not any(entry[0] == wanted for entry in told[key]):
                findings.add("I10", place, step.uetr, "a message in the same commit as %s" % (
                    HUB.get(step.after, ("?",))[0]), "none")
    for journal in log.journals:
        if journal.purpose == "payment":
            if (journal.book, journal.subject) not in log.payments:
                findings.add("I11", log.name, journal.subject, "a payment of %s" % journal.book,
                             "a journal without one")
        elif journal.purpose not in ("opening", "funding", "operator"):
            findings.add("I11", log.name, journal.subject, "a tagged journal", journal.purpose)


# I4, I7, I11: what crossed the links.

def links(log, region, documents, findings):
    last, instructions, answers, first = {}, {}, {}, {}
    alerted = {(a.batch, a.severity) for a in log.alerts}
    booked = {}
    for journal in log.journals:
        booked.setdefault((journal.book, journal.subject), journal.batch)
    refused = {(documents[m.digest].uetr, documents[m.digest].original) for m in log.messages
               if m.direction == "sent" and m.kind == STATUS_REPORT and documents[m.digest]
               and documents[m.digest].status == "RJCT"}
    for m in log.messages:
        document = documents[m.digest]
        if m.direction == "received":
            if m.sequence <= last.get((m.node, m.epoch), 0):
                findings.add("I7", log.name, m.uetr, "each message of %s once" % m.node,
                             "number %d was taken twice" % m.sequence)
            last[m.node, m.epoch] = m.sequence
            if not region.may_speak(m.node, log.name, m.sender):
                if (m.batch, "security") not in alerted:
                    findings.add("I11", log.name, m.uetr, "a party that %s may speak for" % m.node,
                                 "a message of %s without an alert" % m.sender)
            elif m.kind == CREDIT_TRANSFER and document and document.uetr:
                hop = (m.sender, m.receiver, document.uetr)
                original = first.setdefault(hop, document)
                if (original.message_id, original.business) != (
                        document.message_id, document.business):
                    if (document.uetr, document.message_id) not in refused:
                        findings.add("I7", log.name, document.uetr,
                                     "a refusal of the copy %s" % document.message_id, "none")
        elif m.direction == "sent" and m.kind == CREDIT_TRANSFER and document:
            key = (m.sender, m.receiver, document.uetr)
            if instructions.setdefault(key, m.digest) != m.digest:
                findings.add("I7", log.name, m.uetr, "the same instruction to %s" % m.receiver,
                             "other bytes")
        elif m.direction == "sent" and m.kind == STATUS_REPORT and document:
            answer(log, m, document, region, answers, booked, findings)


def answer(log, m, report, region, answers, booked, findings):
    if report.status in FINAL and report.reason not in ("DU01", "AGNT"):
        key = (m.sender, m.receiver, report.uetr, report.original)
        if answers.setdefault(key, m.digest) != m.digest:
            findings.add("I7", log.name, m.uetr, "the same answer to %s" % m.receiver,
                         "other bytes")
    if report.status in ("ACCC", "BLCK", "ACTC") and region.kinds.get(m.sender) == "participant":
        if booked.get((m.sender, report.uetr), 1 << 62) > m.batch:
            findings.add("I4", "%s %s" % (log.name, m.sender), report.uetr,
                         "its own booking before it says %s" % report.status, "none")
