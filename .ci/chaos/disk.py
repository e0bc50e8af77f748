"""Disks that fill up, writes and syncs that fail, for nodes that know nothing of it."""
import asyncio, os, signal, subprocess

# A node's own file system: in memory, in this program's own mount namespace.
LARGEST = 2 << 30


# The namespace from which this program went into its own.
OUTSIDE = "SELAT_CHAOS_OUTSIDE"


def namespace():
    return os.readlink("/proc/self/ns/mnt")


def is_private():
    """Whether mounts made here are seen here only."""
    return os.environ.get(OUTSIDE, namespace()) != namespace()


def mount(path):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%d,mode=700" % LARGEST, "chaos", path],
                   check=True)


def unmount(path):
    """What is in it stays, on the disk below."""
    kept = path.with_name(path.name + ".kept")
    subprocess.run(["cp", "-a", str(path), str(kept)], check=True)
    subprocess.run(["umount", str(path)], check=True)
    path.rmdir()
    kept.rename(path)


def fill(path):
    """No page is left: the file system shrinks to what is used. What is written meanwhile makes
    the kernel refuse, so it is tried again."""
    for _ in range(100):
        state = os.statvfs(path)
        used = (state.f_blocks - state.f_bfree) * state.f_frsize
        if subprocess.run(["mount", "-o", "remount,size=%d" % (used + 4096), path],
                          stderr=subprocess.DEVNULL).returncode == 0:
            return
    raise RuntimeError("%s can not be filled" % path)


def empty(path):
    subprocess.run(["mount", "-o", "remount,size=%d" % LARGEST, path], check=True)


SYNC, WRITE = "fsync,fdatasync", "pwrite64"


class FailingCalls:
    """From now on these system calls of a running process give EIO and do nothing: each of them,
    or the first of each thread only, after which all is well again."""

    def __init__(self, node, calls, only_first):
        self.node, self.file = node, str(node.directory / "strace.out")
        self.calls, self.when = calls, ":when=1" if only_first else ""

    async def attach(self):
        self.tracer = await asyncio.create_subprocess_exec(
            "strace", "-f", "-qq", "-p", str(self.node.pid), "-o", self.file,
            "-e", "trace=" + self.calls,
            "-e", "inject=" + self.calls + ":error=EIO" + self.when,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def injected(self):
        try:
            with open(self.file, errors="replace") as file:
                return file.read().count("(INJECTED)")
        except OSError:
            return 0

    async def detach(self):
        if self.tracer.returncode is None:
            self.tracer.send_signal(signal.SIGINT)
        await self.tracer.wait()
