"""The schemas of option files against the program: the same files accepted, the same refused."""

import json
import subprocess
import tempfile
from pathlib import Path

import jsonschema
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

import cases

COMMANDS = {"study": ["study", "--dry-run"], "sweep": ["sweep", "plan", "--dry-run"]}


def program_accepts(program, kind, text, folder):
    file = folder / "options.yaml"
    file.write_text(text)
    extra = [] if kind == "study" else ["--output", folder / "sweep", "--devices", "cpu"]
    done = subprocess.run([program, *COMMANDS[kind], "--config", file, *extra], capture_output=True, text=True)
    if done.returncode not in (0, 2):
        raise SystemExit(f"ci/docs: exit code {done.returncode} of {kind} for\n{text}\n{done.stderr}")
    return done.returncode == 0, done.stderr.strip()


def schema_accepts(validator, text):
    try:
        value = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        return False, str(error)
    error = next(iter(sorted(validator.iter_errors(value), key=lambda one: list(map(str, one.path)))), None)
    return error is None, "" if error is None else f"{'/'.join(map(str, error.path))}: {error.message}"


def complaints(root, program):
    found = []
    validators = {}
    for kind in COMMANDS:
        schema = json.loads((root / "docs" / "schema" / f"{kind}.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        validators[kind] = jsonschema.Draft202012Validator(schema)
    tried = [
        (path.stem.partition("-")[0], path.read_text(), True, True)
        for path in sorted((root / "docs" / "schema").glob("*.yaml"))
    ] + cases.CASES
    with tempfile.TemporaryDirectory() as name:
        for kind, text, by_program, by_schema in tried:
            for who, wanted, (answer, reason) in (
                ("the program", by_program, program_accepts(program, kind, text, Path(name))),
                ("the schema", by_schema, schema_accepts(validators[kind], text)),
            ):
                if answer != wanted:
                    found.append(f"{who} {'accepts' if answer else 'refuses'} this file of a {kind}: {text!r} {reason}")
    print(f"{len(tried)} files of options tried")
    return found
