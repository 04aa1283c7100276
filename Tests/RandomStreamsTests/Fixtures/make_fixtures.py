"""Writes the fixtures of RandomStreamsTests: what PyTorch and numpy draw from the same seeds.

Run in this folder with PyTorch (CPU) and numpy installed:  python make_fixtures.py
"""

import json
import math

import numpy as np
import torch


def floats(tensor):
    # A single-precision value survives the way through a JSON number exactly.
    return [float(x) for x in tensor.flatten().tolist()]


def torch_cases(seed):
    case = {"seed": seed}

    torch.manual_seed(seed)
    case["uniform"] = floats(torch.empty(40).uniform_())

    case["uniform_bounds"] = []
    for count, fan_in in [(7, 128), (33, 512), (64, 100), (19, 3)]:
        bound = 1 / math.sqrt(fan_in)
        torch.manual_seed(seed)
        values = torch.empty(count).uniform_(-bound, bound)
        case["uniform_bounds"].append({"bound": bound, "values": floats(values)})

    case["normal"] = []
    for count in [1, 2, 3, 7, 15, 16, 17, 31, 32, 33, 40, 48, 100]:
        torch.manual_seed(seed)
        values = torch.empty(count).normal_()
        after = torch.empty(1).uniform_()
        case["normal"].append({"values": floats(values), "after": float(after)})

    # Small draws keep the second value of a pair for the next small draw, past a large one.
    torch.manual_seed(seed)
    case["normal_chain"] = [floats(torch.empty(count).normal_()) for count in [3, 16, 4, 20, 2, 1]]

    torch.manual_seed(seed)
    linear = torch.nn.Linear(128, 512)
    after = torch.empty(4).uniform_()
    weight = linear.weight.detach().flatten()
    case["linear"] = {
        "weight_head": floats(weight[:32]),
        "weight_tail": floats(weight[-32:]),
        "weight_sum": float(weight.double().sum()),
        "bias": floats(linear.bias.detach()),
        "after": floats(after),
    }

    torch.manual_seed(seed)
    table = torch.nn.Embedding(104, 128).weight.detach().flatten()
    after = torch.empty(4).uniform_()
    case["embedding"] = {
        "head": floats(table[:64]),
        "spots": [{"position": p, "value": float(table[p])} for p in range(0, 104 * 128, 131)],
        "sum": float(table.double().sum()),
        "sum_of_squares": float((table.double() ** 2).sum()),
        "after": floats(after),
    }
    return case


def numpy_cases(seed):
    case = {"seed": seed, "ranges": [], "batches": []}
    for low, high in [(1, 100), (3, 8), (0, 2), (5, 6), (-7, 8), (0, 256), (0, 1000003), (0, 2**31),
                      (0, 2**32), (-(2**40), 2**41 + 5)]:
        stream = np.random.RandomState(seed)
        values = [int(stream.randint(low, high)) for _ in range(40)]
        after = int(stream.randint(0, 2**32))
        case["ranges"].append({"low": low, "high": high, "values": values, "after": after})

    # Three training batches as the published program draws them: for each of 64 samples the length, then the integers.
    stream = np.random.RandomState(seed)
    for _ in range(3):
        batch = []
        for _ in range(64):
            length = stream.randint(3, 8)
            batch.append([int(stream.randint(1, 100)) for _ in range(length)])
        case["batches"].append(batch)
    case["after"] = int(stream.randint(0, 2**32))

    # Words of the bare generator: the first ones and those past two refills.
    stream = np.random.RandomState(seed)
    words = [int(stream.randint(0, 2**32)) for _ in range(1300)]
    case["words_head"] = words[:16]
    case["words_tail"] = words[-16:]
    return case


def write(name, cases):
    with open(name, "w") as file:
        json.dump(cases, file, separators=(",", ":"))
        file.write("\n")


write("torch.json", [torch_cases(seed) for seed in (42, 456)])
write("numpy.json", [numpy_cases(seed) for seed in (0, 42, 456)])
