#!/usr/bin/env python3
"""The roofline of one training step on paper: FLOPs, bytes and launches of every operation, and which of them limits it.

An operation takes the longest of its FLOPs at the arithmetic roof, its bytes (every operand once, nothing kept in caches
between operations) at the memory roof, and its launches. Operations run one after the other; launches are those of the
kernels for GPUs, which sum over rows in two. The sizes are those of the program's
parameter layout and of its passes; batches are the published layout's at their expected size. Nothing here is measured.

The defaults are an H100-class GPU in single precision without tensor cores.
"""

import argparse
from dataclasses import dataclass

FLOAT = 4


@dataclass
class Shape:
    layers: int = 4
    heads: int = 4
    d: int = 128
    hidden: int = 512
    vocabulary: int = 104

    def parameters(self):
        """Without the padding of the layout."""
        d, m = self.d, self.hidden
        block = 4 * d + 3 * d * (d + 1) + d * (d + 1) + m * (d + 1) + d * (m + 1)
        return self.vocabulary * d + self.layers * block + 2 * d + self.vocabulary * (d + 1)


@dataclass
class Batch:
    """Rows of one model. N is uniform in 3...7 and one of 64 is a 7 nearly surely: prompts are padded to 9 tokens, a sequence
    of N integers has 9 + N rows, N + 1 of them with a target."""

    sequences: int = 64
    lengths: tuple = (3, 4, 5, 6, 7)
    integers: int = 99

    def mean(self, of):
        return self.sequences * sum(of(n) for n in self.lengths) / len(self.lengths)

    def keys(self):
        """Rows of all sequences, each with its own."""
        return self.mean(lambda n: 9 + n)

    def rows(self):
        """Distinct ones: all sequences begin with START, and those whose first integer is the same go on alike; a third row in
        common is rare."""
        firsts = self.integers * (1 - (1 - 1 / self.integers) ** self.sequences)
        return self.keys() - (self.sequences - 1) - (self.sequences - firsts)

    def inputs(self):
        """Distinct tokens: the integers that occur, START, SEP and PAD."""
        drawn = self.mean(lambda n: n)
        return self.integers * (1 - (1 - 1 / self.integers) ** drawn) + 3

    def outputs(self):
        return self.mean(lambda n: n + 1)

    def pairs(self):
        """Of a query and a key it sees."""
        return self.mean(lambda n: (9 + n) * (10 + n) / 2)

    def output_pairs(self):
        return self.mean(lambda n: sum(range(9, 10 + n)))


@dataclass
class Operation:
    name: str
    flops: float
    floats: float  # moved, of one model
    launches: int = 1


class Step:
    """Operations in the order of the program's forward, backward and update, for one model."""

    def __init__(self, shape, batch, halves=False):
        """`halves`: activations are kept in half precision."""
        self.s, self.b, self.halves, self.list = shape, batch, halves, []
        self.forward()
        self.backward()
        count = shape.parameters()
        # Before it, one launch adds up the chunks of the gradients.
        self.add("adam", 12 * count, 7 * count, launches=2)

    def add(self, name, flops, floats, launches=1):
        self.list.append(Operation(name, flops, floats, launches))

    def matmul(self, rows, k, n, extra=0):
        """`extra`: matrices [rows, n] besides the output: a pre-activation or a residual."""
        self.add("matmul", 2 * rows * k * n, rows * (k + n + extra * n) + k * n + n)

    def matmul_back(self, rows, k, n, gelu=False):
        self.add("matmul_weight_gradient", 2 * rows * k * n, rows * (k + n) + k * n + n)
        self.add("matmul_input_gradient", 2 * rows * k * n, rows * (k + n + (k if gelu else 0)) + k * n)

    def norm(self, rows):
        self.add("layer_norm", 8 * rows * self.s.d, rows * (2 * self.s.d + 2) + 2 * self.s.d)

    def norm_back(self, rows, residual):
        d = self.s.d
        self.add("layer_norm_gradients", 18 * rows * d, rows * ((4 if residual else 3) * d + 2) + 3 * d)

    def moved(self, name, rows, matrices):
        self.add(name, rows * self.s.d if matrices == 3 else 0, rows * (matrices * self.s.d + 1))

    def summed(self, rows, into, matrices):
        """The gradient of rows that were copied."""
        d = matrices * self.s.d
        self.add("sum_rows", rows * d, rows * (d + 1) + into * (d + 1))

    def kept(self, layer):
        """The numbers that a block keeps in half precision: its input, unless it is the first, queries, keys and values, the stream
        before the MLP, and the arguments of its activation function."""
        rows, d = self.b.rows(), self.s.d
        own = [self.entering(layer) * 3 * d, rows * d, rows * self.s.hidden]
        return own if layer == 0 else [rows * d, *own]

    def converted(self, name, layer):
        for numbers in self.kept(layer):
            self.add(name, 0, 1.5 * numbers)

    def activated(self, rows):
        self.add("gate", 30 * rows * self.s.hidden, 2 * rows * self.s.hidden)

    def entering(self, layer):
        """Rows before a block's attention."""
        return self.b.inputs() if layer == 0 else self.b.rows()

    def attention(self, queries, entering, pairs):
        """Keys and values are read in the rows that enter the block."""
        self.add("attention", 4 * pairs * self.s.d, 2 * (queries + entering) * self.s.d + queries * self.s.heads)

    def attention_back(self, queries, entering, keys, pairs):
        floats = (4 * queries + 2 * entering + 2 * keys) * self.s.d + queries * self.s.heads
        self.add("attention_backward", 10 * pairs * self.s.d, floats, launches=2)

    def rows_of(self, layer):
        return self.b.outputs() if layer == self.s.layers - 1 else self.b.rows()

    def forward(self):
        s, b, d, m = self.s, self.b, self.s.d, self.s.hidden
        rows, outputs = b.rows(), b.outputs()
        self.add("embedding", 0, b.inputs() * (d + 1) + s.vocabulary * d)
        self.moved("gather_rows", rows, 2)
        for layer in range(s.layers):
            entering = self.entering(layer)
            self.norm(entering)
            if layer == s.layers - 1:
                self.matmul(rows, d, 2 * d)
                self.moved("gather_rows", outputs, 2)
                self.moved("gather_rows", outputs, 2)
                self.matmul(outputs, d, d)
                self.attention(outputs, rows, b.output_pairs())
            else:
                self.matmul(entering, d, 3 * d)
                if layer == 0:
                    self.moved("gather_rows", rows, 2)
                self.attention(rows, entering, b.pairs())
            live = self.rows_of(layer)
            self.matmul(live, d, d, extra=1)
            self.norm(live)
            self.matmul(live, d, m, extra=1)
            self.matmul(live, m, d, extra=1)
            if self.halves and layer < s.layers - 1:
                self.converted("narrow", layer)
        self.norm(outputs)
        self.matmul(outputs, d, s.vocabulary)
        self.add("cross_entropy", 5 * outputs * s.vocabulary, outputs * (2 * s.vocabulary + 4), launches=2)

    def backward(self):
        s, b, d, m = self.s, self.b, self.s.d, self.s.hidden
        rows, outputs, keys = b.rows(), b.outputs(), b.keys()
        self.matmul_back(outputs, d, s.vocabulary)
        self.norm_back(outputs, residual=False)
        for layer in reversed(range(s.layers)):
            live = self.rows_of(layer)
            if self.halves and layer < s.layers - 1:
                self.converted("widen", layer)
                self.norm(self.entering(layer))
                self.attention(live, self.entering(layer), self.b.pairs())
                self.norm(live)
                self.activated(live)
            self.matmul_back(live, m, d, gelu=True)
            self.matmul_back(live, d, m)
            self.norm_back(live, residual=True)
            self.matmul_back(live, d, d)
            if layer == s.layers - 1:
                self.attention_back(outputs, rows, keys, b.output_pairs())
                self.summed(keys, rows, 2)
                self.matmul_back(rows, d, 2 * d)
                self.matmul_back(outputs, d, d)
                self.moved("scatter_rows", outputs, 3)
                self.norm_back(rows, residual=False)
                self.moved("scatter_rows", outputs, 3)
            else:
                entering = self.entering(layer)
                self.attention_back(rows, entering, keys, b.pairs())
                self.summed(keys, entering, 2)
                if layer == 0:
                    self.summed(rows, entering, 1)
                    self.summed(rows, entering, 1)
                self.matmul_back(entering, d, 3 * d)
                self.norm_back(entering, residual=True)
        self.add("embedding_backward", b.inputs() * d, b.inputs() * (d + 1) + s.vocabulary * d, launches=3)


@dataclass
class Machine:
    flops: float
    bandwidth: float
    launch: float

    def time(self, operation, models):
        """Seconds of one operation for `models` models, and what sets them."""
        options = {
            "arithmetic": models * operation.flops / self.flops,
            "memory": models * operation.floats * FLOAT / self.bandwidth,
            "launch": self.launch * operation.launches,
        }
        limit = max(options, key=options.get)
        return options[limit], limit


def summary(step, machine, models):
    """Totals of a step, and the operation that takes most of it."""
    by_name, by_limit, total = {}, {}, 0.0
    for operation in step.list:
        seconds, limit = machine.time(operation, models)
        total += seconds
        by_name[operation.name] = by_name.get(operation.name, 0) + seconds
        by_limit[limit] = by_limit.get(limit, 0) + seconds
    slowest = max(by_name, key=by_name.get)
    return {
        "models": models,
        "gflop": models * sum(operation.flops for operation in step.list) * 1e-9,
        "megabytes": models * sum(operation.floats for operation in step.list) * FLOAT * 1e-6,
        "launches": sum(operation.launches for operation in step.list),
        "microseconds": total * 1e6,
        "seed_steps": models / total,
        "limits": {limit: by_limit.get(limit, 0) / total for limit in ("launch", "memory", "arithmetic")},
        "slowest": (slowest, by_name[slowest] / total),
    }


def ensemble_table(step, machine, sizes):
    lines = [
        "| models | GFLOP | MB moved | launches | µs a step | of it launch / memory / arithmetic bound | seed-steps/s | most time in |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for models in sizes:
        r = summary(step, machine, models)
        limits = " / ".join(f"{100 * share:.0f} %" for share in r["limits"].values())
        slowest, share = r["slowest"]
        lines.append(
            f"| {models} | {r['gflop']:.1f} | {r['megabytes']:.0f} | {r['launches']} | {r['microseconds']:.0f} | {limits} "
            f"| {r['seed_steps']:,.0f} | `{slowest}` {100 * share:.0f} % |"
        )
    return lines


def operation_table(step, machine, models):
    """Operations of one name together."""
    totals = {}
    for operation in step.list:
        seconds, _ = machine.time(operation, models)
        entry = totals.setdefault(operation.name, [0, 0, 0, 0])
        for index, value in enumerate((operation.launches, operation.flops, operation.floats, seconds)):
            entry[index] += value
    lines = ["| operation | launches | GFLOP | MB | FLOPs a byte | µs |", "|---|---|---|---|---|---|"]
    for name, (launches, flops, floats, seconds) in sorted(totals.items(), key=lambda item: -item[1][3]):
        lines.append(
            f"| `{name}` | {launches} | {models * flops * 1e-9:.2f} | {models * floats * FLOAT * 1e-6:.1f} "
            f"| {flops / (floats * FLOAT):.1f} | {seconds * 1e6:.0f} |"
        )
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tflops", type=float, default=60, help="multiplications and additions, 10¹² a second")
    parser.add_argument("--terabytes", type=float, default=3.35, help="memory bandwidth, 10¹² bytes a second")
    parser.add_argument("--launch", type=float, default=5, help="µs of a launch")
    parser.add_argument("--models", type=int, nargs="*", default=[1, 2, 4, 8, 16, 32, 64, 128, 256])
    parser.add_argument("--operations", type=int, default=256, help="the ensemble whose operations are listed")
    options = parser.parse_args()
    machine = Machine(options.tflops * 1e12, options.terabytes * 1e12, options.launch * 1e-6)
    step = Step(Shape(), Batch())
    print("\n".join(ensemble_table(step, machine, options.models)))
    print(f"\nOperations of a step of {options.operations} models:\n")
    print("\n".join(operation_table(step, machine, options.operations)))


if __name__ == "__main__":
    main()
