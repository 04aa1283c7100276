"""Faults in kernels, planted in the source as it is handed to the driver: nothing is built again."""

import shutil
import tempfile
from pathlib import Path

from listing import HERE, ROOT
from runs import must, run


class KernelRuns:
    def __init__(self, work):
        self.work = work
        self.library = work / "libedit_source.so"
        must(["cc", "-O1", "-shared", "-fPIC", "-o", self.library, HERE / "edit_source.c", "-lOpenCL", "-ldl"], ROOT)
        must(["swift", "build", "-c", "release", "--product", "causalgap"], ROOT)
        must(["swift", "build", "--build-tests"], ROOT)
        self.binary = Path(must(["swift", "build", "-c", "release", "--show-bin-path"], ROOT).strip()) / "causalgap"

    def try_out(self, mutant, log):
        """The steps that catch it, in the order in which they are cheap; the tests only where no other does."""
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
                if step == "tests" and caught:
                    break
                shutil.rmtree(folder / "cache", ignore_errors=True)
                outcome = run(command, ROOT, environment, log)
                if "clBuildProgram failed" in outcome.output:
                    return "does not compile", []
                if outcome.failed:
                    caught.append(f"{step} ({outcome.detail})")
                if not changes.exists():
                    return "is not handed to the driver", []
            return None, caught

    def steps(self, family, operations):
        yield "validate every device", [
            self.binary, "validate", "--device", f"opencl:{family}", "--operations", operations,
        ]
        yield "check kernels for data races", [ROOT / "ci/validate-opencl", "--operations", operations, "oclgrind"]
        for tests in ["OpenCLDeviceTests", ""]:
            yield "tests", ["swift", "test", "--disable-xctest", "--skip-build"] + (["--filter", tests] if tests else [])
