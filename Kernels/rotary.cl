// Rotary positions: in each head, columns j and j + pairs are a point, which is rotated by the
// angle of pair j at the row's position.
//
// target: [rows, heads * headWidth]; the columns of a head are adjacent, and those beyond the pairs
// stay as they are.
// table: [positions, 2 * pairs]; the cosines of a position's angles, then their sines.

#pragma OPENCL FP_CONTRACT OFF

// The number of pairs of one head that a work-item owns; at least 1. CPUs use many, GPUs use 1.
#ifndef COLUMNS
#define COLUMNS 16
#endif

// The number of rows that a work-item owns; at least 1.
#ifndef ROWS
#define ROWS 1
#endif

// direction: 1, or -1 to rotate back. A row whose position is not in the table becomes NaN.
// Work-item (head and block of its pairs, row block).
__kernel void rotary(__global float *target, long targetOffset, int targetStride,
                     __global const int *positions, __global const float *table, long tableOffset,
                     int tableStride, int tableRows, float direction, int count, int heads,
                     int headWidth, int pairs) {
  const int blocks = (pairs + COLUMNS - 1) / COLUMNS;
  const int head = get_global_id(0) / blocks;
  if (head >= heads)
    return;
  const int first = (get_global_id(0) - head * blocks) * COLUMNS;
  const int last = min(first + COLUMNS, pairs);
  const int firstRow = get_global_id(1) * ROWS, lastRow = min(firstRow + ROWS, count);
  for (int row = firstRow; row < lastRow; row++) {
    const int position = positions[row];
    __global float *restrict low =
        target + targetOffset + (long)row * targetStride + head * headWidth;
    __global float *restrict high = low + pairs;
    if (position < 0 || position >= tableRows) {
      for (int pair = first; pair < last; pair++)
        low[pair] = high[pair] = NAN;
      continue;
    }
    __global const float *restrict cosines = table + tableOffset + (long)position * tableStride;
    __global const float *restrict sines = cosines + pairs;
    for (int pair = first; pair < last; pair++) {
      const float cosine = cosines[pair], sine = direction * sines[pair];
      const float a = low[pair], b = high[pair];
      low[pair] = a * cosine - b * sine;
      high[pair] = b * cosine + a * sine;
    }
  }
}
