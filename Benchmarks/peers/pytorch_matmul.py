"""torch.mm (MKL or OpenBLAS, whatever PyTorch was built with) at our shapes, into memory that is there. Speaks interactive.py."""

import interactive
import torch
from matmul_shapes import FORMS, SHAPES, part_name, repeats


def library():
    config = torch.__config__.show()
    return "MKL" if "BLAS_INFO=mkl" in config else "OpenBLAS" if "BLAS_INFO=open" in config else "BLAS"


def calls(rows, k, n):
    x, w, y = torch.randn(rows, k), torch.randn(k, n), torch.randn(rows, n)
    output, dx, dw = torch.empty(rows, n), torch.empty(rows, k), torch.empty(k, n)
    return dict(
        zip(
            FORMS,
            (
                lambda: torch.mm(x, w, out=output),
                lambda: torch.mm(y, w.t(), out=dx),
                lambda: torch.mm(x.t(), y, out=dw),
            ),
        )
    )


def main():
    options = interactive.arguments(__doc__).parse_args()
    torch.set_num_threads(options.threads)
    work = [(shape, form, call) for shape in SHAPES for form, call in calls(*shape).items()]

    def run():
        parts = {}
        for shape, form, call in work:
            count = repeats(*shape)
            with interactive.Clock() as clock:
                for _ in range(count):
                    call()
            parts[part_name(form, *shape)] = clock.ms / count
        return sum(parts.values()), parts

    interactive.serve(f"pytorch {torch.__version__} {library()}", run, options.warmup or 1)


if __name__ == "__main__":
    main()
