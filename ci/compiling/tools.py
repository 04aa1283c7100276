"""The compilers, downloaded and unpacked into a folder of their own."""

import os
import subprocess
import zipfile
from pathlib import Path

# The version is fixed because the table depends on it.
LLVM = "19"
PACKAGES = [
    f"{name}-{LLVM}{suffix}"
    for name, suffix in [("clang", ""), ("libclang-common", "-dev"), ("libclc", ""), ("libclc", "-dev")]
] + [f"libclang-cpp{LLVM}", f"libllvm{LLVM}"]
WHEELS = ["nvidia-cuda-nvcc-cu12==12.9.86", "nvidia-cuda-nvdisasm==13.2.51"]


class CommandError(Exception):
    """A command that failed, with what it said."""


def run(command, environment=None, folder=None):
    """The output of a command, both streams together."""
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=os.environ | (environment or {}), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    if done.returncode != 0:
        raise CommandError(f"{' '.join(map(str, command))}\n{done.stdout[-4000:]}")
    return done.stdout


class Tools:
    """clang with libclc (Debian's packages), ptxas, nvdisasm and libdevice (NVIDIA's Python packages)."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        debian, wheels = folder / "debian", folder / "wheels"
        if not debian.exists():
            archives = folder / "archives"
            archives.mkdir(exist_ok=True)
            run(["apt-get", "-q", "download", *PACKAGES], folder=archives)
            for archive in sorted(archives.glob("*.deb")):
                run(["dpkg", "-x", archive, debian])
        if not wheels.exists():
            run(["pip", "-q", "download", "--no-deps", "-d", folder / "archives", *WHEELS])
            for archive in sorted((folder / "archives").glob("*.whl")):
                zipfile.ZipFile(archive).extractall(wheels)
        self.clang = debian / f"usr/lib/llvm-{LLVM}/bin/clang"
        self.libclc = debian / "usr/lib/clc"
        self.ptxas = self.tool(wheels, "ptxas")
        self.nvdisasm = self.tool(wheels, "nvdisasm")
        self.libdevice = self.tool(wheels, "libdevice.10.bc")
        # The Debian libraries that clang is linked with.
        self.environment = {"LD_LIBRARY_PATH": str(next((debian / "usr/lib").glob("*-linux-gnu")))}

    @staticmethod
    def tool(folder, name):
        path = next(Path(folder).rglob(name))
        path.chmod(path.stat().st_mode | 0o111)
        return path

    def compile(self, target, options, source, output):
        """Compiles OpenCL C to assembly or bitcode, with the optimisation that drivers use."""
        language = ["-x", "cl", "-O3", "-nogpulib", "-Xclang", "-finclude-default-header"]
        return run([self.clang, "-target", target, *language, *options, source, "-o", output], self.environment)
