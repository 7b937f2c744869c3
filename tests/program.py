"""The millrace program under test: run it to its end, or start it, ask it and stop it.

Everything that a started program prints goes to a file; when a wait fails, the end of that file is in the message.
"""
import os
import signal
import subprocess
import time
from pathlib import Path


class Running:
    """A started millrace. stop() is SIGTERM and must end in exit 0; kill() is SIGKILL."""

    def __init__(self, command: list, log: Path, **options):
        self.log = log
        with open(log, "ab") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, **options)

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def wait_until(self, condition, what: str, seconds: float = 60):
        """The first true answer of condition(); fails when the program ends or the time is over before that."""
        deadline = time.monotonic() + seconds
        while True:
            answer = condition()
            if answer:
                return answer
            ended = self.process.poll()
            if ended is not None or time.monotonic() > deadline:
                why = f"millrace ended with {ended}" if ended is not None else f"not within {seconds} s"
                raise AssertionError(f"{what}: {why}; its last lines:\n" + "\n".join(self.output.splitlines()[-40:]))
            time.sleep(0.05)  # between two looks

    def wait_for_line(self, text: str, seconds: float = 60) -> str:
        """The first line of the output that holds `text`."""
        return self.wait_until(lambda: next((line for line in self.output.splitlines() if text in line), None),
                               f"a line with {text!r}", seconds)

    def stop(self, seconds: float = 30) -> int:
        """Asks it to drain and end; its exit code."""
        if self.running:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"millrace did not end within {seconds} s of SIGTERM; its last lines:\n"
                                 + "\n".join(self.output.splitlines()[-40:])) from None

    def kill(self) -> None:
        if self.running:
            self.process.kill()
        self.process.wait()

    def resident_bytes(self) -> int:
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


class Millrace:
    """The executable of the build under test, and a folder for what its runs print."""

    def __init__(self, path: Path, folder: Path):
        self.path = path
        self.folder = folder
        self.started: list[Running] = []

    def run(self, *arguments, seconds: float = 60, **options) -> subprocess.CompletedProcess:
        """Runs `millrace ARGUMENT...` to its end; output as text. The exit code is the caller's to look at."""
        options = {"stdin": subprocess.DEVNULL, "text": True, "capture_output": True} | options
        if "input" in options:
            del options["stdin"]
        return subprocess.run([self.path, *map(str, arguments)], timeout=seconds, **options)

    def start(self, *arguments, name: str = "", **options) -> Running:
        """Starts `millrace ARGUMENT...`; it is killed at the test's end if it still runs."""
        log = self.folder / f"{name or 'millrace'}-{len(self.started)}.log"
        self.started.append(Running([str(self.path), *map(str, arguments)], log, **options))
        return self.started[-1]

    def close(self) -> None:
        for each in self.started:
            each.kill()
