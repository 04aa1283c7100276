"""CLBlast's SGEMM with its default parameters at our shapes, through ctypes on an OpenCL device. Speaks interactive.py.

Needs the libraries of Debian's libclblast-dev and an OpenCL loader; without them it says so and ends with status 1.
"""

import ctypes
import sys
from ctypes import POINTER, byref, c_float, c_int, c_size_t, c_uint, c_ulong, c_void_p

import interactive
from matmul_shapes import FORMS, SHAPES, part_name, repeats

ROW_MAJOR, PLAIN, TRANSPOSED = 101, 111, 112
DEVICE_TYPE_ALL, READ_WRITE, COPY_HOST_POINTER, DEVICE_NAME = 0xFFFFFFFF, 1, 32, 0x102B


def load(name):
    try:
        return ctypes.CDLL(name)
    except OSError as error:
        sys.exit(f"{name} can't be opened ({error}); on Debian: libclblast-dev ocl-icd-opencl-dev")


def check(status, call):
    if status != 0:
        sys.exit(f"{call} failed with status {status}")


class OpenCL:
    """One device, its context and in-order queue."""

    def __init__(self, platform, device):
        self.cl = cl = load("libOpenCL.so.1")
        cl.clCreateContext.restype = cl.clCreateCommandQueue.restype = cl.clCreateBuffer.restype = c_void_p
        cl.clCreateCommandQueue.argtypes = [c_void_p, c_void_p, c_ulong, c_void_p]
        cl.clCreateBuffer.argtypes = [c_void_p, c_ulong, c_size_t, c_void_p, c_void_p]
        cl.clGetDeviceIDs.argtypes = [c_void_p, c_ulong, c_uint, c_void_p, c_void_p]
        cl.clGetDeviceInfo.argtypes = [c_void_p, c_uint, c_size_t, c_void_p, c_void_p]
        cl.clFinish.argtypes = [c_void_p]
        self.device = self.find(platform, device)
        status = c_int()
        handle = c_void_p(self.device)
        self.context = cl.clCreateContext(None, 1, byref(handle), None, None, byref(status))
        check(status.value, "clCreateContext")
        self.queue = c_void_p(cl.clCreateCommandQueue(self.context, self.device, 0, byref(status)))
        check(status.value, "clCreateCommandQueue")

    def find(self, platform, device):
        count = c_uint()
        check(self.cl.clGetPlatformIDs(0, None, byref(count)), "clGetPlatformIDs")
        platforms = (c_void_p * count.value)()
        check(self.cl.clGetPlatformIDs(count, platforms, None), "clGetPlatformIDs")
        if platform >= count.value:
            sys.exit(f"there is no OpenCL platform {platform}")
        check(self.cl.clGetDeviceIDs(platforms[platform], DEVICE_TYPE_ALL, 0, None, byref(count)), "clGetDeviceIDs")
        devices = (c_void_p * count.value)()
        self.cl.clGetDeviceIDs(platforms[platform], DEVICE_TYPE_ALL, count, devices, None)
        if device >= count.value:
            sys.exit(f"OpenCL platform {platform} has no device {device}")
        return devices[device]

    def name(self):
        text = ctypes.create_string_buffer(256)
        check(self.cl.clGetDeviceInfo(self.device, DEVICE_NAME, 256, text, None), "clGetDeviceInfo")
        return text.value.decode()

    def matrix(self, count):
        values, status = (c_float * count)(*[(i % 17) / 17 - 0.5 for i in range(count)]), c_int()
        memory = self.cl.clCreateBuffer(
            self.context, READ_WRITE | COPY_HOST_POINTER, 4 * count, values, byref(status)
        )
        check(status.value, "clCreateBuffer")
        return c_void_p(memory)

    def finish(self):
        check(self.cl.clFinish(self.queue), "clFinish")


def sgemm(blast, opencl):
    blast.CLBlastSgemm.argtypes = [
        c_int, c_int, c_int, c_size_t, c_size_t, c_size_t, c_float, c_void_p, c_size_t, c_size_t,
        c_void_p, c_size_t, c_size_t, c_float, c_void_p, c_size_t, c_size_t, POINTER(c_void_p), c_void_p,
    ]  # fmt: skip

    def call(m, n, k, a, a_transposed, b, b_transposed, c):
        """c [m, n] = a [m, k] · b [k, n], either of them stored transposed."""
        status = blast.CLBlastSgemm(
            ROW_MAJOR, TRANSPOSED if a_transposed else PLAIN, TRANSPOSED if b_transposed else PLAIN, m, n, k,
            1.0, a, 0, m if a_transposed else k, b, 0, k if b_transposed else n, 0.0, c, 0, n,
            byref(opencl.queue), None,
        )  # fmt: skip
        check(status, "CLBlastSgemm")

    return call


def main():
    parser = interactive.arguments(__doc__)
    parser.add_argument("--device", default="0:0", help="PLATFORM:DEVICE, in the order of `causalgap devices`")
    options = parser.parse_args()
    blast = load("libclblast.so.1")
    platform, device = (int(part) for part in options.device.split(":"))
    opencl = OpenCL(platform, device)
    multiply = sgemm(blast, opencl)
    work = []
    for rows, k, n in SHAPES:
        x, w, y = (opencl.matrix(count) for count in (rows * k, k * n, rows * n))
        output, dx, dw = (opencl.matrix(count) for count in (rows * n, rows * k, k * n))
        forms = (
            (rows, n, k, x, False, w, False, output),
            (rows, k, n, y, False, w, True, dx),
            (k, n, rows, x, True, y, False, dw),
        )
        work += [((rows, k, n), form, call) for form, call in zip(FORMS, forms)]

    def run():
        parts = {}
        for shape, form, call in work:
            count = repeats(*shape)
            opencl.finish()
            with interactive.Clock() as clock:
                for _ in range(count):
                    multiply(*call)
                opencl.finish()
            parts[part_name(form, *shape)] = clock.ms / count
        return sum(parts.values()), parts

    interactive.serve(f"clblast on {opencl.name()}", run, options.warmup or 1)


if __name__ == "__main__":
    main()
