"""pandas reads the files over all runs."""

import json
import os

import pandas
from documents import columns, snippet

NAMES = ("runs", "components", "scores", "rhos")
KEYS = {
    "runs": ["task", "seed"],
    "components": ["task", "seed", "component", "intervention", "metric"],
    "scores": ["task", "seed", "component", "score", "distribution"],
    "rhos": ["task", "seed", "score", "distribution", "intervention", "metric"],
}


def read(folder, name):
    return pandas.read_csv(folder / "tables" / f"{name}.csv")


def records(folder):
    for file in sorted(folder.glob("runs/*/*/run.json")):
        yield json.loads(file.read_text())


def documented(files):
    """the columns and types of runs, components, scores and rhos are those of docs/files.md"""
    kinds = {"text": "O", "integer": "if", "number": "if", "flag": "bO"}
    for folder in (files.trained, files.rigorous):
        record = next(records(folder))
        for name in NAMES:
            table, expected = read(folder, name), []
            for column, kind in columns(name):
                if column == "SETTING":
                    expected += [(key, "setting") for key in sorted(record["configuration"])]
                elif column == "rho_INTERVENTION":
                    expected += [(f"rho_{key}", kind) for key in sorted(record["measures"])]
                elif column != "study":
                    expected.append((column, kind))
            assert list(table.columns) == [column for column, _ in expected], (name, list(table.columns), expected)
            for column, kind in expected:
                values = table[column].dropna()
                if kind != "setting" and len(values):
                    found = "O" if pandas.api.types.is_string_dtype(values) else values.dtype.kind
                    assert found in kinds[kind], (name, column, kind, values.dtype)


def unique(files):
    """each row is named by its key alone, in a sweep together with its study"""
    for folder in (files.trained, files.rigorous, files.sweep):
        for name in NAMES:
            key = KEYS[name] + (["study"] if folder == files.sweep else [])
            table = read(folder, name)
            assert len(table) and not table.duplicated(key).any(), (folder, name)
    assert read(files.sweep, "runs").groupby(["study", "task"]).seed.count().eq(2).all()


def values(files):
    """every value is the record's, to the last bit"""
    runs, components, scores, rhos = (read(files.rigorous, name) for name in NAMES)
    one = {name: table.set_index(KEYS[name]) for name, table in zip(NAMES, (runs, components, scores, rhos))}
    count = dict.fromkeys(NAMES, 0)
    for record in records(files.rigorous):
        run, rigorous = (record["task"], record["seed"]), record["rigorous"]
        row = one["runs"].loc[run]
        assert row.rho == record["rho"] and row.steps == record["training"]["steps"] and row.ood_accuracy == record["ood"]["accuracy"]
        assert all(row[f"rho_{name}"] == measure["rho"] for name, measure in record["measures"].items())
        names = [component["name"] for component in record["components"]]
        for table in rigorous["causal"]:
            found = one["components"].loc[[(*run, name, table["method"], table["effect"]) for name in names]]
            assert list(found.effect) == table["values"] and list(found.standard_error) == table["standard_errors"]
            assert list(found.effect_first_half) == table["first"] and list(found.effect_second_half) == table["second"]
        for table in rigorous["gradients"]:
            found = one["scores"].loc[[(*run, name, table["score"], table["distribution"]) for name in names]]
            assert list(found.value) == table["values"]
        keys = [(*run, row["score"], row["distribution"], row["method"], row["effect"]) for row in rigorous["correlations"]]
        assert list(one["rhos"].loc[keys].rho) == [row["rho"] for row in rigorous["correlations"]]
        count["runs"] += 1
        count["components"] += len(names) * len(rigorous["causal"])
        count["scores"] += len(names) * len(rigorous["gradients"])
        count["rhos"] += len(keys)
    assert count == {name: len(one[name]) for name in NAMES}, count


def kinds(files):
    """MLPs are marked by a column, and have no head"""
    for folder in (files.trained, files.rigorous):
        table = read(folder, "components")
        assert set(table.kind) == {"head", "mlp"}
        assert table[table.kind == "mlp"]["head"].isna().all() and table[table.kind == "head"]["head"].notna().all()


def one_line(files):
    """the lines of docs/interop.md run as they stand there"""
    here = os.getcwd()
    os.chdir(files.rigorous)
    try:
        found = {}
        exec(snippet("pandas"), found)
    finally:
        os.chdir(here)
    frames = [value for value in found.values() if isinstance(value, (pandas.DataFrame, pandas.Series))]
    assert len(frames) >= 3 and all(len(frame) for frame in frames)


CHECKS = [documented, unique, values, kinds, one_line]
