// Caps of elements: output = cap * tanh(input / cap).

#pragma OPENCL FP_CONTRACT OFF

#include "block.h"

// output = cap * tanh(input / cap); the output may be the input. Work-item (column block, row
// block).
__kernel void soft_cap(__global const float *input, long inputOffset, int inputStride,
                       __global float *output, long outputOffset, int outputStride, float cap,
                       int count, int width) {
  const int first = get_global_id(0) * COLUMNS, last = min(first + COLUMNS, width);
  const int firstRow = get_global_id(1) * ROWS, lastRow = min(firstRow + ROWS, count);
  for (int row = firstRow; row < lastRow; row++) {
    __global const float *x = input + inputOffset + (long)row * inputStride;
    __global float *y = output + outputOffset + (long)row * outputStride;
    for (int column = first; column < last; column++)
      y[column] = cap * tanh(x[column] / cap);
  }
}

// inputGradient = outputGradient * (1 - (output / cap)^2); the gradients may be one. Work-item
// (column block, row block).
__kernel void soft_cap_backward(__global const float *output, long outputOffset, int outputStride,
                                __global const float *outputGradient, long outputGradientOffset,
                                int outputGradientStride, __global float *inputGradient,
                                long inputGradientOffset, int inputGradientStride, float cap,
                                int count, int width) {
  const int first = get_global_id(0) * COLUMNS, last = min(first + COLUMNS, width);
  const int firstRow = get_global_id(1) * ROWS, lastRow = min(firstRow + ROWS, count);
  for (int row = firstRow; row < lastRow; row++) {
    __global const float *y = output + outputOffset + (long)row * outputStride;
    __global const float *dy =
        outputGradient + outputGradientOffset + (long)row * outputGradientStride;
    __global float *dx = inputGradient + inputGradientOffset + (long)row * inputGradientStride;
    for (int column = first; column < last; column++) {
      const float ratio = y[column] / cap;
      dx[column] = dy[column] * ((1.0f - ratio) * (1.0f + ratio));
    }
  }
}
