"""Documentation comments of the libraries, as DocC reads them.

The public library must have none of DocC's warnings. The rooms behind it are for this package alone; there a parameter that its name
explains needs no description, and a link may lead into another room, which DocC does not see."""

import json
import re
import subprocess
import tempfile
from pathlib import Path

PUBLIC = "CausalGapKit"
# C alone, one source built three times, or the program.
NO_ROOMS = {"CLinux", "COpenCL", "causalgap"}


def rooms(root):
    names = [folder.name for folder in (root / "Sources").iterdir() if folder.is_dir()]
    return sorted(name for name in names if name not in NO_ROOMS and not name.startswith("CPUKernels"))


def module_maps(root, built):
    found = [*root.glob("Sources/*/include/module.modulemap"), *built.glob("*.build/module.modulemap")]
    found += root.glob(".build/checkouts/*/Sources/*/module.modulemap")
    found += root.glob(".build/checkouts/*/Sources/*/include/module.modulemap")
    return [flag for path in found for flag in ("-Xcc", f"-fmodule-map-file={path}")]


def extract(root, built, room, to):
    """The symbols of a room, of which those of the public library are public."""
    to.mkdir()
    target = json.loads(subprocess.run(["swift", "-print-target-info"], capture_output=True, check=True).stdout)["target"]["triple"]
    level = "public" if room == PUBLIC else "package"
    done = subprocess.run(
        ["swift-symbolgraph-extract", "-module-name", room, "-I", built / "Modules", *module_maps(root, built), "-target", target,
         "-minimum-access-level", level, "-skip-synthesized-members", "-skip-inherited-docs", "-output-dir", to],
        capture_output=True, text=True,
    )
    if done.returncode != 0:
        raise SystemExit(f"ci/docs: the symbols of {room} cannot be read: {done.stderr.strip()}")


def names(folder):
    """The names of all symbols, without arguments."""
    found = set()
    for file in folder.glob("*/*.symbols.json"):
        for symbol in json.loads(file.read_text())["symbols"]:
            found.add(symbol["names"]["title"].split("(")[0].split(".")[-1])
    return found


def convert(root, room, symbols, to):
    catalogue = root / "Sources" / room / f"{room}.docc"
    done = subprocess.run(
        ["docc", "convert", *([catalogue] if catalogue.exists() else []), "--additional-symbol-graph-dir", symbols,
         "--fallback-display-name", room, "--fallback-bundle-identifier", f"causalgap.{room}", "--output-path", to],
        capture_output=True, text=True,
    )
    text = done.stdout + done.stderr
    found = re.findall(r"^(?:warning|error): (.*)\n\s*--> (\S+)", text, re.MULTILINE)
    if done.returncode != 0 and not found:
        raise SystemExit(f"ci/docs: docc fails on {room}: {text.strip()}")
    return found


def complaints(root, program):
    built = program.parent
    found = []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        symbols = folder / "symbols"
        symbols.mkdir()
        for room in rooms(root):
            extract(root, built, room, symbols / room)
        elsewhere = names(symbols) | set(rooms(root))
        for room in rooms(root):
            for message, place in convert(root, room, symbols / room, folder / f"{room}.doccarchive"):
                link = re.match(r"'(.*)' doesn't exist at", message)
                if room != PUBLIC and (message.endswith("is missing documentation") or link and link[1] in elsewhere):
                    continue
                found.append(f"{place}: {message}")
    return found
