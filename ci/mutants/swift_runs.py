"""Faults in Swift, all compiled into one copy of the sources, each behind a question which of them is active."""

import shutil

from listing import HERE, ROOT
from runs import must, run


class SwiftRuns:
    def __init__(self, work, mutants):
        self.folder = work / "source"
        self.numbers = {mutant.digest: number for number, mutant in enumerate(mutants, 1)}
        self.copy_sources()
        for file in sorted({mutant.file for mutant in mutants}):
            self.plant(file, [mutant for mutant in mutants if mutant.file == file])
        must(["swift", "build", "--build-tests", *self.flags], self.folder, {"CAUSALGAP_STRICT": "0"})
        # Without a fault everything passes: otherwise nothing below says anything.
        must(["swift", "test", "--disable-xctest", "--skip-build", *self.flags, *self.skipped], self.folder, {"CAUSALGAP_MUTANT": "0", "CAUSALGAP_STRICT": "0"})

    # The questions in the kernels keep the compiler from inlining what it inlines without them.
    skipped = ["--skip", "WeakSymbolTests"]
    flags = ["-Xswiftc", "-Xcc", "-Xswiftc", f"-fmodule-map-file={HERE / 'module.modulemap'}"]

    def copy_sources(self):
        """The tracked files as they are now; what was built of an earlier copy stays. Unchanged files keep their dates."""
        files = must(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], ROOT).split("\0")
        for name in filter(None, files):
            source, target = ROOT / name, self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_symlink():
                target.unlink(missing_ok=True)
                target.symlink_to(source.readlink())
            elif source.exists() and not (target.exists() and target.read_bytes() == source.read_bytes()):
                shutil.copyfile(source, target)
                shutil.copymode(source, target)
        for target in (self.folder / "Sources").rglob("*.swift"):
            if not (ROOT / target.relative_to(self.folder)).exists():
                target.unlink()

    def plant(self, file, mutants):
        text = mutants[0].original
        for mutant in sorted(mutants, key=lambda mutant: -mutant.start):
            end = mutant.start + len(mutant.find)
            text = text[: mutant.start] + self.choice(mutant) + text[end:]
        (self.folder / file).write_text("import MutantSwitch\n" + text)

    def choice(self, mutant):
        """The fault where it is active, else what was there: a choice of expressions, or of statements."""
        active = f"isMutant({self.numbers[mutant.digest]})"
        if mutant.settings.get("statement"):
            return f"if {active} {{ {mutant.put} }} else {{ {mutant.find} }}"
        return f"({active} ? ({mutant.put}) : ({mutant.find}))"

    def try_out(self, mutant, log):
        environment = {
            "CAUSALGAP_MUTANT": str(self.numbers[mutant.digest]),
            "CAUSALGAP_REQUIRE_OPENCL": "1",
            "CAUSALGAP_STRICT": "0",
        }
        for tests in [mutant.settings["tests"], ""]:
            command = ["swift", "test", "--disable-xctest", "--skip-build", *self.flags, *self.skipped]
            outcome = run(command + (["--filter", tests] if tests else []), self.folder, environment, log)
            if outcome.failed:
                return None, [f"tests ({outcome.detail})"]
        outcome = run([self.folder / ".build/debug/causalgap", "validate"], self.folder, environment, log)
        return None, ["validate every device"] if outcome.failed else []
