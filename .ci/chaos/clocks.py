"""Wrong clocks for single nodes, by libfaketime."""
import os, pathlib, shutil, subprocess, time

LIBRARY = pathlib.Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
SHARED = b"FAKETIME_SHARED="


def is_possible():
    return LIBRARY.exists() and shutil.which("faketime") is not None


class Clocks:
    """What libfaketime shares between processes. Without it the library makes its own and moves
    the environment to do so, after which a Swift program finds no arguments any more."""

    def __init__(self):
        self.keeper, self.shared = None, None

    def open(self):
        # `cat` waits for an end of input that comes with `close`.
        self.keeper = subprocess.Popen(["faketime", "-m", "-f", "+0s", "cat"],
                                       stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while self.shared is None and time.monotonic() < deadline:
            for process in self.own():
                for entry in (process / "environ").read_bytes().split(b"\0"):
                    if entry.startswith(SHARED):
                        self.shared = entry[len(SHARED):].decode()
            time.sleep(0.01)
        if self.shared is None:
            raise SystemExit("faketime does not start")

    def own(self):
        """The keeper and its children."""
        for process in pathlib.Path("/proc").iterdir():
            if process.name.isdigit():
                try:
                    parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
                except OSError:
                    continue
                if str(self.keeper.pid) in (process.name, parent):
                    yield process

    def environment(self, seconds):
        """For a process whose wall clock is to be that far off; its monotonic one stays true."""
        if self.shared is None:
            self.open()
        return dict(os.environ, LD_PRELOAD=str(LIBRARY), FAKETIME="%+ds" % seconds,
                    FAKETIME_SHARED=self.shared, DONT_FAKE_MONOTONIC="1",
                    FAKETIME_DONT_FAKE_MONOTONIC="1")

    def close(self):
        if self.keeper:
            self.keeper.stdin.close()
            self.keeper.wait()
