// Overwrites blocks of an activation with values of a source, or with zeros; interventions use it.

#pragma OPENCL FP_CONTRACT OFF

// The number of columns that a work-item owns; at least 1. CPUs use many, GPUs use 1.
#ifndef COLUMNS
#define COLUMNS 16
#endif

// A block, as the host describes it: eight longs (first row, rows, first column, columns, source
// offset or -1 for zeros, source stride, -, -). Blocks don't overlap. Work-item (column block,
// block).
__kernel void replace_rows(__global float *restrict target, long targetOffset, int targetStride,
                           __global const float *source, __global const long *blocks,
                           int blockCount) {
  const int index = get_global_id(1);
  if (index >= blockCount)
    return;
  __global const long *block = blocks + 8 * (long)index;
  const int rows = (int)block[1], columns = (int)block[3];
  const long from = block[4], fromStride = block[5];
  const int first = get_global_id(0) * COLUMNS, last = min(first + COLUMNS, columns);
  target += targetOffset + block[0] * targetStride + block[2];
  for (int row = 0; row < rows; row++) {
    __global float *restrict to = target + (long)row * targetStride;
    if (from < 0) {
      for (int column = first; column < last; column++)
        to[column] = 0.0f;
    } else {
      __global const float *values = source + from + row * fromStride;
      for (int column = first; column < last; column++)
        to[column] = values[column];
    }
  }
}
