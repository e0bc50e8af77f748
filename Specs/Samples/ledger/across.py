"""The laws that hold between nodes. Numbers: Specs/Rulebook/Laws.md."""
import collections

from database import name, quote
from documents import CREDIT_TRANSFER, DIGITS, Money
from laws import DEBIT_NORMAL, STATES

FEE = "fee-income:"
LIFETIME = 600 * 10 ** 9


class Payment:
    def __init__(self):
        self.holdings, self.posted, self.pending = {}, collections.Counter(), collections.Counter()
        self.source = self.destination = self.reached = None


class Across:
    def __init__(self, logs, region, documents, findings):
        self.logs, self.region, self.documents, self.findings = logs, region, documents, findings
        self.payments, self.quotes = collections.defaultdict(Payment), {}
        for log in sorted(logs, key=lambda log: log.name != region.host.get("hub")):
            self.take(log)

    def take(self, log):
        for (instance, uetr), (_, state, _) in log.payments.items():
            table = STATES.get(self.region.kinds.get(instance), {})
            name_, says, _ = table.get(state, ("?", "open", ()))
            self.payments[uetr].holdings[instance] = (name_, says, state)
        for journal in log.journals:
            if journal.purpose != "payment":
                continue
            payment = self.payments[journal.subject]
            posts = journal.action in ("direct", "post", "reverse")
            reserved = {"pending": 1, "post": -1, "void": -1}.get(journal.action, 0)
            for t in journal.transfers:
                for sign, account in ((1, t.debit), (-1, t.credit)):
                    key = (journal.book, account, t.currency)
                    if posts:
                        payment.posted[key] += sign * t.amount
                    payment.pending[key] += reserved * t.amount
        for (_, kind, _), content in log.records.items():
            if kind == "quote":
                found = quote(content)
                self.quotes[found["id"]] = found
        for m in log.messages:
            transfer = self.documents[m.digest]
            if m.kind != CREDIT_TRANSFER or not transfer or transfer.uetr not in self.payments:
                continue
            payment = self.payments[transfer.uetr]
            if transfer.is_destination_leg:
                payment.destination = payment.destination or transfer
            else:
                payment.source = payment.source or transfer
            if m.direction == "received" and m.receiver == "hub" and payment.reached is None:
                payment.reached = m.at

    # What is under way

    def unfinished(self, is_stopped):
        """Payments that are open somewhere, or, while nodes run, not yet seen by every party."""
        found = []
        for uetr, payment in self.payments.items():
            says = {says for _, says, _ in payment.holdings.values()}
            if "open" in says or not says or not is_stopped and self.is_partial(payment, says):
                found.append(uetr)
        return found

    def is_partial(self, payment, says):
        """Each node is a snapshot of its own: one may not have what another already has."""
        if "RJCT" in says and any(entry[0] == "credited" for entry in payment.holdings.values()):
            return True  # a 4-step access provider has still to undo its credit
        if says & {"ACCC", "BLCK", "credited"}:
            involved = self.involved(payment) or {"hub"}
            needed = {party for party in involved if party in self.region.host
                      and self.region.kinds[party] != "provider"}
            return not needed <= set(payment.holdings)
        return False

    def check(self, is_stopped):
        open_ = set(self.unfinished(is_stopped))
        for uetr, payment in self.payments.items():
            if uetr in open_:
                if is_stopped:
                    self.findings.add("I15", "region", uetr, "a final state everywhere", ", ".join(
                        "%s %s" % (party, entry[0]) for party, entry in payment.holdings.items()))
                continue
            self.bookings(uetr, payment, is_stopped)
            self.agreement(uetr, payment)
        for uetr, payment in self.payments.items():
            if is_stopped or uetr not in open_:
                self.rate(uetr, payment)
        if is_stopped:
            self.deliveries()
            self.mirrors()
            self.conservation()
        return sorted(open_)

    # I3, I5

    def bookings(self, uetr, payment, is_stopped):
        add = self.findings.add
        for key, amount in sorted(payment.pending.items()):
            if amount:
                add("I5", key[0], uetr, "nothing reserved", "%d on %s" % (amount, name(key)))
        expected = self.expected(payment)
        for key in sorted(set(expected) | set(payment.posted)):
            kind = self.region.kinds.get(key[0])
            # A provider is told after the end; while the region runs its view may lag.
            if key[0] not in self.region.host or kind == "provider" and not is_stopped:
                continue
            wanted, found = expected[key], payment.posted[key]
            if wanted != found:
                add("I3" if key[1].startswith("customer:") else "I5", key[0], uetr,
                    "%s moved by %d" % (name(key), wanted), "by %d" % found)

    def expected(self, payment):
        """Debits less credits by account, by Specs/Rulebook/Bookings.md; nothing for RJCT."""
        moved = collections.Counter()
        outcome = payment.holdings.get("hub", ("", "none"))[1]
        source, destination = payment.source, payment.destination
        if outcome not in ("ACCC", "BLCK") or not source or not destination:
            return moved
        offer = self.quotes.get(source.quote)
        if not offer:
            return moved

        def move(book, debit, credit, amount):
            if amount.units:
                moved[book, debit, amount.currency] += amount.units
                moved[book, credit, amount.currency] -= amount.units
        sent, got = source.settlement, destination.settlement
        provider = "fxp:" + offer["provider"]
        payer, source_bank = source.debtor_agent, source.instructed_agent
        payee, destination_bank = destination.creditor_agent, destination.instructing
        systems = [self.region.system_of.get(payer), self.region.system_of.get(payee)]
        funds = provider if payer == source_bank else "settlement"
        move(payer, "customer:" + (source.debtor or ""), funds, sent)
        move(payer, "customer:" + (source.debtor or ""), FEE + "source", source.charges[0])
        if payer != source_bank:
            move(systems[0], "participant:" + payer, "participant:" + source_bank, sent)
            move(source_bank, "settlement", provider, sent)
        funds = provider if payee == destination_bank else "settlement"
        if outcome == "BLCK":
            move(payee, funds, "blocked", got)
        else:
            fee = destination.charges[1]
            # An account that was closed after the promise: the credit is held as unapplied.
            account = ("unapplied" if payment.posted[payee, "unapplied", got.currency]
                       else "customer:" + (destination.creditor or ""))
            move(payee, funds, account, Money(got.units - fee.units, got.currency))
            move(payee, funds, FEE + "destination", fee)
        if payee != destination_bank:
            move(destination_bank, provider, "settlement", got)
            move(systems[1], "participant:" + destination_bank, "participant:" + payee, got)
        position = "position:" + offer["provider"]
        move("hub", "cleared:%s" % systems[0], position, sent)
        move("hub", position, "cleared:%s" % systems[1], got)
        move("hub", "receivable:%s" % systems[0], "scheme-fee-income", Money(*offer["schemeFee"]))
        view = offer["provider"]
        move(view, "nostro:" + source_bank, "fx-position:" + sent.currency, sent)
        move(view, "fx-position:" + got.currency, "nostro:" + destination_bank, got)
        return moved

    # I14

    def agreement(self, uetr, payment):
        add = self.findings.add
        hub = payment.holdings.get("hub")
        involved = self.involved(payment)
        for party, (state, says, number) in payment.holdings.items():
            outcome = hub[1] if hub and (involved is None or party in involved) else "RJCT"
            if says != outcome and not (says == "credited" and outcome in ("ACCC", "BLCK")):
                add("I14", party, uetr, "%s, as at the hub" % outcome, state)
        if hub and hub[2] != 5 and payment.source and payment.destination:
            told = set(payment.source.shared) ^ set(payment.destination.shared)
            if told:
                add("I14", "hub", uetr, "one payment in both legs", "they differ in " + ", ".join(
                    sorted({path for path, _ in told})))
            if payment.source.charges != payment.destination.charges:
                add("I14", "hub", uetr, "the same charges in both legs", "others")

    def involved(self, payment):
        """Who has a part, by the messages the hub took and sent; None when it sent none on."""
        source, destination = payment.source, payment.destination
        if not source or not destination:
            return None
        parties = {"hub", source.debtor_agent, source.instructed_agent, destination.instructing,
                   destination.creditor_agent}
        parties |= {self.region.system_of[party] for party in parties & set(self.region.system_of)}
        if offer := self.quotes.get(source.quote):
            parties.add(offer["provider"])
        return parties

    # I9

    def rate(self, uetr, payment):
        hub = payment.holdings.get("hub")
        source, destination = payment.source, payment.destination
        if not hub or hub[2] == 5:
            return

        def broken(expected, found):
            self.findings.add("I9", "hub", uetr, expected, found)
        if not source or not destination:
            return broken("both legs' pacs.008", "only one is kept")
        offer = self.quotes.get(source.quote)
        if not offer:
            return broken("the quote that it names", "none")
        charges = (source.charges + (None, None))[:2]
        for expected, found, text in (
                (uetr, offer["usedBy"], "use of the quote"),
                (Money(*offer["source"]), source.settlement, "source settlement amount"),
                (Money(*offer["destination"]), destination.settlement,
                 "destination settlement amount"),
                (Money(*offer["fee"]), charges[1], "destination charge"),
                (offer["requester"], source.debtor_agent, "debtor agent"),
                (offer["agent1"], source.instructed_agent, "source access provider"),
                (offer["agent2"], destination.instructing, "destination access provider"),
                (simple(offer["rate"]), source.rate, "rate"),
                (simple(offer["rate"]), destination.rate, "rate of the destination leg")):
            if expected != found:
                broken("%s as in the quote" % text, "another")
        if payment.reached is not None and payment.reached >= offer["issued"] + LIFETIME:
            broken("a quote that still binds", "it had expired %d ns before" % (
                payment.reached - offer["issued"] - LIFETIME))
        if not lawful_amounts(offer):
            broken("amounts that follow from the rate, each rounded once", "others")

    # I10, I14

    def deliveries(self):
        add, sent, taken = self.findings.add, {}, collections.Counter()
        known = {log.name for log in self.logs}
        for log in self.logs:
            for peer, (epoch, following, acknowledged, _, _) in log.links.items():
                if peer in known and following - 1 != acknowledged:
                    add("I10", log.name, None, "everything to %s delivered" % peer,
                        "%d of %d" % (acknowledged, following - 1))
            for m in log.messages:
                if m.direction == "sent":
                    sent[log.name, m.node, m.epoch, m.sequence] = m
        for log in self.logs:
            for m in log.messages:
                if m.direction != "received" or m.node not in known:
                    continue
                key = (m.node, log.name, m.epoch, m.sequence)
                taken[key] += 1
                if key not in sent or sent[key].digest != m.digest:
                    add("I14", log.name, m.uetr, "what %s sent as number %d" % (m.node, m.sequence),
                        "other bytes" if key in sent else "a message it never sent")
        for key, m in sent.items():
            if key[1] in known and taken[key] != 1:
                # A node that was renumbered sends again under a new epoch.
                if self.current_epoch(key) == key[2]:
                    add("I10", key[0], m.uetr, "number %d taken by %s once" % (key[3], key[1]),
                        "%d times" % taken[key])

    def current_epoch(self, key):
        for log in self.logs:
            if log.name == key[0]:
                return log.links.get(key[1], (None,))[0]

    # I16

    def mirrors(self):
        posted, moved = {}, collections.Counter()
        for log in self.logs:
            for key, (kind, _, *sums) in log.stored.items():
                posted[key] = (sums[0] - sums[1]) * (1 if kind in DEBIT_NORMAL else -1)
            for journal in log.journals:
                if journal.purpose == "payment" and journal.action in ("direct", "post", "reverse"):
                    for t in journal.transfers:
                        moved[journal.book, t.debit, t.currency] -= t.amount
                        moved[journal.book, t.credit, t.currency] += t.amount
        positions = collections.Counter()
        for (book, account, currency), amount in moved.items():
            if account.startswith("fxp:"):
                positions["hub", "position:" + account[4:], currency] += amount
        for key, amount in sorted(posted.items()):
            book, account, currency = key
            if account == "settlement":
                mirror = (self.region.system_of.get(book), "participant:" + book, currency)
            elif account.startswith("nostro:"):
                mirror = (account[7:], "fxp:" + book, currency)
            else:
                continue
            if mirror in posted and posted[mirror] != amount:
                self.findings.add("I16", book, None, "%s as %s keeps it, %d" % (
                    account, mirror[0], posted[mirror]), str(amount))
        for key in sorted(set(positions) | {k for k in posted if k[1].startswith("position:")}):
            if posted.get(key, 0) != positions[key]:
                self.findings.add("I16", "hub", None, "%s %s as its access providers booked, %d" % (
                    key[1], key[2], positions[key]), str(posted.get(key, 0)))

    # I2

    def conservation(self):
        """What customers, providers and fees hold changes only by tagged journals."""
        total, tagged = collections.Counter(), collections.Counter()
        for log in self.logs:
            for key, (_, _, *sums) in log.stored.items():
                if self.counts(key):
                    total[key[2]] += sums[1] - sums[0]
            for journal in log.journals:
                if journal.purpose != "payment" and journal.action in ("direct", "post", "reverse"):
                    for t in journal.transfers:
                        for sign, account in ((-1, t.debit), (1, t.credit)):
                            if self.counts((journal.book, account, t.currency)):
                                tagged[t.currency] += sign * t.amount
        # An account may be opened with a balance.
        for log in self.logs:
            for key, sums in log.opened.items():
                if self.counts(key):
                    tagged[key[2]] += sums[1] - sums[0]
        for currency in sorted(total):
            if total[currency] != tagged[currency]:
                self.findings.add("I2", "region", None, "%d %s in all institutions" % (
                    tagged[currency], currency), str(total[currency]))

    def counts(self, key):
        return self.region.kinds.get(key[0]) == "participant" and (
            key[1] in ("blocked", "unapplied") or key[1].startswith(("customer:", "fxp:", FEE)))


def simple(rate):
    mantissa, scale = rate
    while scale and mantissa % 10 == 0:
        mantissa, scale = mantissa // 10, scale - 1
    return mantissa, scale


def half_up(numerator, denominator):
    return (2 * numerator + denominator) // (2 * denominator)


def lawful_amounts(offer):
    """sIBS, dIBS and CAA from the fixed amount: Bookings.md, 1."""
    source, destination = Money(*offer["source"]), Money(*offer["destination"])
    credit, fee = Money(*offer["credit"]), Money(*offer["fee"])
    if credit.units <= 0 or credit.units != destination.units - fee.units:
        return False
    mantissa, scale = offer["rate"]
    shift = DIGITS.get(destination.currency, 2) - DIGITS.get(source.currency, 2) - scale
    up, down = 10 ** max(shift, 0), 10 ** max(-shift, 0)
    if offer["isSourceFixed"]:
        return destination.units == half_up(source.units * mantissa * up, down)
    return source.units == half_up(destination.units * down, mantissa * up)
