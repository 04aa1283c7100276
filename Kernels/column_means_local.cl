// The mean row of each group of rows on GPUs: input [rows, width] -> output [groups, width].
//
// A group's rows are cut into chunks of SPLIT_ROWS. A work-item sums one column of a chunk, and a
// second kernel adds the chunks in order. Both use compensated sums (Kahan 1965), because a mean
// over a whole data set must not lose digits.

#pragma OPENCL FP_CONTRACT OFF

// The number of rows in a chunk; at least 1. The host cuts the rows into chunks. Results depend on
// this number.
#ifndef SPLIT_ROWS
#define SPLIT_ROWS 64
#endif

// The number of rows that are loaded together, so that their loads wait together.
#define LOADED 8

// partials: [chunks, 2, width], the sums and their rounding errors. Work-item (column, chunk);
// chunks: (-, first row, rows, -).
__kernel void column_means(__global const float *input, long inputOffset, int inputStride,
                           __global float *partials, __global const int4 *chunks, int chunkCount,
                           int width) {
  const int column = get_global_id(0), index = get_global_id(1);
  if (column >= width || index >= chunkCount)
    return;
  const int4 chunk = chunks[index];
  input += inputOffset + (long)chunk.y * inputStride + column;
  float sum = 0.0f, lost = 0.0f;
  int row = 0;
  for (; row + LOADED <= chunk.z; row += LOADED) {
    float values[LOADED];
#pragma unroll
    for (int i = 0; i < LOADED; i++)
      values[i] = input[(long)(row + i) * inputStride];
#pragma unroll
    for (int i = 0; i < LOADED; i++) {
      const float value = values[i] - lost;
      const float next = sum + value;
      lost = (next - sum) - value;
      sum = next;
    }
  }
  for (; row < chunk.z; row++) {
    const float value = input[(long)row * inputStride] - lost;
    const float next = sum + value;
    lost = (next - sum) - value;
    sum = next;
  }
  partials += (long)index * 2 * width + column;
  partials[0] = sum;
  partials[width] = lost;
}

// Adds the chunks of each group in order and divides by its number of rows. Work-item (column,
// group); groups: (-, first chunk, chunks, rows).
__kernel void column_means_sum(__global const float *partials, __global float *output,
                               long outputOffset, int outputStride, __global const int4 *groups,
                               int groupCount, int width) {
  const int column = get_global_id(0), index = get_global_id(1);
  if (column >= width || index >= groupCount)
    return;
  const int4 group = groups[index];
  partials += (long)group.y * 2 * width + column;
  float sum = 0.0f, lost = 0.0f;
  for (int chunk = 0; chunk < group.z; chunk++) {
    lost += partials[((long)chunk * 2 + 1) * width];
    const float value = partials[(long)chunk * 2 * width] - lost;
    const float next = sum + value;
    lost = (next - sum) - value;
    sum = next;
  }
  output[outputOffset + (long)index * outputStride + column] = (sum - lost) / group.w;
}
