"""Each call of the OpenCL library fails once, or it and all later ones: with one line that names the call, or not at all.

A study makes tens of thousands of calls, most of them in steps that are all alike. So of each function, the first calls are tried one
by one, and of the others some, evenly spread. The study is a small one on the OpenCL device of this machine.
"""

import os
import subprocess
from pathlib import Path

from compare import difference
from study import Study
from tally import EQUAL, REFUSED, WRONG, Trials, Verdict

OPTIONS = (
    "--quick --protocol paper --tasks reverse --seeds 1 --layers 1 --heads 2 --d-model 16 --d-ff 32 --batch-size 4 "
    "--max-steps 30 --device {device}"
)
# CL_OUT_OF_RESOURCES, CL_OUT_OF_HOST_MEMORY, CL_MEM_OBJECT_ALLOCATION_FAILURE, CL_DEVICE_NOT_AVAILABLE
STATUSES = [-5, -6, -4, -2]
# Calls of each function that are tried one by one, and how many of the others.
FIRST, OTHERS = 12, 12


def counts(file):
    found = {}
    for line in file.read_text().splitlines():
        name, number = line.split()
        found[name] = max(found.get(name, 0), int(number))
    return found


def cases_of(calls):
    for name, total in sorted(calls.items()):
        others = range(FIRST + 1, total + 1)
        step = max(1, len(others) // OTHERS)
        numbers = [*range(1, min(FIRST, total) + 1), *others[::step][:OTHERS]]
        for place, number in enumerate(numbers):
            yield name, number, STATUSES[place % len(STATUSES)], "good" if place % 3 == 2 else "once"


def run(trials, count, seed):
    here = Path(__file__).resolve().parent
    library = trials.work / "opencl-shim.so"
    subprocess.run(
        [os.environ.get("CC", "cc"), "-std=gnu11", "-O1", "-shared", "-fPIC", "-o", str(library), str(here / "opencl_shim.c"),
         "-Wl,--no-as-needed", "-lOpenCL", "-ldl"], check=True)
    device = os.environ.get("CAUSALGAP_FAULT_DEVICE", "opencl:0:0")
    # Programs and trust are remembered by the undisturbed study, as they are on a machine that is in use.
    os.environ |= {"CAUSALGAP_OPENCL_LIBRARY": str(library), "XDG_CACHE_HOME": str(trials.work / "opencl-cache")}
    study = Study(trials.study.binary, trials.study.shim, OPTIONS.format(device=device))
    own = Trials(study, trials.work / "opencl-reference" / "study", trials.seconds, trials.work, trials.jobs, trials.keep, trials.first)
    totals = []
    for _ in range(2):
        # The first builds every kernel; the second finds them built.
        told = trials.work / f"opencl-counts-{len(totals)}"
        subprocess.run(["rm", "-rf", str(own.reference.parent)], check=True)
        outcome = study.run(own.reference.parent, {"FAULT_COUNTS": told, "LD_PRELOAD": ""})
        if outcome.code != 0:
            raise SystemExit(f"ci/faults: the study on {device} fails without a disturbance: {outcome.summary}")
        totals.append(counts(told))
    cold, warm = totals
    cases = [(False, *case) for case in cases_of(warm)]
    # What is called for building alone is tried with nothing built.
    building = {name: min(total, 4) for name, total in cold.items() if total > warm.get(name, 0) and "Program" in name}
    cases += [(True, *case) for case in cases_of(building)]
    if count:
        cases = cases[:: max(1, len(cases) // count)]

    def trial(case, folder):
        is_cold, name, number, status, mode = case
        fault = {"FAULT_CALL": name, "FAULT_AT": number, "FAULT_STATUS": status, "FAULT_MODE": mode, "LD_PRELOAD": ""}
        if is_cold:
            fault["XDG_CACHE_HOME"] = folder / "cache"
        outcome = study.run(folder, fault)
        if outcome.code == 0:
            found = difference(folder / "study", own.reference)
            return Verdict(WRONG, f"exit code 0, but {found}") if found else Verdict(EQUAL)
        if outcome.code not in (1, 2) or len(outcome.complaints) != 1:
            return Verdict(WRONG, outcome.summary)
        after = own.resumed(folder)
        return Verdict(REFUSED) if after.end == EQUAL else after

    return own.run_all("opencl", cases, trial)
