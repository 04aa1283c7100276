// Numbers in half precision as single-precision numbers: output = input.

#include "block.h"

// The value of bits in bfloat16 or, if not isBrain, in IEEE 754 binary16, which needs no extension
// to be loaded.
static float widened(ushort bits, int isBrain) {
  if (isBrain)
    return as_float((uint)bits << 16);
  ushort one[1] = {bits};
  return vload_half(0, (const half *)one);
}

// Both offsets and strides count numbers. Work-item (column block, row block).
__kernel void widen(__global const ushort *input, long inputOffset, int inputStride, int isBrain,
                    __global float *output, long outputOffset, int outputStride, int count,
                    int width) {
  const int first = get_global_id(0) * COLUMNS, last = min(first + COLUMNS, width);
  const int firstRow = get_global_id(1) * ROWS, lastRow = min(firstRow + ROWS, count);
  for (int row = firstRow; row < lastRow; row++) {
    __global const ushort *x = input + inputOffset + (long)row * inputStride;
    __global float *y = output + outputOffset + (long)row * outputStride;
    for (int column = first; column < last; column++)
      y[column] = widened(x[column], isBrain);
  }
}
