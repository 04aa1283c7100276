// The gradients of a layer normalisation on GPUs: those of its input, of its parameters, or both in
// one launch.
//
// input, outputGradient, inputGradient: [rows, width]; statistics: [rows, 2] (mean, rstd); weight,
// weightGradient, biasGradient: [width] for each model. With xHat = (input - mean) * rstd:
// weightGradient = sum of outputGradient * xHat, biasGradient = sum of outputGradient.
//
// For the input, LANES work-items share a row, and neighbours take neighbouring columns; their sums
// are added in local memory as a tree. For the parameters, a model's rows are cut into chunks of
// SPLIT_ROWS, a work-item sums one column of a chunk, and sum_chunks adds the chunks in order.
// So the order of a sum depends only on the width, and on that model's rows.

#pragma OPENCL FP_CONTRACT OFF

#include "row_local.h"
#include "lanes_local.h"

// The number of rows in a chunk; at least 1. The host cuts the rows into chunks. Results depend on
// this number.
#ifndef SPLIT_ROWS
#define SPLIT_ROWS 32
#endif

// The number of rows that are loaded together, so that their loads wait together.
#define LOADED 8

// partials: [chunks, 2, width], the sums of the weight and of the bias over the rows of a chunk,
// for one column. chunk: (model, first row, rows, index).
static void sum_chunk(__global const float *input, int inputStride,
                      __global const float *statistics, int statisticsStride,
                      __global const float *outputGradient, int outputGradientStride,
                      __global float *partials, long partialsStride, int4 chunk, int column,
                      int width) {
  input += (long)chunk.y * inputStride + column;
  outputGradient += (long)chunk.y * outputGradientStride + column;
  statistics += (long)chunk.y * statisticsStride;
  float weightSum = 0.0f, biasSum = 0.0f;
  int row = 0;
  for (; row + LOADED <= chunk.z; row += LOADED) {
    float gradients[LOADED], normalized[LOADED];
#pragma unroll
    for (int i = 0; i < LOADED; i++) {
      __global const float *moments = statistics + (long)(row + i) * statisticsStride;
      gradients[i] = outputGradient[(long)(row + i) * outputGradientStride];
      normalized[i] = (input[(long)(row + i) * inputStride] - moments[0]) * moments[1];
    }
#pragma unroll
    for (int i = 0; i < LOADED; i++) {
      weightSum = fma(gradients[i], normalized[i], weightSum);
      biasSum += gradients[i];
    }
  }
  for (; row < chunk.z; row++) {
    const float gradient = outputGradient[(long)row * outputGradientStride];
    __global const float *moments = statistics + (long)row * statisticsStride;
    const float normalized = (input[(long)row * inputStride] - moments[0]) * moments[1];
    weightSum = fma(gradient, normalized, weightSum);
    biasSum += gradient;
  }
  partials += chunk.w * partialsStride + column;
  partials[0] = weightSum;
  partials[width] = biasSum;
}

// With g = outputGradient * weight: inputGradient = rstd * (g - mean(g) - xHat * mean(g * xHat))
// [+ residualGradient], without mean(g) if it is not centred, and without the last term if rstd
// counts as a constant.
//
// Work-group: a tile of rows; the groups after the last tile take a chunk and a block of columns
// each. tiles: (model, first row, rows <= GROUP_ROWS, -); chunks: (model, first row, rows, index).
// All work-items of a group are of one kind. Either list may be empty.
__kernel __attribute__((reqd_work_group_size(LANES, GROUP_ROWS, 1))) void
layer_norm_gradients(__global const float *input, long inputOffset, int inputStride,
                     __global const float *statistics, long statisticsOffset, int statisticsStride,
                     __global const float *outputGradient, long outputGradientOffset,
                     int outputGradientStride, __global const float *weight, long weightOffset,
                     long weightModelStride, int isCentred, int isScaleConstant,
                     __global const float *residualGradient, long residualOffset,
                     int residualStride, int hasResidual, __global float *inputGradient,
                     long inputGradientOffset, int inputGradientStride, __global const int4 *tiles,
                     int tileCount, __global float *partials, long partialsOffset,
                     long partialsStride, __global const int4 *chunks, int chunkCount, int width) {
  __local float lines[2][GROUP_ROWS][LANES];
  const int own = get_local_id(1), lane = get_local_id(0);
  const int index = (int)get_group_id(0) - tileCount;
  input += inputOffset;
  statistics += statisticsOffset;
  outputGradient += outputGradientOffset;
  if (index >= 0) {
    const int across = (width + LANES * GROUP_ROWS - 1) / (LANES * GROUP_ROWS);
    const int column = index % across * (LANES * GROUP_ROWS) + own * LANES + lane;
    if (column < width)
      sum_chunk(input, inputStride, statistics, statisticsStride, outputGradient,
                outputGradientStride, partials + partialsOffset, partialsStride,
                chunks[index / across], column, width);
  }

  // Groups and work-items without a row still reach every barrier.
  const int4 tile = index < 0 ? tiles[get_group_id(0)] : (int4)(0);
  const int isLive = own < tile.z;
  const long row = tile.y + (isLive ? own : 0);
  const int columns = isLive ? width : 0;
  input += row * inputStride;
  outputGradient += row * outputGradientStride;
  residualGradient += residualOffset + row * residualStride;
  inputGradient += inputGradientOffset + row * inputGradientStride;
  weight += weightOffset + tile.x * weightModelStride;
  const float mean = statistics[row * statisticsStride];
  const float rstd = statistics[row * statisticsStride + 1];

  float sumG = 0.0f, sumGX = 0.0f;
  for (int c = lane; c < columns; c += LANES) {
    const float g = outputGradient[c] * weight[c];
    sumG += g;
    sumGX = fma(g, (input[c] - mean) * rstd, sumGX);
  }
  const float totalG = sum_row(sumG, lines[0][own]);
  const float meanG = isCentred ? totalG / width : 0.0f;
  const float totalGX = sum_row(sumGX, lines[1][own]);
  const float meanGX = isScaleConstant ? 0.0f : totalGX / width;

  for (int c = lane; c < columns; c += LANES) {
    const float g = outputGradient[c] * weight[c];
    float gradient = rstd * (g - meanG - (input[c] - mean) * rstd * meanGX);
    if (hasResidual)
      gradient += residualGradient[c];
    inputGradient[c] = gradient;
  }
}
