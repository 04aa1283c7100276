"""Comparing a study's folder with that of an undisturbed one."""

import csv
import io
import json

# What a finished study may have or not: locks, and what its report was made of and when.
LOCKS = {".lock", ".lock.claim", ".report.json"}
# Seconds, and the checksum that covers them.
VARIABLE = {"seconds", "training_seconds", "timings", "checksum"}


def files(folder):
    return {
        str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in LOCKS
    }


def without(keys, value):
    if isinstance(value, dict):
        return {key: without(keys, member) for key, member in value.items() if key not in keys}
    return [without(keys, member) for member in value] if isinstance(value, list) else value


def rows(keys, data):
    """The rows of a table without columns."""
    return [without(keys, row) for row in csv.DictReader(io.StringIO(data.decode()))]


def difference(folder, reference, ignored=frozenset()):
    """What differs, in one line; None where nothing does. Records are compared key by key, without times and `ignored` keys;
    models, logs, tables and the page byte by byte, but not a page that shows what is ignored."""
    keys = VARIABLE | ignored
    found, expected = files(folder), files(reference)
    if missing := expected.keys() - found.keys():
        return f"{', '.join(sorted(missing))} missing"
    if left := found.keys() - expected.keys():
        return f"{', '.join(sorted(left))} left over"
    for name, path in found.items():
        own, other = path.read_bytes(), expected[name].read_bytes()
        if own == other or (ignored and name == "report.html"):
            continue
        if name == "tables/runs.csv" and rows(keys, own) == rows(keys, other):
            continue
        if not name.endswith(".json"):
            return f"{name} has other bytes"
        if without(keys, json.loads(own)) != without(keys, json.loads(other)):
            return f"{name} has other values"
    return None
