"""Verbs, flags and defaults: the program's help, docs/reference-verbs.md, and the keys of option files."""

import json
import re
import subprocess

PAGE = "docs/reference-verbs.md"
OPTIONS = "docs/options.md"
# Every verb has them, and the page says so once.
COMMON = {"--help", "--version", "--quiet", "--verbose"}


def ask(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"ci/docs: causalgap {' '.join(arguments)} failed: {done.stderr.strip()}")
    return done.stdout


def described(text):
    """The indented entries of a help text: the first word, such as --layers or <folder>, and what is said of it."""
    entries = {}
    name = None
    for line in text.splitlines():
        if found := re.match(r"  (?:-\w, )?(--[a-z-]+|<[^>]+>|[a-z-]+)(?: <[^>]+>)?(?: +(.*))?$", line):
            name = found[1]
            entries[name] = found[2] or ""
        elif name and line.startswith(" " * 26):
            entries[name] += " " + line.strip()
        else:
            name = None
    return entries


def section(text, heading):
    found = re.search(rf"^{heading}:\n(.*?)(?:\n\n|\Z)", text, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def default(meaning):
    found = re.search(r"\(default: (.*?)\)", meaning)
    return found[1] if found else None


def program_verbs(program, prefix=()):
    """{"sweep plan": {flag: default or None}} for every verb that has no verbs of its own."""
    verbs = {}
    for name in described(section(ask(program, "help", *prefix), "SUBCOMMANDS")):
        path = (*prefix, name)
        help_text = ask(program, "help", *path)
        if "SUBCOMMANDS:" in help_text:
            verbs |= program_verbs(program, path)
            continue
        body = described(help_text[help_text.index("USAGE:"):].partition("\n")[2])
        verbs[" ".join(path)] = {flag: default(meaning) for flag, meaning in body.items() if flag not in COMMON}
        if lacking := COMMON - {"--help"} - body.keys():
            raise SystemExit(f"ci/docs: causalgap {' '.join(path)} lacks {', '.join(sorted(lacking))}")
    return verbs


def rows(text):
    """{flag: default or None} of the tables in a part of the page."""
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 4 and re.fullmatch(r"`(--[a-z-]+|<[^>]+>)`", cells[0]):
            found[cells[0].strip("`")] = None if cells[2] == "–" else cells[2].strip("`")
    return found


def parts(text, marks):
    """{heading: text below it, down to the next heading of the same level}"""
    pieces = re.split(rf"^{marks} (.+)$", text, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2]))


def page_verbs(text):
    shared = {name.lower(): rows(part) for name, part in parts(parts(text, "##")["Shared flags"], "###").items()}
    verbs = {}
    for name, part in parts(text, "##").items():
        flags = rows(part)
        if not flags or name == "Shared flags":
            continue
        for line in re.findall(r"^Also: (.*)$", part, re.MULTILINE):
            for group in re.findall(r"\[([^\]]+)\]", line):
                flags |= shared[group]
        verbs[name] = flags
    return verbs


def complaints(root, program):
    found = []
    text = (root / PAGE).read_text()
    theirs, ours = program_verbs(program), page_verbs(text)
    found += [f"{PAGE} lacks the verb '{name}'" for name in theirs.keys() - ours.keys()]
    found += [f"{PAGE} has the verb '{name}', the program has not" for name in ours.keys() - theirs.keys()]
    for name in sorted(theirs.keys() & ours.keys()):
        there, here = theirs[name], ours[name]
        found += [f"{PAGE}, {name}: {flag} is missing" for flag in sorted(there.keys() - here.keys())]
        found += [f"{PAGE}, {name}: the program has no {flag}" for flag in sorted(here.keys() - there.keys())]
        found += [
            f"{PAGE}, {name}: {flag} has the default '{there[flag]}', not '{here[flag]}'"
            for flag in sorted(there.keys() & here.keys())
            if there[flag] is not None and there[flag] != here[flag]
        ]
    return found + key_complaints(root, program, theirs) + name_complaints(root, program)


def key_complaints(root, program, verbs):
    """The keys of option files are the flags of study without those of the command itself."""
    found = []
    keys = {flag[2:].replace("-", "_") for flag in verbs["study"]} - {"config", "dry_run", "json"}
    keys -= {key for key in keys if not accepts(program, key)}
    planned = keys - {"activation_checkpointing", "device", "threads", "ensemble", "output"}
    for file, wanted in (("study.json", keys), ("sweep.json", planned | {"include", "exclude"})):
        has = set(json.loads((root / "docs" / "schema" / file).read_text())["properties"])
        found += [f"docs/schema/{file} lacks {key}" for key in sorted(wanted - has)]
        found += [f"docs/schema/{file} has {key}, the program has not" for key in sorted(has - wanted)]
    has = set(re.findall(r"^\| `([a-z_]+)` \|", (root / OPTIONS).read_text(), re.MULTILINE))
    wanted = keys | {"include", "exclude"}
    found += [f"{OPTIONS} lacks {key}" for key in sorted(wanted - has)]
    found += [f"{OPTIONS} has {key}, the program has not" for key in sorted(has - wanted)]
    named = re.search(r"TASK\[,TASK…\] of ([a-z_, ]+)", " ".join(ask(program, "help", "study").split()))
    for file in ("study.json", "sweep.json"):
        known = json.loads((root / "docs" / "schema" / file).read_text())["$defs"]["task"]["enum"]
        if named and named[1].strip().split(", ") != [*known, "or all of them"]:
            found.append(f"docs/schema/{file}: the tasks are {named[1].strip()}, not {', '.join(known)}")
    used = json.loads(ask(program, "study", "--dry-run", "--json"))
    schema = json.loads((root / "docs" / "schema" / "study.json").read_text())["properties"]
    for key, value in used.items():
        if key in schema and schema[key].get("default", value) != value:
            found.append(f"docs/schema/study.json: {key} has the default {value}, not {schema[key]['default']}")
    return found


# What a user may name, the arguments whose refusal lists the names, and the files that have them all.
NAMES = [
    ("task", ["study", "--dry-run", "--tasks", "?"], ["options.md", "reference-verbs.md", "schema/study.json", "schema/sweep.json"]),
    (
        "intervention",
        ["analyze", "model", "--data", "file", "--interventions", "?"],
        ["concepts.md", "files.md", "glossary.md", "interventions.md", "protocols.md", "reference-verbs.md", "schema/run.json"],
    ),
    ("score", ["analyze", "model", "--data", "file", "--scores", "?"], ["protocols.md"]),
]


def name_complaints(root, program):
    found = []
    for kind, arguments, files in NAMES:
        refused = subprocess.run([program, *arguments], capture_output=True, text=True).stderr
        listed = re.search(r"; use ([a-z0-9_, ]+)", refused)
        if not listed:
            found.append(f"'{arguments[0]}' does not list its {kind}s when one is unknown: {refused.strip()}")
            continue
        for file in files:
            text = (root / "docs" / file).read_text()
            found += [
                f"docs/{file} lacks the {kind} '{name}'"
                for name in listed[1].split(", ")
                if not re.search(rf"(?<![a-z0-9_]){name}(?![a-z0-9_])", text)
            ]
    return found


def accepts(program, key):
    """Whether a file of options may have a key. One without a value counts as not given."""
    done = subprocess.run([program, "study", "--dry-run", "--config", "-"], input=f"{key}:\n", capture_output=True, text=True)
    return done.returncode == 0
