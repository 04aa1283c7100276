"""The readers under libFuzzer with Address Sanitizer.

What a target found interesting is kept in .build-fuzz/corpora, the number of executions in .build-fuzz/executions, and an
input that it stopped at in .build-fuzz/findings.
"""

import re
import shutil
import subprocess
import time
from pathlib import Path

from building import CORPORA, ROOT, environment, fuzzer
from rows import Row

# In the order of Tests/FuzzTargets/FuzzTarget.swift, each with the length of its longest input.
LONGEST = {"safetensors": 400, "checkpoint": 1000, "record": 5000, "files": 2048, "options": 400}
TARGETS = list(LONGEST)
WORK = ROOT / ".build-fuzz"
DICTIONARIES = Path(__file__).resolve().parent / "dictionaries"
# The seconds after which the processes of a target end and begin anew: little is lost when a run is interrupted.
PIECE = 600


class Target:
    def __init__(self, name, program, jobs):
        self.name = name
        self.program = program
        self.jobs = jobs
        self.grown = WORK / "corpora" / name
        self.findings = WORK / "findings" / name
        self.counts = WORK / "executions" / name
        self.edges = 0
        for folder in (self.grown, self.findings, self.counts.parent):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def done(self):
        """The executions, and the seconds of all processes, of all runs so far."""
        lines = self.counts.read_text().splitlines() if self.counts.exists() else []
        return [sum(int(line.split()[column]) for line in lines) for column in range(2)]

    def command(self, *options):
        return [
            str(self.program), *options, f"-max_len={LONGEST[self.name]}", "-timeout=30", "-report_slow_units=1000", "-rss_limit_mb=3000",
            "-malloc_limit_mb=1000", f"-artifact_prefix={self.findings}/", str(self.grown), str(CORPORA / self.name),
        ]

    def piece(self, *limits, jobs=1):
        """Runs some processes of the fuzzer at once and counts. Returns whether they found nothing."""
        began = time.monotonic()
        command = self.command(
            *limits, "-reload=0", "-print_final_stats=1", f"-dict={DICTIONARIES / self.name}.dict")
        logs = [WORK / "findings" / f"{self.name}-{job}.log" for job in range(jobs)]
        processes = []
        for log in logs:
            with log.open("wb") as out:
                processes.append(
                    subprocess.Popen(command, env=environment(self.name), stdout=out, stderr=out, cwd=WORK))
        codes = [process.wait() for process in processes]
        seconds = round(time.monotonic() - began)
        for log in logs:
            self.count(log.read_text(errors="replace"), seconds)
        print(f"{self.name}: {self.done[0]:,} executions", flush=True)
        return not any(codes)

    def count(self, text, seconds):
        if executions := re.search(r"number_of_executed_units: *(\d+)", text):
            with self.counts.open("a") as file:
                print(executions[1], seconds, file=file)
        self.edges = max([self.edges, *map(int, re.findall(r"cov: (\d+)", text))])

    def run(self, executions, minutes):
        """The corpora, and then inputs of the fuzzer's own, up to a number or for a time."""
        if self.piece("-runs=0"):
            end = time.monotonic() + minutes * 60 if minutes else float("inf")
            if not minutes and not executions:
                executions = self.done[0] + 1_000_000
            while True:
                # libFuzzer counts to 2³¹.
                left = min(1 << 30, executions - self.done[0]) if executions else 1 << 30
                seconds = round(min(PIECE, end - time.monotonic()))
                if left <= 0 or seconds < 1:
                    break
                limits = [f"-runs={-(-left // self.jobs)}", f"-max_total_time={seconds}"]
                if not self.piece(*limits, jobs=self.jobs):
                    break
        return self.row

    @property
    def row(self):
        executions, seconds = self.done
        rate = executions / max(1, seconds)
        found = [path.relative_to(ROOT) for path in sorted(self.findings.iterdir())]
        return Row(
            f"fuzz {self.name}",
            f"{executions:,} executions, {rate:,.0f}/s of a process, {self.edges:,} edges", found)

    def merge(self):
        """Replaces the committed corpus by one that reaches the same as all inputs together, of short inputs."""
        committed, merged = CORPORA / self.name, WORK / "merged" / self.name
        shutil.rmtree(merged, ignore_errors=True)
        merged.mkdir(parents=True)
        command = [
            str(self.program), "-set_cover_merge=1", f"-max_len={LONGEST[self.name]}", str(merged), str(committed),
            str(self.grown)]
        subprocess.run(command, check=True, env=environment(self.name), cwd=WORK, stderr=subprocess.DEVNULL)
        for path in committed.iterdir():
            path.unlink()
        for path in merged.iterdir():
            (committed / path.name[:12]).write_bytes(path.read_bytes())


def run(given):
    targets = [Target(name, fuzzer(".build-fuzz", ["--sanitize=address"], name), given.jobs) for name in given.targets]
    rows = [target.run(given.executions, given.minutes) for target in targets]
    if given.merge:
        for target in targets:
            target.merge()
    return rows
