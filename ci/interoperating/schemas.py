"""A validator of JSON schemas reads the records, the summaries and the status of a sweep."""

import copy
import json

from documents import DOCS
from jsonschema import Draft202012Validator


def validator(name):
    schema = json.loads((DOCS / "schema" / f"{name}.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def accept(name, places):
    places = list(places)
    assert places
    for place in places:
        for error in validator(name).iter_errors(json.loads(place.read_text())):
            raise AssertionError(f"{place}: {list(error.absolute_path)}: {error.message[:300]}")


def records(files):
    """every run.json fits its schema"""
    for folder in (files.trained, files.rigorous, files.sweep, files.third):
        accept("run", folder.glob("**/run.json"))


def summaries(files):
    """every summary.json of a study fits its schema"""
    accept("summary", [*(folder / "summary.json" for folder in (files.trained, files.rigorous, files.third, files.third / "rigorous")), *files.sweep.glob("studies/*/summary.json")])


def statuses(files):
    """status.json fits its schema"""
    accept("status", [files.sweep / "status.json"])


def refuses(files):
    """an altered record does not fit"""
    record = json.loads(next(files.rigorous.glob("runs/*/*/run.json")).read_text())
    found = validator("run")
    for path, value in (
        (["seed"], "1"), (["unknown"], 1), (["components", 0, "class"], "villain"), (["rigorous", "causal", 0, "values", 0], None),
        (["ood", "accuracy"], None),
    ):
        altered = copy.deepcopy(record)
        place = altered
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        assert not found.is_valid(altered), path
    for key in ("task", "components", "measures"):
        altered = copy.deepcopy(record)
        del altered[key]
        assert not found.is_valid(altered), key


def described(files):
    """every key of the schemas has a description"""
    def walk(node, path):
        for key, value in node.get("properties", {}).items():
            known = "description" in value or value.get("$ref") or "enum" in value or "anyOf" in value
            assert known, f"{path}.{key}"
            walk(value, f"{path}.{key}")
        for key, value in node.get("$defs", {}).items():
            walk(value, f"{path}.{key}")

    for file in (DOCS / "schema" / f"{name}.json" for name in ("run", "summary", "status")):
        walk(json.loads(file.read_text()), file.stem)


CHECKS = [records, summaries, statuses, refuses, described]
