"""What a compiler made of one kernel."""

from dataclasses import dataclass


@dataclass
class Report:
    kernel: str
    values: str  # of the file's parameters
    architecture: str
    items: int  # of a work-group
    registers: int
    local_memory: int  # bytes of a work-group
    spilled: int  # bytes of registers kept in memory, or of arrays that are not in registers
    occupancy: int  # the share, in per cent, of the threads that a compute unit can hold
    bound_by: str  # what bounds the occupancy
    bytes: int  # of machine code
    mix: str  # the instructions of the hottest loop


def heat(multiply_adds, loads, loop):
    """Orders the loops of a kernel, to find the one that its speed depends on: the densest of those that multiply much,
    else the one that loads most from global memory."""
    return min(multiply_adds, 32), multiply_adds / len(loop) if multiply_adds >= 32 else loads, -len(loop)
