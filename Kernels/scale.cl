// Multiplication by a number: output = factor * input.

#pragma OPENCL FP_CONTRACT OFF

#include "block.h"

// output = factor * input; the output may be the input. Work-item (column block, row block).
__kernel void scale(__global const float *input, long inputOffset, int inputStride,
                    __global float *output, long outputOffset, int outputStride, float factor,
                    int count, int width) {
  const int first = get_global_id(0) * COLUMNS, last = min(first + COLUMNS, width);
  const int firstRow = get_global_id(1) * ROWS, lastRow = min(firstRow + ROWS, count);
  for (int row = firstRow; row < lastRow; row++) {
    __global const float *x = input + inputOffset + (long)row * inputStride;
    __global float *y = output + outputOffset + (long)row * outputStride;
    for (int column = first; column < last; column++)
      y[column] = factor * x[column];
  }
}
