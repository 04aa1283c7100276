// Layer normalisation of rows on GPUs.
//
// input, output: [rows, width]; weight, bias: [width] for each model; statistics: [rows, 2] (mean,
// rstd). With xHat = (input - mean) * rstd: output = xHat * weight [+ bias]. An RMS norm, which is
// not centred, has a mean of 0.
//
// LANES work-items share a row, and neighbours take neighbouring columns. Their sums are added in
// local memory as a tree, so the order of a sum depends only on the width.

#pragma OPENCL FP_CONTRACT OFF

#include "row_local.h"
#include "lanes_local.h"

// Work-group: a tile of rows; tiles: (model, first row, rows <= GROUP_ROWS, -). The variance is
// computed about the mean in a second pass, because the difference of squares would lose its digits
// to cancellation.
__kernel __attribute__((reqd_work_group_size(LANES, GROUP_ROWS, 1))) void
layer_norm(__global const float *input, long inputOffset, int inputStride,
           __global const float *weight, long weightOffset, long weightModelStride,
           __global const float *bias, long biasOffset, long biasModelStride, int hasBias,
           int isCentred, float epsilon, __global float *output, long outputOffset,
           int outputStride, __global float *statistics, long statisticsOffset,
           int statisticsStride, __global const int4 *tiles, int tileCount, int width) {
  __local float lines[2][GROUP_ROWS][LANES];
  const int own = get_local_id(1);
  const int4 tile = tiles[get_group_id(0)];
  const int lane = get_local_id(0);
  const long row = tile.y + own;
  // Work-items without a row still reach every barrier.
  const int columns = own < tile.z ? width : 0;
  input += inputOffset + row * inputStride;
  output += outputOffset + row * outputStride;
  weight += weightOffset + tile.x * weightModelStride;
  bias += biasOffset + tile.x * biasModelStride;

  float sum = 0.0f;
  for (int c = lane; c < columns; c += LANES)
    sum += input[c];
  const float total = sum_row(sum, lines[0][own]);
  const float mean = isCentred ? total / width : 0.0f;

  float squares = 0.0f;
  for (int c = lane; c < columns; c += LANES) {
    const float deviation = input[c] - mean;
    squares = fma(deviation, deviation, squares);
  }
  const float rstd = 1.0f / sqrt(sum_row(squares, lines[1][own]) / width + epsilon);

  for (int c = lane; c < columns; c += LANES)
    output[c] = fma((input[c] - mean) * rstd, weight[c], hasBias ? bias[c] : 0.0f);
  if (columns > 0 && lane == 0) {
    statistics[statisticsOffset + row * statisticsStride] = mean;
    statistics[statisticsOffset + row * statisticsStride + 1] = rstd;
  }
}
