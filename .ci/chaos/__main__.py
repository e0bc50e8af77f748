#!/usr/bin/env python3
"""The region on its worst day: a load, real faults on real daemons, and what is left of it.

    python3 .ci/chaos [--kills 200] [--rate 40] [--seed N] [--data DIR]

Specs/Chaos.md says what is done and what must hold. Exits 0 when every check holds, 1 otherwise.
Needs Linux and a release build; as root also private mounts (a full disk).
"""
import argparse, asyncio, os, pathlib, random, secrets, shutil, statistics, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / ".ci" / "chaos")]

import disk, faults, links, load, region as regions, verdict

BEGIN = time.monotonic()


def say(text):
    print("%7.2f  %s" % (time.monotonic() - BEGIN, text), flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="kill -9 cycles")
    parser.add_argument("--rate", type=float, default=40, help="payments a second, evenly")
    parser.add_argument("--payments", type=int, default=0,
                        help="go on until so many were begun, also when all faults are done")
    parser.add_argument("--seed", type=int, default=None, help="of load and faults")
    parser.add_argument("--minutes", type=float, default=45, help="the longest the faults may take")
    parser.add_argument("--settle", type=float, default=180,
                        help="seconds after healing in which every payment must end")
    parser.add_argument("--topology", default=str(ROOT / "Nodes/topologies/strait.yaml"))
    parser.add_argument("--selat", default=str(ROOT / ".build/release/selat"))
    parser.add_argument("--data", help="kept; otherwise removed when all is well")
    return parser.parse_args()


def enter_own_namespace():
    """Mounts of this program are its own."""
    if os.geteuid() == 0 and disk.OUTSIDE not in os.environ and shutil.which("unshare"):
        os.environ[disk.OUTSIDE] = disk.namespace()
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable,
                              *sys.argv])


async def quiet(region, ceiling):
    """Waits until nothing is open or undelivered anywhere; what still is at the ceiling."""
    deadline = time.monotonic() + ceiling
    while True:
        states, left = await region.status(), []
        for node, state in states.items():
            if state is None:
                left.append("%s does not answer" % node)
                continue
            if state["openPayments"]:
                left.append("%s has %d open payments" % (node, state["openPayments"]))
            left += ["%s has %d undelivered to %s" % (node, link["undelivered"], link["node"])
                     for link in state["links"] if link["undelivered"] and link["node"] in states]
        if not left or time.monotonic() > deadline:
            return left
        await asyncio.sleep(0.1)


async def play(options, region, history):
    draw = random.Random("region %s" % options.seed)
    names = sorted(region.nodes)
    region.prepare()
    small = None
    if disk.is_private():
        small = draw.choice([name for name in names if name.startswith("ips-")])
        region.give_small_disk(small)
    between, ports = await links.between(region, random.Random("links %s" % options.seed))
    region.distribute(ports)
    plan, missing = faults.schedule(options.seed, options.kills, names, sorted(between), small)
    for kind in missing:
        say("SKIPPED: this machine can not do '%s' (see .ci/packages chaos; root)" % kind)
    say("seed %d: %d faults, %d of them kill -9, %g payments a second; small disk: %s" % (
        options.seed, len(plan), options.kills, options.rate, small or "none"))
    await region.start()
    customers = load.Load(region, options.rate, options.seed, history)
    await customers.prepare()
    injector = faults.Faults(region, customers, between, say)
    stop = asyncio.Event()
    running = asyncio.create_task(customers.run(stop))
    # Faults begin when payments are seen to pass every node that has bank or hub.
    for name in sorted({bank.node.name for bank in customers.banks} | {"hub"}):
        await asyncio.wait_for(customers.first_success(name), 60)
    begun = time.monotonic()
    await injector.run(plan, begun + options.minutes * 60)
    lasted = time.monotonic() - begun
    await injector.heal()
    healed = time.monotonic()
    await customers.reach(options.payments)
    stop.set()
    await running
    left = await customers.settle(options.settle)
    unquiet = await quiet(region, options.settle)
    say("healed; all quiet after %.1f s" % (time.monotonic() - healed))
    region.violations += ["I15 %s has no outcome %g s after the last fault" % (
        uetr, options.settle) for uetr in left]
    region.violations += ["I15 " + text for text in unquiet]
    accounts = {} if unquiet else await region.accounts()
    for node, code in (await region.stop()).items():
        if code:
            region.violations.append("%s ended with %s" % (node, code))
    return customers, injector, lasted, accounts


def report(customers, injector, lasted):
    print()
    say("faults in %.0f s:" % lasted)
    for kind, count in sorted(injector.counts.items(), key=lambda item: -item[1]):
        print("         %-12s %5d" % (kind, count))
    ends = {}
    for payment in customers.payments.values():
        end = payment.get("end", "open")
        ends[end] = ends.get(end, 0) + 1
    say("payments: %d begun: %s; %d found no quote" % (
        len(customers.payments), ", ".join("%s %d" % item for item in sorted(ends.items())),
        customers.unquoted))
    times = [seconds for _, seconds in injector.recoveries]
    if times:
        say("from a kill to the first payment over that node that succeeds: "
            "min %.2f s, median %.2f s, max %.2f s (%d kills)" % (
                min(times), statistics.median(times), max(times), len(times)))
        for name in sorted({name for name, _ in injector.recoveries}):
            own = [seconds for node, seconds in injector.recoveries if node == name]
            print("         %-12s %5.2f %5.2f %5.2f   (%d)" % (
                name, min(own), statistics.median(own), max(own), len(own)))
    if injector.starts:
        say("from start to standing: median %.2f s, max %.2f s" % (
            statistics.median(injector.starts), max(injector.starts)))


def main():
    options = arguments()
    enter_own_namespace()
    if options.seed is None:
        options.seed = secrets.randbelow(1 << 32)
    # A socket's path is at most 107 bytes, so the directory is near the root.
    directory = pathlib.Path(options.data or tempfile.mkdtemp(prefix="chaos-")).resolve()
    region = regions.Region(options.selat, options.topology, directory)
    history = str(directory) + ".history.jsonl"
    customers, injector, lasted, accounts = asyncio.run(play(options, region, history))
    report(customers, injector, lasted)
    region.violations += verdict.violations(region, history, accounts, say)
    for text in region.violations:
        print("VIOLATION " + text)
    say("seed %d: %s" % (options.seed, "%d violations; the region is in %s, the history in %s" % (
        len(region.violations), directory, history) if region.violations else "no violation"))
    if not region.violations and not options.data:
        shutil.rmtree(directory)
        os.unlink(history)
    sys.exit(1 if region.violations else 0)


if __name__ == "__main__":
    main()
