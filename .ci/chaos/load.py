"""An open-loop load of customers, and their history: what each was told, one JSON line a piece.

`invoke` before an order leaves, with the quoted amounts; then one of `ok` (credited), `blocked`
(the creditor agent holds the money), `fail` (rejected), or `absent` (the outcome was unknown, and
at the end nobody knew the payment). `taken` and `info` stand in between: the debtor agent has
promised to carry it out; the client does not know.
"""
import asyncio, decimal, json, random, re, time, uuid

from channel import Unreachable

# What a payment is about, in the currency's units; enough to survive every fee.
AMOUNTS = {"SGD": (8, 60), "THB": (200, 1500), "MYR": (25, 180)}
OUTCOMES = {"completed": "ok", "blocked": "blocked", "rejected": "fail"}


class Bank:
    """An institution with customers, as its node's file says."""

    def __init__(self, node, country, currency, bicfi, customers):
        self.node, self.country, self.currency = node, country, currency
        self.bicfi, self.customers = bicfi, customers
        self.open = [account for account, status in customers if status == "open"]
        # The creditor agent holds what comes for this one: BLCK.
        self.held = self.open[-1] if len(self.open) > 1 else None
        self.shut = [account for account, status in customers if status != "open"] + ["99000099"]


def banks(region):
    found = []
    for node in region.nodes.values():
        system = re.search(r"^  country: *(\w\w)", node.text, re.M)
        currency = re.search(r"^  currency: *(\w+)", node.text, re.M)
        for entry in re.split(r"^  - (?=bicfi:)", node.text, flags=re.M)[1:]:
            customers = [
                (account[1], (re.search(r"status: *(\w+)", piece) or (0, "open"))[1])
                for piece in re.split(r"(?=- account: )", entry)
                if (account := re.match(r"- account: *'(\w+)'", piece))]
            if customers and system:
                found.append(Bank(node, system[1], currency[1],
                                  re.match(r"bicfi: *(\w+)", entry)[1], customers))
    return found


class Load:
    def __init__(self, region, rate, seed, file):
        self.region, self.rate, self.seed = region, rate, seed
        self.banks, self.file = banks(region), open(file, "w", encoding="ascii")
        self.payments, self.open, self.unquoted, self.tasks = {}, set(), 0, set()
        self.watchers, self.is_closing = [], False

    # History

    def note(self, event, uetr, **more):
        line = {"at": time.time_ns(), "event": event, "uetr": uetr, **more}
        self.file.write(json.dumps(line) + "\n")
        payment = self.payments.setdefault(uetr, {"events": []})
        payment["events"].append(event)
        if event in ("ok", "blocked", "fail", "absent"):
            self.open.discard(uetr)
            payment["end"] = event
        if event == "invoke":
            payment.update(more)
            self.open.add(uetr)
        if event == "ok":
            for begun, nodes, future in self.watchers:
                if not future.done() and payment["due"] >= begun and nodes <= payment["path"]:
                    future.set_result(time.monotonic())

    async def reach(self, number):
        """Until so many payments have begun."""
        while len(self.payments) < number:
            future = asyncio.get_running_loop().create_future()
            self.watchers.append((0, set(), future))
            await asyncio.wait_for(future, 60)

    def first_success(self, node):
        """When the first payment that begins from now on and passes the node has succeeded."""
        self.watchers = [entry for entry in self.watchers if not entry[2].done()]
        future = asyncio.get_running_loop().create_future()
        self.watchers.append((time.monotonic(), {node}, future))
        return future

    # Pace

    async def prepare(self):
        """Enough money for the whole run, but for the last customer of each bank, whose credits
        are held; and two banks that think for a while, so that more is under way."""
        for bank in self.banks:
            for account in bank.open:
                if account != bank.held:
                    await self.tell(bank, "fund", {
                        "account": "customer:" + account, "amount": "1000000.00",
                        "currency": bank.currency})
            if bank.held:
                await self.script(bank, "creditor:" + bank.held, {"kind": "block"})
        draw = random.Random("banks %s" % self.seed)
        for bank in draw.sample(self.banks, 2):
            await self.script(bank, "creditor", {
                "kind": "delay", "milliseconds": draw.randrange(100, 1500)})

    async def script(self, bank, key, outcome):
        await self.tell(bank, "script", {"key": key, "outcome": outcome})

    @staticmethod
    async def tell(bank, operation, body):
        status, answer = await bank.node.channel.ask("operator", bank.bicfi, operation, body)
        if status != 200:
            raise SystemExit("%s at %s: %s %s" % (operation, bank.bicfi, status, answer))

    async def run(self, stop):
        begin, number = time.monotonic(), 0
        while not stop.is_set():
            due = begin + number / self.rate
            number += 1
            try:
                await asyncio.wait_for(stop.wait(), max(due - time.monotonic(), 0))
            except asyncio.TimeoutError:
                task = asyncio.create_task(self.pay(due, self.draw(number)))
                self.tasks.add(task)
                task.add_done_callback(self.done)

    def done(self, task):
        self.tasks.discard(task)
        if not task.cancelled() and task.exception():
            self.region.violations.append("the client failed: %r" % task.exception())

    def draw(self, number):
        """The number-th payment: the same for the same seed, whatever became of those before."""
        random_ = random.Random("payment %s %d" % (self.seed, number))
        debtor, creditor = random_.sample(self.banks, 2)
        while debtor.country == creditor.country:
            debtor, creditor = random_.sample(self.banks, 2)
        payees = [account for account in creditor.open if account != creditor.held]
        payers = [account for account in debtor.open if account != debtor.held]
        if random_.random() < 0.05 and debtor.held:
            payers = [debtor.held]  # not always rich enough
        chance = random_.random()
        if chance < 0.1:
            payees = creditor.shut
        elif chance < 0.15 and creditor.held:
            payees = [creditor.held]
        lowest, highest = AMOUNTS[debtor.currency]
        cents = random_.randrange(lowest * 100, highest * 100)
        return {"debtor": debtor, "creditor": creditor,
                "debit": decimal.Decimal(cents).scaleb(-2),
                "from": random_.choice(payers), "to": random_.choice(payees),
                "high": random_.random() < 0.5 and creditor.country != "MY",
                "again": random_.random() < 0.1, "offer": random_.random(),
                "uetr": str(uuid.UUID(int=random_.getrandbits(128), version=4))}

    # One payment

    async def pay(self, due, plan):
        debtor, creditor, uetr = plan["debtor"], plan["creditor"], plan["uetr"]
        channel = debtor.node.channel
        try:
            status, fee = await channel.ask("operator", debtor.bicfi, "fee", {
                "amount": str(plan["debit"]), "currency": debtor.currency})
            amount = plan["debit"] - decimal.Decimal(fee["sourceFee"]["amount"])
            status, offers = await channel.ask(debtor.bicfi, "hub", "quotes", {
                "sourceCountry": debtor.country, "sourceCurrency": debtor.currency,
                "destinationCountry": creditor.country, "destinationCurrency": creditor.currency,
                "amountCurrency": debtor.currency, "amount": str(amount),
                "finInstIdType": "BICFI", "finInstId": debtor.bicfi})
        except (Unreachable, KeyError):
            self.unquoted += 1
            return
        if status != 200 or not offers["quotes"]:
            self.unquoted += 1
            return
        quote = offers["quotes"][int(plan["offer"] * len(offers["quotes"]))]
        self.note("invoke", uetr, due=due, debtor=[debtor.bicfi, plan["from"]],
                  creditor=[creditor.bicfi, plan["to"]], debit=str(plan["debit"]),
                  source=str(amount), sourceCurrency=debtor.currency,
                  destination=quote["creditorAgent"]["interbankSettlementAmount"]["amount"],
                  credit=quote["creditorAgent"]["creditorAccountAmount"]["amount"],
                  destinationCurrency=creditor.currency)
        self.payments[uetr]["path"] = {debtor.node.name, "hub", creditor.node.name,
                                       quote["fxpFinInstId"]} | self.between(debtor, creditor)
        try:
            status, body = await channel.ask("operator", debtor.bicfi, "pay", {
                "uetr": uetr, "debtorAccount": plan["from"], "quote": quote,
                "debtorAccountAmount": {"amount": str(plan["debit"]), "currency": debtor.currency},
                "creditor": {"name": "Invented Payee", "account": plan["to"],
                             "agent": creditor.bicfi},
                "priority": "HIGH" if plan["high"] else "NORM"})
        except Unreachable:
            status, body = 503, {}
        if status == 200:
            self.note("taken", uetr)
        elif status == 503:
            self.note("info", uetr)
        else:
            return self.note("fail", uetr, reason=body.get("reason") or body.get("error"))
        if plan["again"] and status == 200:
            try:
                await channel.ask("operator", debtor.bicfi, "resend", {"uetr": uetr})
            except Unreachable:
                pass
        await self.follow(uetr, debtor)

    @staticmethod
    def between(*parties):
        """An external participant's country lies on its payments' way."""
        return {bank.node.dials for bank in parties if bank.node.dials not in (None, "hub")}

    async def follow(self, uetr, debtor):
        pause = 0.02
        while True:
            try:
                status, body = await debtor.node.channel.ask(
                    "operator", debtor.bicfi, "payment", {"uetr": uetr})
            except Unreachable:
                status, body = 503, {}
            if status == 200 and body["isFinal"]:
                state = body["state"].lower()
                return self.note(OUTCOMES.get(state, state), uetr, reason=body.get("reason"),
                                 debited=body.get("debtorAccountAmount"))
            if status == 404 and "taken" in self.payments[uetr]["events"]:
                self.region.violations.append("I4 %s: %s had taken it and knows it no more" % (
                    uetr, debtor.bicfi))
                return self.note("absent", uetr)
            if status == 404 and self.is_closing:
                return self.note("absent", uetr)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 1)

    async def settle(self, ceiling):
        """Follows every payment to its end; those that have none by then."""
        self.is_closing = True
        if self.tasks:
            await asyncio.wait(set(self.tasks), timeout=ceiling)
        for task in self.tasks:
            task.cancel()
        self.file.flush()
        return sorted(self.open)
