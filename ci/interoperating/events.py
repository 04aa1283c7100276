"""TensorBoard's own reader finds the scalars."""

import csv
import statistics

import numpy
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer


def reader(folder):
    multiplexer = EventMultiplexer(size_guidance={"tensors": 0, "scalars": 0}, tensor_size_guidance={"scalars": 0})
    multiplexer.AddRunsFromDirectory(str(folder))
    multiplexer.Reload()
    return multiplexer


def scalars(multiplexer, run, tag):
    """By step."""
    return {event.step: float(numpy.asarray(event.tensor_proto.float_val or [value(event)])[0]) for event in multiplexer.Tensors(run, tag)}


def value(event):
    from tensorboard.util import tensor_util

    return tensor_util.make_ndarray(event.tensor_proto).item()


def log(folder, task, seed):
    """The columns of train.csv by step."""
    with open(folder / "runs" / task / f"seed-{seed}" / "train.csv") as file:
        rows = list(csv.DictReader(file))
    return {
        column: {int(row["step"]): float(row[column]) for row in rows if row[column]} for column in ("loss", "accuracy")
    }


def same(found, expected):
    assert found.keys() == expected.keys(), (sorted(found)[:5], sorted(expected)[:5])
    assert all(numpy.float32(expected[step]) == numpy.float32(found[step]) for step in expected)


def seeds(files):
    """every seed is a run with the losses and accuracies of its train.csv"""
    multiplexer = reader(files.events)
    expected = {f"{task}/{run}" for task in ("sort", "reverse") for run in
                ("seed-1", "seed-2", "seed-3", "mean", "mean_plus_sd", "mean_minus_sd")}
    assert set(multiplexer.Runs()) == expected, set(multiplexer.Runs()) ^ expected
    for task in ("sort", "reverse"):
        for seed in (1, 2, 3):
            for tag, steps in log(files.trained, task, seed).items():
                same(scalars(multiplexer, f"{task}/seed-{seed}", tag), steps)


def spread(files):
    """mean and spread over seeds are those of the seeds"""
    multiplexer = reader(files.events)
    for task in ("sort", "reverse"):
        logs = [log(files.trained, task, seed) for seed in (1, 2, 3)]
        for tag in ("loss", "accuracy"):
            mean, high, low = (scalars(multiplexer, f"{task}/{run}", tag) for run in ("mean", "mean_plus_sd", "mean_minus_sd"))
            for step in mean:
                values = [one[tag][step] for one in logs if step in one[tag]]
                centre, deviation = statistics.mean(values), statistics.stdev(values)
                for found, wanted in ((mean, centre), (high, centre + deviation), (low, centre - deviation)):
                    assert abs(found[step] - wanted) <= 1e-5 * max(1, abs(wanted)), (task, tag, step)
        assert set(scalars(multiplexer, f"{task}/mean", "seeds").values()) == {3.0}


def sweep(files):
    """a sweep has the runs of all its settings"""
    runs = reader(files.sweep_events).Runs()
    assert len(runs) == 2 * 2 * (2 + 3), sorted(runs)


CHECKS = [seeds, spread, sweep]
