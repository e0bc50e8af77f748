"""The faults, drawn from the seed before anything runs, and how each is done and undone."""
import asyncio, collections, random, signal, shutil, time

import clocks, disk, region as regions, verdict

# Of a hundred faults that are no kills. What a machine lacks is left out, loudly.
SHARES = {"pause": 22, "cut": 14, "reset": 12, "silent": 8, "silent-to": 6, "silent-from": 6,
          "slow": 8, "thin": 4, "drip": 5, "clock": 6, "restart": 3, "sync": 3, "write": 2,
          "disk": 2}
# The longest wait after a kill for a payment over that node to succeed, in seconds.
RECOVERY = 60
# The longest a node may live on after a write or sync of its failed, in seconds.
AFTERLIFE = 20


def schedule(seed, kills, nodes, links, small):
    """(class, target, number, seconds): in this order; the kills are exactly as many as asked."""
    draw = random.Random("faults %s" % seed)
    shares = dict(SHARES)
    if not clocks.is_possible():
        shares.pop("clock")
    if not shutil.which("strace"):
        shares.pop("sync"), shares.pop("write")
    if small is None:
        shares.pop("disk")
    plan, left = [], kills
    # One of each first, so that a short run has seen them all.
    first = draw.sample(sorted(shares), len(shares))
    while left or first:
        if left and (not first or draw.random() < 0.5) and draw.random() < 0.7:
            left -= 1
            plan.append(("kill", draw.choice(nodes), draw.random(), draw.expovariate(4)))
            continue
        kind = first.pop() if first else draw.choices(list(shares), list(shares.values()))[0]
        target = small if kind == "disk" else draw.choice(
            links if kind in ("cut", "reset", "slow", "thin", "drip") or kind.startswith("silent")
            else nodes)
        plan.append((kind, target, draw.random(), min(draw.expovariate(0.7), 8)))
    return plan, sorted(set(SHARES) - set(shares))


class Faults:
    def __init__(self, region, load, links, say):
        self.region, self.load, self.links, self.say = region, load, links, say
        self.counts, self.recoveries = collections.Counter(), []
        self.starts, self.background = [], set()

    async def run(self, plan, deadline):
        """Kills one after another, each until payments pass again; the rest beside them."""
        for number, (kind, target, chance, seconds) in enumerate(plan):
            if time.monotonic() > deadline:
                self.say("time is up: %d of %d faults were done" % (number, len(plan)))
                break
            if number == len(plan) // 2:
                self.begin(verdict.at_work(self.region, self.say))
            self.say("%4d %-11s %-18s %.2f s" % (number + 1, kind, self.name(target), seconds))
            if kind == "kill" and chance > 0.85:
                # The next one dies while this one is not back.
                self.begin(self.kill(self.region.nodes[target], chance, seconds))
            elif kind == "kill":
                await self.kill(self.region.nodes[target], chance, seconds)
            else:
                self.begin(self.other(kind, target, chance, seconds))
                # So many at a time that payments still get through.
                while len(self.background) > 2:
                    await asyncio.wait(self.background, return_when=asyncio.FIRST_COMPLETED)
        if self.background:
            await asyncio.wait(set(self.background))

    def begin(self, work):
        task = asyncio.create_task(work)
        self.background.add(task)
        task.add_done_callback(self.finished)

    def finished(self, task):
        self.background.discard(task)
        if not task.cancelled() and task.exception():
            self.region.violations.append("a fault failed: %r" % task.exception())

    @staticmethod
    def name(target):
        return target if isinstance(target, str) else "%s-%s" % target

    async def kill(self, node, chance, seconds):
        async with node.busy:
            self.counts["kill"] += 1
            await node.end(signal.SIGKILL)
            killed = time.monotonic()
            success = self.load.first_success(node.name)
            await asyncio.sleep(min(seconds, 2))
            await self.stand(node, 0)
            self.starts.append(time.monotonic() - killed - min(seconds, 2))
        # Now and then the next one comes before this one is over.
        patience = RECOVERY if chance > 0.15 else chance * 4
        done, _ = await asyncio.wait({success}, timeout=patience)
        if done:
            self.recoveries.append((node.name, success.result() - killed))
        elif patience == RECOVERY:
            # Other faults may be the reason: they end, and then it must.
            if others := self.background - {asyncio.current_task()}:
                await asyncio.wait(others, timeout=RECOVERY)
            done, _ = await asyncio.wait({success}, timeout=RECOVERY)
            if done:
                self.recoveries.append((node.name, success.result() - killed))
            else:
                self.region.violations.append("no payment passed %s within %d s of its start" % (
                    node.name, RECOVERY))

    async def stand(self, node, skew):
        """Starts it until it stands; whoever kept it from standing ends by itself."""
        deadline = time.monotonic() + regions.PATIENCE
        while not await node.start(skew):
            if time.monotonic() > deadline:
                self.region.violations.append("%s does not start again: %s" % (
                    node.name, " | ".join(node.log_tail())))
                return
            await asyncio.sleep(0.2)

    async def other(self, kind, target, chance, seconds):
        self.counts[kind] += 1
        if isinstance(target, tuple):
            link = self.links[target]
            if kind == "reset":
                link.reset()
                return
            link.set(kind, delay=0.01 + chance * 0.2 if kind == "slow" else 0)
            await asyncio.sleep(seconds)
            link.set("sound")
            return
        node = self.region.nodes[target]
        async with node.busy:
            await getattr(self, kind)(node, chance, seconds)

    async def pause(self, node, chance, seconds):
        node.signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        node.signal(signal.SIGCONT)

    async def restart(self, node, chance, seconds):
        code = await node.end(signal.SIGTERM)
        if code != 0:
            self.region.violations.append("%s ended with %s on SIGTERM" % (node.name, code))
        await asyncio.sleep(seconds / 4)
        await self.stand(node, node.skew)

    async def clock(self, node, chance, seconds):
        """Comes back in another time, 1 to 8 seconds off, and later in the right one."""
        skew = round((chance - 0.5) * 16) or 1
        self.say("     %s gets a clock of %+d s" % (node.name, skew))
        await node.end(signal.SIGKILL)
        await self.stand(node, skew)
        await asyncio.sleep(seconds)
        await node.end(signal.SIGKILL)
        await self.stand(node, 0)

    async def sync(self, node, chance, seconds):
        await self.fail(node, disk.FailingCalls(node, disk.SYNC, chance < 0.5), seconds)

    async def write(self, node, chance, seconds):
        await self.fail(node, disk.FailingCalls(node, disk.WRITE, chance < 0.5), seconds)

    async def fail(self, node, failing, seconds):
        """It must end, loudly, though all may be well after that; and has lost nothing when it
        comes back."""
        process = node.excuse()
        await failing.attach()
        deadline = time.monotonic() + AFTERLIFE + seconds
        first = None
        while process.returncode is None and time.monotonic() < (first or deadline) + (
                AFTERLIFE if first else 0):
            if not first and failing.injected():
                first = time.monotonic()
            await asyncio.sleep(0.02)
        await failing.detach()
        injected = failing.injected()
        self.say("     %s: %d of %s failed%s, it ended with %s" % (
            node.name, injected, failing.calls, " (first only)" if failing.when else "",
            process.returncode))
        if injected and process.returncode is None:
            self.region.violations.append("%s lives on %d s after a failed %s" % (
                node.name, AFTERLIFE, failing.calls))
        await self.again(node, process)

    async def disk(self, node, chance, seconds):
        """No page left: it must end, loudly, or refuse; and it comes back when there is room."""
        process = node.excuse()
        disk.fill(str(node.directory))
        deadline = time.monotonic() + 4 + seconds
        while process.returncode is None and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        self.say("     %s: its disk was full, it %s" % (
            node.name, "stood" if process.returncode is None else
            "ended with %s" % process.returncode))
        await asyncio.sleep(seconds / 2)
        disk.empty(str(node.directory))
        await self.again(node, process)

    async def again(self, node, process):
        if process.returncode is None:
            await node.end(signal.SIGTERM)
        elif process.returncode <= 0:
            self.region.violations.append("%s did not refuse to go on, it ended with %s" % (
                node.name, process.returncode))
        await self.stand(node, 0)

    async def heal(self):
        """Every fault is undone: sound links, true clocks, all nodes at work."""
        for link in self.links.values():
            link.set("sound")
        for node in self.region.nodes.values():
            async with node.busy:
                node.signal(signal.SIGCONT)
                if node.process.returncode is not None or node.skew:
                    await node.end(signal.SIGTERM)
                    await self.stand(node, 0)
