"""sqlite3 opens the databases."""

import sqlite3

import pandas

NUMBERS = {"check_dtype": False, "check_exact": True}


def equal(database, folder):
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        files = {file.stem for file in (folder / "tables").glob("*.csv")}
        assert names == files, names ^ files
        for name in names:
            file = pandas.read_csv(folder / "tables" / f"{name}.csv")
            table = pandas.read_sql(f'SELECT * FROM "{name}"', connection)
            for column in file.columns[file.dtypes == bool]:
                table[column] = table[column].astype(bool)
            for column in file.columns:
                values, other = file[column], table[column]
                if values.dropna().map(lambda value: isinstance(value, bool)).all():
                    other = other.map(lambda value: None if pandas.isna(value) else bool(value))
                left, right = values.dropna().tolist(), other.dropna().tolist()
                assert left == right and list(values.isna()) == list(other.isna()), (name, column)
            assert list(file.columns) == list(table.columns)
    return names


def study(files):
    """the database of a study has the rows of all CSV files"""
    names = equal(files.database, files.rigorous)
    assert {"runs", "components", "scores", "rhos", "rigorous_scores", "verdicts"} <= names


def sweep(files):
    """so has that of a sweep"""
    equal(files.sweep_database, files.sweep)


def query(files):
    """a query joins runs and components"""
    with sqlite3.connect(files.database) as connection:
        rows = connection.execute(
            "SELECT component, AVG(effect) FROM components JOIN runs USING (task, seed) "
            "WHERE runs.in_window AND kind = 'head' AND metric = 'exact_match' GROUP BY component").fetchall()
    assert len(rows) == 16 and all(value is not None for _, value in rows)


def replaces_its_own(files):
    """a database is replaced, another file is refused and stays"""
    before = files.database.read_bytes()
    files.run("report", files.rigorous, "--sqlite", files.database)
    assert files.database.read_bytes() == before
    other = files.folder / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE precious (value)")
    text = files.folder / "notes.txt"
    text.write_text("precious")
    for place in (other, text, files.folder):
        kept = place.read_bytes() if place.is_file() else None
        done = files.run("report", files.rigorous, "--sqlite", place, check=False)
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and str(place) in done.stderr, done.stderr
        assert kept is None or place.read_bytes() == kept
    assert not list(files.folder.glob(".*.tmp"))


CHECKS = [study, sweep, query, replaces_its_own]
