"""A region whose nodes are this program's own children, each with a data directory of its own."""
import asyncio, json, os, pathlib, re, signal, subprocess, time

import clocks, disk
from channel import Channel, Unreachable

# The longest wait for a node to stand, or to end when it was asked to.
PATIENCE = 60


class Node:
    def __init__(self, region, name, file):
        self.region, self.name, self.file = region, name, file
        self.directory = region.directory / "nodes" / name
        self.channel = Channel(str(self.directory / (name + ".sock")))
        self.process, self.skew, self.starts = None, 0, 0
        self.busy = asyncio.Lock()  # one fault at a time that starts or ends it
        self.ready = asyncio.Event()
        # The one process that may end; the end of any other is a violation. It stays excused, since
        # its end can be known to others before `watch` is told.
        self.excused = None
        self.text = pathlib.Path(file).read_text()

    @property
    def dials(self):
        return "hub" if re.search(r"^hub: *{", self.text, re.M) else (
            match[1] if (match := re.search(r"^link: *{ *node: *([a-z0-9-]+)", self.text, re.M))
            else None)

    @property
    def pid(self):
        return self.process.pid if self.process else None

    async def start(self, skew=0):
        """Starts it, and returns when it stands; False when it ended before."""
        ready = self.directory / (self.name + ".ready")
        ready.unlink(missing_ok=True)
        environment = self.region.clocks.environment(skew) if skew else dict(os.environ)
        self.skew, self.starts = skew, self.starts + 1
        log = open(self.directory / (self.name + ".log"), "ab")
        self.process = process = await asyncio.create_subprocess_exec(
            self.region.selat, "run", self.file, "--data", str(self.directory),
            "--log-level", "notice", env=environment, stdin=subprocess.DEVNULL,
            stdout=log, stderr=log)
        log.close()
        asyncio.create_task(self.watch(process))
        deadline = time.monotonic() + PATIENCE
        while not ready.exists():
            if process.returncode is not None:
                return False
            if time.monotonic() > deadline:
                raise SystemExit("%s does not stand after %s s; see %s" % (
                    self.name, PATIENCE, self.directory))
            await asyncio.sleep(0.005)
        self.ready.set()
        return True

    async def watch(self, process):
        code = await process.wait()
        if process is self.process:
            self.ready.clear()
        if process is not self.excused:
            self.region.violations.append("%s ended by itself with %s; see its log, %s" % (
                self.name, code, self.directory / (self.name + ".log")))

    def excuse(self):
        """Its process may end from now on, unless it has already; the process."""
        if self.process.returncode is None:
            self.excused = self.process
        return self.process

    async def end(self, number):
        """Signals it and waits for its end; the exit code."""
        process = self.excuse()
        self.ready.clear()
        if process.returncode is None:
            process.send_signal(number)
        try:
            return await asyncio.wait_for(process.wait(), PATIENCE)
        except asyncio.TimeoutError:
            process.kill()
            self.region.violations.append("%s did not end in %s s" % (self.name, PATIENCE))
            return await process.wait()

    def signal(self, number):
        if self.process and self.process.returncode is None:
            self.process.send_signal(number)

    def log_tail(self, lines=4):
        text = (self.directory / (self.name + ".log")).read_text(errors="replace")
        return text.strip().splitlines()[-lines:]


class Region:
    def __init__(self, selat, topology, directory):
        self.selat, self.topology = str(pathlib.Path(selat).resolve()), pathlib.Path(topology)
        self.directory, self.violations, self.nodes = pathlib.Path(directory), [], {}
        self.clocks, self.small = clocks.Clocks(), None
        for file in re.findall(r"^ *- +(\S+\.yaml)", self.topology.read_text(), re.M):
            path = (self.topology.parent / file).resolve()
            node = re.search(r"^node: *(\S+)", path.read_text(), re.M)[1]
            self.nodes[node] = Node(self, node, str(path))

    def run(self, *arguments):
        return subprocess.run([self.selat, *arguments, "--data", str(self.directory)],
                              capture_output=True, text=True)

    def prepare(self):
        """Certificates, ports and opened books, made by the product's own commands."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(self.directory.iterdir()):
            raise SystemExit("%s is not empty" % self.directory)
        for command in (("up", str(self.topology), "--detach"), ("down",)):
            done = self.run(*command)
            if done.returncode:
                raise SystemExit("selat %s: %s" % (" ".join(command), done.stderr))
        for node in self.nodes.values():
            node.directory.mkdir(mode=0o700, parents=True)

    def distribute(self, ports):
        """Gives each node its own directory; `ports`: what each dials, by (node, peer)."""
        listening = json.loads((self.directory / "endpoints.json").read_text())
        for node in self.nodes.values():
            own = {peer: {"host": "127.0.0.1", "port": ports.get((node.name, peer), at["port"])}
                   for peer, at in listening.items()}
            (node.directory / "endpoints.json").write_text(json.dumps(own))
            (node.directory / "pki").symlink_to(self.directory / "pki")
            self.move(node, self.directory, node.directory)
            # 'selat ledger check' finds each database where it looks for it.
            (self.directory / (node.name + ".sqlite")).symlink_to(
                node.directory / (node.name + ".sqlite"))

    @staticmethod
    def move(node, source, target):
        for file in source.glob(node.name + ".sqlite*"):
            if not file.is_symlink():
                subprocess.run(["mv", str(file), str(target)], check=True)

    def endpoint(self, node):
        return json.loads((self.directory / "endpoints.json").read_text())[node]["port"]

    async def start(self):
        for node in self.nodes.values():
            if not await node.start():
                raise SystemExit("%s does not start: %s" % (node.name, node.log_tail()))

    async def stop(self):
        """Ends every node in order; the exit codes."""
        for node in self.nodes.values():
            await node.channel.close()
        (self.directory / "ready.json").unlink(missing_ok=True)
        codes = {node.name: await node.end(signal.SIGTERM)
                 for node in reversed(self.nodes.values())}
        self.clocks.close()
        if self.small:
            disk.unmount(self.small.directory)
        return codes

    def give_small_disk(self, name):
        """A file system of its own, that can be filled up; before anything is in it."""
        self.small = self.nodes[name]
        disk.mount(str(self.small.directory))

    def announce(self):
        """`ready.json` says that the region is at work: Specs/Protocol/CommandLine.md. The nodes'
        processes come and go; what lasts, and starts them again, is this one."""
        stat = pathlib.Path("/proc/self/stat").read_text()
        (self.directory / "ready.json").write_text(json.dumps({
            "schema": "selat.ready/1", "topology": str(self.topology.resolve()),
            "since": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            "nodes": [{"node": next(iter(self.nodes)), "kind": "hub", "pid": os.getpid(),
                       "pidStarted": int(stat.rpartition(")")[2].split()[19]), "host": None,
                       "port": None, "parties": [], "certificate": ""}]}))

    async def accounts(self):
        """What every party says of its accounts: the posted amount by book, name and currency."""
        found = {}
        for node, state in (await self.status()).items():
            for party in state["parties"]:
                status, body = await self.nodes[node].channel.ask("operator", party, "accounts", {})
                for entry in body["accounts"] if status == 200 else ():
                    found["/".join((party, entry["account"], entry["currency"]))] = entry["posted"]
        return found

    async def status(self):
        """What each node says of itself; None for one that does not answer."""
        async def one(node):
            try:
                return (await node.channel.ask("operator", "operator", "status", {}, 5))[1]
            except Unreachable:
                return None
        nodes = list(self.nodes.values())
        return dict(zip(self.nodes, await asyncio.gather(*map(one, nodes))))
