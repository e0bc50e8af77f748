"""What must hold afterwards, seen from outside: by the product's own checker, and by one that
shares no code with it and holds the books against what the clients were told."""
import asyncio, json, pathlib, subprocess, sys

LEDGER = pathlib.Path(__file__).resolve().parents[2] / "Specs" / "Samples" / "ledger"


def arguments(region, *more):
    return [sys.executable, str(LEDGER), "--data", str(region.directory), "--json", *more]


def broken(summary):
    return ["%(law)s %(node)s %(uetr)s: expected %(expected)s; found %(found)s" % entry
            for entry in summary["violations"]]


async def at_work(region, say):
    """Both checkers over the databases of running nodes, in the middle of it all."""
    region.announce()
    for title, command in (
            ("independent checker", arguments(region)),
            ("selat ledger check", [region.selat, "ledger", "check", "--json", "--data",
                                    str(region.directory)])):
        process = await asyncio.create_subprocess_exec(
            *command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        output, errors = await process.communicate()
        try:
            found = json.loads(output)
        except ValueError:
            region.violations.append("%s, at work: %s" % (title, errors.decode()))
            continue
        say("%s, at work: %s; %d payments, %d of them under way" % (
            title, "lawful" if found["lawful"] else "UNLAWFUL", found["payments"],
            len(found["inFlight"])))
        region.violations += ["at work, %s: %s" % (title, json.dumps(entry, sort_keys=True))
                              for entry in found["violations"]]


def violations(region, history, accounts, say):
    found = []
    done = region.run("ledger", "check", "--json")
    try:
        own = json.loads(done.stdout)
        say("selat ledger check: %s; %d payments, %d journals, %d messages" % (
            "lawful" if own["lawful"] else "UNLAWFUL", own["payments"], own["journals"],
            own["messages"]))
        found += ["%(law)s %(place)s %(uetr)s: %(text)s" % entry for entry in own["violations"]]
    except (ValueError, KeyError):
        return ["selat ledger check ended with %d: %s" % (done.returncode, done.stderr)]
    done = subprocess.run(arguments(region, "--history", history, "--balances"),
                          capture_output=True, text=True)
    try:
        other = json.loads(done.stdout)
    except ValueError:
        return found + ["the independent checker ended with %d: %s" % (
            done.returncode, done.stderr)]
    say("independent checker: %s; %d payments, %d journals, %d messages; clients: %s" % (
        "lawful" if other["lawful"] else "UNLAWFUL", other["payments"], other["journals"],
        other["messages"], ", ".join("%s %d" % item for item in sorted(other["clients"].items()))))
    found += broken(other)
    for count in ("payments", "journals", "messages"):
        if own[count] != other[count]:
            found.append("the checkers count %d and %d %s" % (own[count], other[count], count))
    # Every currency of the region has two digits after the point.
    for account, amount in accounts.items():
        units = int(amount.replace(".", ""))
        if other["balances"].get(account) != units:
            found.append("%s says %d of %s, its database %s" % (
                account.split("/")[0], units, account, other["balances"].get(account)))
    say("balances: %d accounts told by their nodes are what the databases give" % len(accounts))
    return found
