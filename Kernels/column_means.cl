// The mean row of each group of rows: input [rows, width] -> output [groups, width].

#pragma OPENCL FP_CONTRACT OFF

#include "vectors.h"

// The number of columns that a work-item owns: 1 or 16.
#ifndef COLUMNS
#define COLUMNS 16
#endif

#if COLUMNS == 16
typedef float16 floats;
#define LOAD(p, count) load_lanes(p, count, 0.0f)
#define STORE(value, p, count) store_lanes(value, p, count)
#elif COLUMNS == 1
typedef float floats;
#define LOAD(p, count) (*(p))
#define STORE(value, p, count) (*(p) = (value))
#else
#error "COLUMNS is 1 or 16"
#endif

// Adds rows in order with compensated sums (Kahan 1965), because a mean over a whole data set must
// not lose digits. Work-item (column block, group); groups: (model, first row, rows, -).
__kernel void column_means(__global const float *input, long inputOffset, int inputStride,
                           __global float *output, long outputOffset, int outputStride,
                           __global const int4 *groups, int groupCount, int width) {
  const int first = get_global_id(0) * COLUMNS;
  const int group = get_global_id(1);
  if (first >= width || group >= groupCount)
    return;
  const int rows = groups[group].z;
  input += inputOffset + (long)groups[group].y * inputStride + first;
  floats sum = 0.0f, lost = 0.0f;
  for (int row = 0; row < rows; row++) {
    const floats value = LOAD(input + (long)row * inputStride, width - first) - lost;
    const floats next = sum + value;
    lost = (next - sum) - value;
    sum = next;
  }
  STORE(sum / (float)rows, output + outputOffset + (long)group * outputStride + first,
        width - first);
}
