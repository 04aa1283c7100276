"""One program under measurement: a process that runs when it is told to."""

import json
import subprocess
import tempfile
import threading


class Unavailable(Exception):
    """The program is not there, can't run here, or stopped answering."""


class Served:
    def __init__(self, contender, timeout):
        self.contender, self.timeout = contender, timeout
        self.rounds, self.parts, self.peak_bytes, self.gigaflop = [], {}, None, None
        self.errors = tempfile.TemporaryFile(mode="w+")
        try:
            self.process = subprocess.Popen(
                contender.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.errors,
                text=True,
                encoding="utf-8",
            )
        except OSError as error:
            raise Unavailable(f"{contender.command[0]}: {error.strerror}") from error
        self.name = f"{self.answer('ready')['ready']} {contender.label}".rstrip()

    def turn(self, runs):
        """`runs` runs, kept as one round."""
        try:
            self.process.stdin.write(f"run {runs}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the answer, which will be missing, tells why
        answer = self.answer("ms")
        self.rounds.append(answer["ms"])
        for name, times in answer.get("parts", {}).items():
            self.parts.setdefault(name, []).append(times)
        self.peak_bytes = answer.get("peak_bytes", self.peak_bytes)
        self.gigaflop = answer.get("gigaflop", self.gigaflop)

    def answer(self, key):
        """The next line, which must have `key`."""
        watchdog = threading.Timer(self.timeout, self.process.kill)
        watchdog.start()
        try:
            line = self.process.stdout.readline()
        finally:
            watchdog.cancel()
        try:
            answer = json.loads(line)
        except json.JSONDecodeError:
            answer = {}
        if key in answer:
            return answer
        self.process.kill()
        status = self.process.wait()
        self.errors.seek(0)
        lines = [text.strip() for text in self.errors if text.strip()]
        raise Unavailable(answer.get("error") or (lines[-1] if lines else f"ended with status {status}"))

    def quit(self):
        try:
            self.process.communicate("quit\n", timeout=30)
        except (subprocess.TimeoutExpired, OSError, ValueError):
            self.process.kill()
            self.process.wait()
