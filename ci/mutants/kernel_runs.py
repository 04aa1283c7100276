"""Faults in kernels, planted in the source as it is handed to the driver: nothing is built again."""

import os
import shutil
import tempfile
from pathlib import Path

from listing import HERE, ROOT
from runs import must, run


class KernelRuns:
    def __init__(self, work, with_tests):
        self.work = work
        self.with_tests = with_tests
        self.library = work / "libedit_source.so"
        must(["cc", "-O1", "-shared", "-fPIC", "-o", self.library, HERE / "edit_source.c",
              "-Wl,--no-as-needed", "-lOpenCL", "-ldl"], ROOT)
        self.binary = Path(os.environ.get("CAUSALGAP_BINARY") or self.build())
        self.passing = []

    @staticmethod
    def build():
        release = ["swift", "build", "-c", "release"]
        must([*release, "--product", "causalgap"], ROOT)
        return Path(must([*release, "--show-bin-path"], ROOT).strip()) / "causalgap"

    def try_out(self, mutant, log):
        """The first step that catches it, in the order in which they are cheap; of a dropped barrier, which drivers may
        hide, the first two steps both."""
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            changes = folder / "changes"
            (folder / "from").write_text(mutant.original)
            (folder / "to").write_text(mutant.mutated)
            environment = {
                "CAUSALGAP_OPENCL_LIBRARY": str(self.library),
                "CAUSALGAP_MUTANT_FROM": str(folder / "from"),
                "CAUSALGAP_MUTANT_TO": str(folder / "to"),
                "CAUSALGAP_MUTANT_LOG": str(changes),
                # Programs, trust and tuning of this mutant alone; PoCL's own cache goes by the source it is given.
                "XDG_CACHE_HOME": str(folder / "cache"),
                "POCL_CACHE_DIR": str(self.work / "pocl"),
                "CAUSALGAP_REQUIRE_OPENCL": "1",
                "CAUSALGAP_BINARY": str(self.binary),
            }
            operations = ",".join(mutant.settings["operations"])
            caught = []
            for step, command in self.steps(mutant.settings["family"], operations):
                if caught and (step == "tests" or not mutant.settings.get("every_step")):
                    break
                if step == "tests":
                    if not self.with_tests:
                        return "is left to the tests", []
                    self.build_tests(command)
                shutil.rmtree(folder / "cache", ignore_errors=True)
                outcome = run(command, ROOT, environment, log)
                if "clBuildProgram failed" in outcome.output:
                    return "does not compile", []
                if outcome.failed:
                    caught.append(f"{step} ({outcome.detail})")
                if not changes.exists():
                    return "is not handed to the driver", []
            return None, caught

    def build_tests(self, command):
        """Once for each command: its tests pass without a fault, or their failing would say nothing."""
        if command not in self.passing:
            must(["swift", "build", "--build-tests"], ROOT)
            must(command, ROOT, {"CAUSALGAP_REQUIRE_OPENCL": "1"})
            self.passing.append(command)

    def steps(self, family, operations):
        yield "validate every device", [
            self.binary, "validate", "--device", f"opencl:{family}", "--operations", operations,
        ]
        yield "check kernels for data races", [ROOT / "ci/validate-opencl", "--operations", operations, "oclgrind"]
        for tests in ["OpenCLDeviceTests|OperationSuiteTests", ""]:
            yield "tests", ["swift", "test", "--disable-xctest", "--skip-build"] + (["--filter", tests] if tests else [])
