#!/usr/bin/env python3
"""CausalGap beside its peers, in one command: programs take turns A B C A B C …, so a machine that slows down slows all.

Prints for every suite each program's milliseconds and how many times as long it took as ours, as median [min, max], ratios
round by round. A peer that is not there or fails is named and left out. The README beside this says how to install them.
"""

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

from comparison import compare, table
from contenders import suites
from served import Served, Unavailable

ROOT = Path(__file__).resolve().parents[1]


def say(text):
    print(text, file=sys.stderr, flush=True)


def measure(suite, options, skipped):
    """The suite's programs with their rounds. They are started one after the other: a warm-up disturbs nobody."""
    programs = []

    def leave_out(command, reason):
        say(f"  left out: {' '.join(command)}: {reason}")
        skipped.append({"suite": suite.name, "command": command, "reason": str(reason)})

    for contender in suite.contenders:
        try:
            programs.append(Served(contender, options.timeout))
            say(f"  ready: {programs[-1].name}")
        except Unavailable as reason:
            leave_out(contender.command, reason)
    try:
        for turn in range(options.rounds or suite.rounds):
            say(f"  round {turn + 1}")
            for program in list(programs):
                # Worker threads of the one before may still be spinning.
                time.sleep(options.pause)
                try:
                    program.turn(options.runs or suite.runs)
                except Unavailable as reason:
                    leave_out(program.contender.command, reason)
                    programs.remove(program)
    finally:
        for program in programs:
            program.quit()
    return programs


def machine():
    names = [line.split(":", 1)[1].strip() for line in cpu_lines() if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(terse=True),
        "load_before": os.getloadavg()[0],
    }


def cpu_lines():
    try:
        return Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return []


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", nargs="*", help="step, gpt2-step, evaluation, analysis, ablations, matmul; all by default")
    parser.add_argument("--binary", default=str(ROOT / ".build/release/causalgap"), help="ours, a release build")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has the peers' packages")
    parser.add_argument("--device", action="append", help="of ours; cpu and opencl by default")
    parser.add_argument("--opencl-device", default="0:0", help="CLBlast's, PLATFORM:DEVICE")
    parser.add_argument("--rounds", type=int, help="of every suite, instead of its own number")
    parser.add_argument("--runs", type=int, help="a turn, instead of the suite's own number")
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between turns")
    parser.add_argument("--timeout", type=float, default=1800, help="seconds after which a program is given up")
    parser.add_argument("--output", help="a JSON file for all results")
    options = parser.parse_args()
    options.device = options.device or ["cpu", "opencl"]
    chosen = suites(options)
    known = [suite.name for suite in chosen]
    for name in options.suite:
        if name not in known:
            parser.error(f"there is no suite '{name}'; the suites are {', '.join(known)}")
    return options, [suite for suite in chosen if not options.suite or suite.name in options.suite]


def main():
    options, chosen = parsed()
    description, results, skipped = machine(), [], []
    if description["load_before"] > 0.3:
        say(
            f"note: the load is {description['load_before']:.1f} before anything was started: other programs run, "
            "and these times are not to be kept"
        )
    for suite in chosen:
        say(f"{suite.name}: {suite.title}")
        programs = measure(suite, options, skipped)
        if programs:
            results.append(compare(suite, programs))
            print(table(results[-1]), flush=True)
    for entry in skipped:
        print(f"left out of {entry['suite']}: {' '.join(entry['command'])}: {entry['reason']}")
    if options.output:
        text = json.dumps({"machine": description, "suites": results, "left_out": skipped}, indent=2, ensure_ascii=False)
        Path(options.output).write_text(text + "\n", encoding="utf-8")
    return 0 if results else 1


if __name__ == "__main__":
    sys.exit(main())
