#!/usr/bin/env python3
"""What a training step should take on an H100, from what the kernels were compiled to: a range, for a measurement to prove wrong.

Operations, rows and operands are those of roofline.py. Tiles, instructions, multiply-adds, reads of local memory and occupancy are those of
docs/gpu-static.md (sm_90), which ci/gpu-static writes. A launch takes the longest of three: the latency of its longest group, the
cycles of its groups on all multiprocessors, and its bytes. The constants of the machine are public figures; three sets of them give the
range. The host's time per model is measured (docs/performance.md says how). Nothing here was run on a GPU.
"""

import argparse
import math
import re
from dataclasses import dataclass
from pathlib import Path

from roofline import Batch, Shape, Step

TABLE = Path(__file__).resolve().parent.parent / "docs" / "gpu-static.md"
THREADS = 2048  # of a multiprocessor
SCHEDULERS = 4
SPLIT_ROWS = 256
MOST_PARTIALS = 8 << 20


@dataclass
class Machine:
    """An H100 SXM. `left` and `right`: cycles that local memory needs for a 128-bit read of a product's operands, by how many
    lanes share an address. `issue`: the share of cycles in which a scheduler of a busy multiprocessor issues."""

    issue: float
    bandwidth: float  # bytes/s of a copy
    gap: float  # seconds between dependent launches
    left: int
    right: int
    clock: float = 1.755e9
    units: int = 132
    cache: float = 50e6
    cache_bandwidth: float = 5.5e12


MACHINES = {
    "at best": Machine(0.95, 3.2e12, 0.8e-6, 1, 2),
    "likely": Machine(0.8, 3.0e12, 1.2e-6, 2, 4),
    "at worst": Machine(0.6, 2.6e12, 2.5e-6, 4, 4),
}


@dataclass
class Kernel:
    """A row of the table: one kernel with its values."""

    items: int
    occupancy: float
    instructions: int  # of the hottest loop
    multiply_adds: float
    reads: int

    @property
    def warps(self):
        return self.items / 32

    @property
    def resident(self):
        """Groups on a multiprocessor."""
        return max(1, int(self.occupancy * THREADS / self.items))


def compiled(architecture="sm_90"):
    """Every kernel of the table, by name and what tells its rows apart: the tile (rows, columns) or the width of a head;
    else None. Of two kernels of attention it is the one that reads keys in shared rows, as the study's steps do."""
    section = TABLE.read_text().split(f"## {architecture}\n")[1].split("\n## ")[0]
    kernels = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 9 or not cells[0].startswith("`"):
            continue
        values = dict(part.split("=") for part in cells[1].split())
        tile = int(values["HEAD_WIDTH"]) if "HEAD_WIDTH" in values else None
        if "TILE_ROWS" in values:
            tile = int(values["TILE_ROWS"]), int(values["TILE_COLUMNS"])
        if values.get("KEY_ROWS") == "0" and (cells[0].strip("`"), tile) in kernels:
            continue
        loop = re.match(r"(\d+): FFMA (\d+) %", cells[8])
        count = int(loop[1]) if loop else 0
        reads = re.search(r"LDS (\d+)", cells[8])
        kernels[cells[0].strip("`"), tile] = Kernel(
            int(cells[2]), int(cells[6].split()[0]) / 100, count, count * int(loop[2]) / 100 if loop else 0,
            int(reads[1]) if reads else 0)
    return kernels


# Rows, columns, depth; 128-bit reads of the left and the right operand for each step of depth.
SMALL, STANDARD, LARGE = (32, 32, 16, 1, 1), (64, 64, 16, 2, 1), (64, 128, 8, 2, 2)


class Launches(Step):
    """The launches of a step of some models, each with its seconds."""

    def __init__(self, shape, batch, models, machine, kernels, halves=False):
        self.models, self.machine, self.kernels, self.found = models, machine, kernels, []
        self.waiting = [0, 0, 0]  # partial sums, sums, the most chunks of one
        super().__init__(shape, batch, halves)

    def put(self, name, groups, latency, cycles, floats, resident=16, flops=0.0):
        """`latency` and `cycles`: of a group alone, and its share of a busy multiprocessor; `floats`: of all models."""
        m = self.machine
        busy = groups / m.units * cycles / m.issue + (latency / 2 if groups > m.units * resident else 0)
        size = 4 * floats
        moving = size / (0.8 * (m.cache_bandwidth if size < 0.6 * m.cache else m.bandwidth)) + 1e-6
        seconds = max(max(latency, busy) / m.clock, moving)
        limit = "memory" if seconds == moving else "latency" if latency >= busy else "arithmetic"
        self.found.append((name, seconds, limit, size, flops))

    def product(self, name, tile, groups, depth, floats, flops, gelu=False, chunks=1):
        """`chunks`: how often a group stores its sums; from the second time on, it reads them first."""
        rows, columns, step, left, right = tile
        kernel = self.kernels[name, (rows, columns)]
        reads = step * (left * self.machine.left + right * self.machine.right)
        slab = max(kernel.instructions / SCHEDULERS, reads * self.machine.issue) * kernel.warps
        slabs = math.ceil(depth / step)
        epilogue = (150 + (800 if gelu else 100) * rows * columns / kernel.items / 16) * kernel.warps / SCHEDULERS
        epilogue *= chunks
        latency = 1300 + slabs * max(slab + 100, 800) + 2 * epilogue
        self.put(name, groups, latency, slabs * slab + epilogue, floats, kernel.resident, flops)

    def tile(self, groups):
        """As LocalTile in Sources/OpenCLDevice/MatmulLocal.swift chooses."""
        if groups(*LARGE[:2]) >= 4 * self.machine.units:
            return LARGE
        return STANDARD if groups(*STANDARD[:2]) >= self.machine.units else SMALL

    def forward_product(self, name, rows, k, n, extra, gelu):
        m = self.models

        def groups(height, width):
            return m * math.ceil(rows / height) * math.ceil(n / width)

        tile = self.tile(groups)
        self.product(
            name, tile, groups(*tile[:2]), k, m * (rows * k + k * n + rows * n * (1 + extra)), 2 * m * rows * k * n, gelu=gelu)

    def matmul(self, rows, k, n, extra=0):
        self.forward_product("matmul", rows, k, n, extra, gelu=n == self.s.hidden)

    def matmul_back(self, rows, k, n, gelu=False):
        m, name = self.models, "matmul_weight_gradient"
        chunks = math.ceil(rows / SPLIT_ROWS)

        def groups(height, width):
            return math.ceil(k / height) * math.ceil(n / width)

        flops = 2 * m * rows * k * n
        if chunks == 1 or m * groups(64, 64) >= 4 * self.machine.units:
            tile = self.tile(lambda *size: m * groups(*size))
            # Sums that are read again are still in the cache: the tiles that are worked on take a fraction of it.
            self.product(name, tile, m * groups(*tile[:2]), rows, m * (rows * (k + n) + k * n + n), flops, chunks=chunks)
        else:
            tile = self.tile(lambda *size: m * chunks * groups(*size))
            floats = m * (rows * (k + n) + chunks * (k + 1) * n)
            self.product(name, tile, m * chunks * groups(*tile[:2]), rows / chunks, floats, flops)
            self.wait(m * chunks * (k + 1) * n, m * (k + 1) * n, chunks)
        self.forward_product("matmul_input_gradient", rows, n, k, 1 if gelu else 0, gelu)

    def rows_alike(self, name, groups, loads, floats):
        """Kernels whose work-items share nothing: `loads` dependent loads, one after the other."""
        kernel = next(found for (known, _), found in self.kernels.items() if known == name)
        instructions = max(kernel.instructions, 40)
        self.put(name, groups, 1200 + 650 * loads, kernel.warps * instructions / SCHEDULERS, floats, kernel.resident)

    def norm(self, rows):
        self.rows_alike("layer_norm", self.models * rows / 4, 3, self.models * rows * (2 * self.s.d + 2))

    def norm_back(self, rows, residual):
        d, m, chunks = self.s.d, self.models, math.ceil(rows / 32)
        # Tiles of four rows, and chunks of 32 rows and 128 columns, which read eight rows at a time and so wait four times.
        groups = m * (rows / 4 + chunks * math.ceil(d / 128))
        self.rows_alike("layer_norm_gradients", groups, 4, m * (rows * ((4 if residual else 3) * d + 2) + chunks * 2 * d))
        self.wait(m * chunks * 2 * d, m * 2 * d, chunks)

    def wait(self, partials, sums, chunks):
        """As PendingSums in Sources/OpenCLDevice: the sums of chunks are added up together, as far as they have room."""
        if self.waiting[0] + partials > MOST_PARTIALS:
            self.settle()
        self.waiting = [self.waiting[0] + partials, self.waiting[1] + sums, max(self.waiting[2], chunks)]

    def settle(self):
        partials, sums, chunks = self.waiting
        if partials:
            self.rows_alike("sum_chunks", sums / 512, 1 + chunks / 4, partials + sums)
        self.waiting = [0, 0, 0]

    def moved(self, name, rows, matrices):
        self.rows_alike(name, self.models * rows / 16 * matrices, 3, self.models * rows * (matrices * self.s.d + 1))

    def converted(self, name, layer):
        for numbers in self.kept(layer):
            self.rows_alike(name, self.models * numbers / 1024, 2, self.models * 1.5 * numbers)

    def activated(self, rows):
        self.rows_alike("gate", self.models * rows * self.s.hidden / 1024, 2, self.models * 2 * rows * self.s.hidden)

    def summed(self, rows, into, matrices):
        d = matrices * self.s.d
        self.rows_alike("sum_rows", self.models * into / 8 * matrices, 10, self.models * (rows * (d + 1) + into * (d + 1)))

    def attention(self, queries, entering, pairs):
        # Two sequences a group; a step of the loop takes 16 keys.
        groups = self.models * self.b.sequences * self.s.heads / 2
        kernel = self.kernels["attention", self.s.d // self.s.heads]
        floats = self.models * (2 * (queries + entering) * self.s.d + queries * self.s.heads)
        self.put("attention", groups, 9000, 2 * kernel.instructions / SCHEDULERS, floats, kernel.resident)

    def attention_back(self, queries, entering, keys, pairs):
        groups = self.models * self.b.sequences * self.s.heads / 2
        floats = self.models * ((4 * queries + 2 * entering + 2 * keys) * self.s.d + queries * self.s.heads)
        for name, share in (("attention_backward_query", 0.6), ("attention_backward_key", 0.7)):
            kernel = self.kernels[name, self.s.d // self.s.heads]
            cycles = 2 * kernel.warps * kernel.instructions / SCHEDULERS
            self.put(name, groups, 8500, cycles, share * floats, kernel.resident)

    def add(self, name, flops, floats, launches=1):
        m = self.models
        if name in ("embedding_backward", "adam"):
            # Both touch the buffer in which the sums belong.
            self.settle()
        if name == "adam":
            return self.rows_alike(name, m * self.s.parameters() / 128, 1, m * floats)
        loads = {"cross_entropy": 6, "embedding": 4, "embedding_backward": 8}[name]
        self.rows_alike(name, m * self.b.outputs() / 4, loads, m * floats)
        for _ in range({"cross_entropy": 1, "embedding_backward": 2}.get(name, 0)):
            self.put(name, m, 1200 + 12 * 650, 300, m * self.b.outputs() * 3)


def prediction(shape, batch, models, machine, kernels, host, drawing, cores, halves=False):
    """Seconds of a step, of the device alone, and what limits it."""
    found = Launches(shape, batch, models, machine, kernels, halves).found
    device = sum(seconds for _, seconds, *_ in found) + machine.gap * len(found)
    limits = {name: sum(seconds for _, seconds, limit, *_ in found if limit == name) for name in ("latency", "arithmetic", "memory")}
    products = [entry for entry in found if entry[4]]
    return {
        "seconds": max(device, host(models), drawing * models / cores), "device": device, "launches": len(found), "limits": limits,
        "gigabytes": sum(entry[3] for entry in found) * 1e-9,
        "teraflops": sum(entry[4] for entry in products) / sum(entry[1] for entry in products) * 1e-12,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, nargs="*", default=[1, 8, 32, 128, 256])
    parser.add_argument("--host", type=float, default=0.14, help="ms of the host's own work for the step of one model")
    parser.add_argument("--host-model", type=float, default=0.014, help="ms of it for each further model")
    parser.add_argument("--drawing", type=float, default=0.13, help="ms of one core to draw and pack a model's batch")
    parser.add_argument("--cores", type=int, default=8)
    parser.add_argument("--launch", type=float, default=4, help="µs that the driver takes for a launch and its arguments")
    parser.add_argument("--gpt2", action="store_true", help="GPT-2-small's shape: 12 layers, 12 heads, width 768, vocabulary 50,257")
    parser.add_argument("--halves", action="store_true", help="activations kept in half precision")
    options = parser.parse_args()
    shape = Shape(12, 12, 768, 3072, 50257) if options.gpt2 else Shape()
    kernels = compiled()

    def host(models):
        step = Launches(shape, Batch(), models, MACHINES["likely"], kernels, options.halves)
        return 1e-3 * (options.host + options.host_model * (models - 1)) + 1e-6 * options.launch * len(step.found)

    print("| models | launches | device, ms: likely [best, worst] | latency / arithmetic / memory bound | GB moved | TFLOP/s of products "
          "| host, ms | step, ms | seed-steps/s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for models in options.models:
        found = {
            name: prediction(
                shape, Batch(), models, machine, kernels, host, 1e-3 * options.drawing, options.cores, options.halves)
            for name, machine in MACHINES.items()
        }
        likely, best, worst = (found[name] for name in ("likely", "at best", "at worst"))
        total = sum(likely["limits"].values())
        limits = " / ".join(f"{100 * part / total:.0f} %" for part in likely["limits"].values())
        print(
            f"| {models} | {likely['launches']} | {1e3 * likely['device']:.2f} [{1e3 * best['device']:.2f}, {1e3 * worst['device']:.2f}] "
            f"| {limits} | {likely['gigabytes']:.2f} | {likely['teraflops']:.0f} | {1e3 * host(models):.2f} "
            f"| {1e3 * likely['seconds']:.2f} | {models / likely['seconds']:,.0f} [{models / worst['seconds']:,.0f}, "
            f"{models / best['seconds']:,.0f}] |")


if __name__ == "__main__":
    main()
