// Layer normalisation of rows: forward, input gradient, parameter gradients.
//
// input, output: [rows, width]; weight, bias: [width] for each model; statistics: [rows, 2] (mean,
// rstd). With xHat = (input - mean) * rstd: output = xHat * weight [+ bias]. An RMS norm, which is
// not centred, has a mean of 0.

#pragma OPENCL FP_CONTRACT OFF

#include "vectors.h"

// Sets the lanes from `count` on to zero.
static float16 masked(float16 value, int count) {
  const int16 lane = (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return select((float16)(0.0f), value, lane < (int16)(count));
}

// Work-item: a tile of rows; tiles: (model, first row, rows, -). The variance is computed about the
// mean in a second pass, because the difference of squares would lose its digits to cancellation.
__kernel void layer_norm(__global const float *input, long inputOffset, int inputStride,
                         __global const float *weight, long weightOffset, long weightModelStride,
                         __global const float *bias, long biasOffset, long biasModelStride,
                         int hasBias, int isCentred, float epsilon, __global float *output,
                         long outputOffset, int outputStride, __global float *statistics,
                         long statisticsOffset, int statisticsStride, __global const int4 *tiles,
                         int tileCount, int width) {
  if (get_global_id(0) >= tileCount)
    return;
  const int4 tile = tiles[get_global_id(0)];
  weight += weightOffset + tile.x * weightModelStride;
  bias += biasOffset + tile.x * biasModelStride;
  for (int row = tile.y; row < tile.y + tile.z; row++) {
    __global const float *x = input + inputOffset + (long)row * inputStride;
    float16 sum = 0.0f;
    for (int c = 0; c < width; c += 16)
      sum += load_lanes(x + c, width - c, 0.0f);
    const float mean = isCentred ? sum_lanes(sum) / width : 0.0f;

    float16 squares = 0.0f;
    for (int c = 0; c < width; c += 16) {
      float16 deviation = load_lanes(x + c, width - c, 0.0f) - mean;
      if (width - c < 16)
        deviation = masked(deviation, width - c);
      squares = fma(deviation, deviation, squares);
    }
    const float rstd = 1.0f / sqrt(sum_lanes(squares) / width + epsilon);

    __global float *y = output + outputOffset + (long)row * outputStride;
    for (int c = 0; c < width; c += 16) {
      const float16 normalized = (load_lanes(x + c, width - c, 0.0f) - mean) * rstd;
      const float16 shift = hasBias ? load_lanes(bias + c, width - c, 0.0f) : (float16)(0.0f);
      store_lanes(fma(normalized, load_lanes(weight + c, width - c, 0.0f), shift), y + c,
                  width - c);
    }
    statistics[statisticsOffset + (long)row * statisticsStride] = mean;
    statistics[statisticsOffset + (long)row * statisticsStride + 1] = rstd;
  }
}

// With g = outputGradient * weight: inputGradient = rstd * (g - mean(g) - xHat * mean(g * xHat))
// [+ residualGradient], without mean(g) if it is not centred, and without the last term if rstd
// counts as a constant. Work-item: a tile of rows.
__kernel void layer_norm_backward(
    __global const float *input, long inputOffset, int inputStride, __global const float *weight,
    long weightOffset, long weightModelStride, int isCentred, int isScaleConstant,
    __global const float *statistics, long statisticsOffset, int statisticsStride,
    __global const float *outputGradient, long outputGradientOffset, int outputGradientStride,
    __global const float *residualGradient, long residualOffset, int residualStride,
    int hasResidual, __global float *inputGradient, long inputGradientOffset,
    int inputGradientStride, __global const int4 *tiles, int tileCount, int width) {
  if (get_global_id(0) >= tileCount)
    return;
  const int4 tile = tiles[get_global_id(0)];
  weight += weightOffset + tile.x * weightModelStride;
  for (int row = tile.y; row < tile.y + tile.z; row++) {
    __global const float *x = input + inputOffset + (long)row * inputStride;
    __global const float *dy =
        outputGradient + outputGradientOffset + (long)row * outputGradientStride;
    const float mean = statistics[statisticsOffset + (long)row * statisticsStride];
    const float rstd = statistics[statisticsOffset + (long)row * statisticsStride + 1];
    float16 sumG = 0.0f, sumGX = 0.0f;
    for (int c = 0; c < width; c += 16) {
      // Lanes beyond the row have a gradient of zero and add nothing.
      const float16 g =
          load_lanes(dy + c, width - c, 0.0f) * load_lanes(weight + c, width - c, 0.0f);
      const float16 normalized = (load_lanes(x + c, width - c, 0.0f) - mean) * rstd;
      sumG += g;
      sumGX = fma(g, normalized, sumGX);
    }
    const float meanG = isCentred ? sum_lanes(sumG) / width : 0.0f;
    const float meanGX = isScaleConstant ? 0.0f : sum_lanes(sumGX) / width;

    __global const float *past = residualGradient + residualOffset + (long)row * residualStride;
    __global float *dx = inputGradient + inputGradientOffset + (long)row * inputGradientStride;
    for (int c = 0; c < width; c += 16) {
      const float16 g =
          load_lanes(dy + c, width - c, 0.0f) * load_lanes(weight + c, width - c, 0.0f);
      const float16 normalized = (load_lanes(x + c, width - c, 0.0f) - mean) * rstd;
      float16 gradient = rstd * (g - meanG - normalized * meanGX);
      if (hasResidual)
        gradient += load_lanes(past + c, width - c, 0.0f);
      store_lanes(gradient, dx + c, width - c);
    }
  }
}

// weightGradient = sum of outputGradient * xHat, biasGradient = sum of outputGradient, over the
// rows of a model in order. Work-item (16 columns, slot); models: (model, first row, rows, -).
__kernel void layer_norm_weight_gradient(__global const float *input, long inputOffset,
                                         int inputStride, __global const float *statistics,
                                         long statisticsOffset, int statisticsStride,
                                         __global const float *outputGradient,
                                         long outputGradientOffset, int outputGradientStride,
                                         __global float *weightGradient, long weightOffset,
                                         long weightModelStride, __global float *biasGradient,
                                         long biasOffset, long biasModelStride,
                                         __global const int4 *models, int modelCount, int width) {
  const int first = get_global_id(0) * 16;
  if (first >= width || get_global_id(1) >= modelCount)
    return;
  const int4 model = models[get_global_id(1)];
  const int count = width - first;
  __global const float *x = input + inputOffset + (long)model.y * inputStride + first;
  __global const float *dy =
      outputGradient + outputGradientOffset + (long)model.y * outputGradientStride + first;
  statistics += statisticsOffset + (long)model.y * statisticsStride;
  float16 weightSum = 0.0f, biasSum = 0.0f;
  for (int row = 0; row < model.z; row++) {
    const float16 gradient = load_lanes(dy, count, 0.0f);
    const float16 normalized = (load_lanes(x, count, 0.0f) - statistics[0]) * statistics[1];
    weightSum = fma(gradient, normalized, weightSum);
    biasSum += gradient;
    x += inputStride;
    dy += outputGradientStride;
    statistics += statisticsStride;
  }
  store_lanes(weightSum, weightGradient + weightOffset + model.x * weightModelStride + first,
              count);
  store_lanes(biasSum, biasGradient + biasOffset + model.x * biasModelStride + first, count);
}
