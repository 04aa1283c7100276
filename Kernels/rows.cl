// Moving and adding rows: gather_rows, scatter_rows, sum_rows, add.

#pragma OPENCL FP_CONTRACT OFF

#include "block.h"

// output[i] = input[indices[i]], or NaN if the index is not a row of the input. Work-item (column
// block, row block).
__kernel void gather_rows(__global const float *input, long inputOffset, int inputStride,
                          int inputRows, __global const int *indices,
                          __global float *restrict output, long outputOffset, int outputStride,
                          int count, int width) {
  const int first = get_global_id(0) * COLUMNS, last = min(first + COLUMNS, width);
  const int firstRow = get_global_id(1) * ROWS, lastRow = min(firstRow + ROWS, count);
  for (int row = firstRow; row < lastRow; row++) {
    const int index = indices[row];
    __global float *restrict to = output + outputOffset + (long)row * outputStride;
    if (index < 0 || index >= inputRows) {
      for (int column = first; column < last; column++)
        to[column] = NAN;
      continue;
    }
    __global const float *from = input + inputOffset + (long)index * inputStride;
    for (int column = first; column < last; column++)
      to[column] = from[column];
  }
}

// output[indices[i]] += input[i]. The indices must be distinct. If an index is not a row of the
// output, its row is not added. Work-item (column block, row block).
__kernel void scatter_rows(__global const float *input, long inputOffset, int inputStride,
                           __global const int *indices, __global float *restrict output,
                           long outputOffset, int outputStride, int outputRows, int count,
                           int width) {
  const int first = get_global_id(0) * COLUMNS, last = min(first + COLUMNS, width);
  const int firstRow = get_global_id(1) * ROWS, lastRow = min(firstRow + ROWS, count);
  for (int row = firstRow; row < lastRow; row++) {
    const int index = indices[row];
    if (index < 0 || index >= outputRows)
      continue;
    __global const float *from = input + inputOffset + (long)row * inputStride;
    __global float *restrict to = output + outputOffset + (long)index * outputStride;
    for (int column = first; column < last; column++)
      to[column] += from[column];
  }
}

// The number of columns that are summed at a time, in registers.
#define SUMMED (COLUMNS < 16 ? COLUMNS : 16)

// output[i] = the sum of input[members[k]] for starts[i] <= k < starts[i + 1], in that order; NaN
// if a member is not a row of the input, or if the bounds are not a range of the list of members.
// Work-item (column block, row block).
__kernel void sum_rows(__global const float *input, long inputOffset, int inputStride,
                       int inputRows, __global const int *starts, __global const int *members,
                       int memberCount, __global float *restrict output, long outputOffset,
                       int outputStride, int count, int width) {
  const int first = get_global_id(0) * COLUMNS, last = min(first + COLUMNS, width);
  const int firstRow = get_global_id(1) * ROWS, lastRow = min(firstRow + ROWS, count);
  input += inputOffset;
  for (int row = firstRow; row < lastRow; row++) {
    const int firstMember = starts[row], lastMember = starts[row + 1];
    __global float *restrict to = output + outputOffset + (long)row * outputStride;
    int isWhole = firstMember >= 0 && firstMember <= lastMember && lastMember <= memberCount;
    for (int member = firstMember; isWhole && member < lastMember; member++)
      isWhole = members[member] >= 0 && members[member] < inputRows;
    int column = first;
    if (!isWhole) {
      for (; column < last; column++)
        to[column] = NAN;
    }
    for (; column + SUMMED <= last; column += SUMMED) {
      float sums[SUMMED];
      for (int i = 0; i < SUMMED; i++)
        sums[i] = 0.0f;
      for (int member = firstMember; member < lastMember; member++) {
        __global const float *from = input + (long)members[member] * inputStride + column;
        for (int i = 0; i < SUMMED; i++)
          sums[i] += from[i];
      }
      for (int i = 0; i < SUMMED; i++)
        to[column + i] = sums[i];
    }
    for (; column < last; column++) {
      float sum = 0.0f;
      for (int member = firstMember; member < lastMember; member++)
        sum += input[(long)members[member] * inputStride + column];
      to[column] = sum;
    }
  }
}

// output = left + right; the output may be either operand. Work-item (column block, row block).
__kernel void add(__global const float *left, long leftOffset, int leftStride,
                  __global const float *right, long rightOffset, int rightStride,
                  __global float *output, long outputOffset, int outputStride, int count,
                  int width) {
  const int first = get_global_id(0) * COLUMNS, last = min(first + COLUMNS, width);
  const int firstRow = get_global_id(1) * ROWS, lastRow = min(firstRow + ROWS, count);
  for (int row = firstRow; row < lastRow; row++) {
    __global const float *a = left + leftOffset + (long)row * leftStride;
    __global const float *b = right + rightOffset + (long)row * rightStride;
    __global float *sum = output + outputOffset + (long)row * outputStride;
    for (int column = first; column < last; column++)
      sum[column] = a[column] + b[column];
  }
}
