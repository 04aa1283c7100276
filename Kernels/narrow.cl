// Single-precision numbers in half precision: output = input.

#include "block.h"

// The number in bfloat16 or, if not isBrain, in IEEE 754 binary16 that is nearest to a value, ties
// to even. Written out, so that it has the same bits on every device.
static ushort narrowed(float value, int isBrain) {
  const uint bits = as_uint(value), magnitude = bits & 0x7fffffff;
  const ushort sign = bits >> 16 & 0x8000;
  if (magnitude > 0x7f800000)
    return sign | (isBrain ? 0x7fc0 : 0x7e00);
  if (isBrain)
    return sign | (magnitude + 0x7fff + (magnitude >> 16 & 1)) >> 16;
  // At 2^16 all numbers of the format are exceeded; just below, rounding leads to infinity.
  if (magnitude >= 0x47800000)
    return sign | 0x7c00;
  // Below 2^-14 the spacing is 2^-24, which is also that of single precision above 1/2.
  if (magnitude < 0x38800000)
    return sign | (as_uint(as_float(magnitude) + 0.5f) - 0x3f000000);
  // The biases of the exponents differ by 112.
  return sign | (magnitude - (112u << 23) + 0xfff + (magnitude >> 13 & 1)) >> 13;
}

// Both offsets and strides count numbers. Work-item (column block, row block).
__kernel void narrow(__global const float *input, long inputOffset, int inputStride,
                     __global ushort *output, long outputOffset, int outputStride, int isBrain,
                     int count, int width) {
  const int first = get_global_id(0) * COLUMNS, last = min(first + COLUMNS, width);
  const int firstRow = get_global_id(1) * ROWS, lastRow = min(firstRow + ROWS, count);
  for (int row = firstRow; row < lastRow; row++) {
    __global const float *x = input + inputOffset + (long)row * inputStride;
    __global ushort *y = output + outputOffset + (long)row * outputStride;
    for (int column = first; column < last; column++)
      y[column] = narrowed(x[column], isBrain);
  }
}
