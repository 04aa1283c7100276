"""The matrix products that are compared, as `causalgap bench --serve --workload matmul` names and counts them."""

SHAPES = [
    (1024, 128, 384), (1024, 128, 128), (1024, 128, 512), (1024, 512, 128), (1024, 128, 104),
    (512, 768, 2304), (512, 768, 768), (512, 768, 3072), (512, 3072, 768),
]  # fmt: skip
FORMS = ("forward", "input gradient", "weight gradient")


def part_name(form, rows, k, n):
    return f"{form} {rows}×{k}→{n}"


def repeats(rows, k, n):
    """Calls a timing: a thousand million operations."""
    return max(1, -(-(10**9) // (2 * rows * k * n)))
