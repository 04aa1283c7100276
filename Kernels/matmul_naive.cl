// The products of matmul.cl and matmul_weight_gradient.cl, one output per work-item: the simplest
// correct version, with which the tiled kernels are compared. The arguments are the same; a tile
// has one row and one column.

#pragma OPENCL FP_CONTRACT OFF

#include "epilogue.h"

static float normal_distribution(float x) {
  return 0.5f * erfc(-0.707106781f * x);
}

// output = activation(input * weight + bias) + residual. Work-item (column, row);
// tiles: (model, row, 1, -).
__kernel void matmul(__global const float *input, long inputOffset, int inputStride,
                     __global const float *weight, long weightOffset, long weightModelStride,
                     int weightStride, __global const float *bias, long biasOffset,
                     long biasModelStride, __global float *preActivation, long preActivationOffset,
                     int preActivationStride, __global const float *residual, long residualOffset,
                     int residualStride, __global float *output, long outputOffset,
                     int outputStride, __global const int4 *tiles, int tileCount, int K, int N,
                     int epilogue) {
  const int column = get_global_id(0);
  if (get_global_id(1) >= tileCount || column >= N)
    return;
  const int4 tile = tiles[get_global_id(1)];
  input += inputOffset + (long)tile.y * inputStride;
  weight += weightOffset + tile.x * weightModelStride + column;

  float value = 0.0f;
  for (int k = 0; k < K; k++)
    value = fma(input[k], weight[(long)k * weightStride], value);
  if (epilogue & HAS_BIAS)
    value += bias[biasOffset + tile.x * biasModelStride + column];
  if (epilogue & KEEPS_PRE_ACTIVATION)
    preActivation[preActivationOffset + (long)tile.y * preActivationStride + column] = value;
  if (epilogue & HAS_GELU)
    value *= normal_distribution(value);
  if (epilogue & HAS_RESIDUAL)
    value += residual[residualOffset + (long)tile.y * residualStride + column];
  output[outputOffset + (long)tile.y * outputStride + column] = value;
}

// Packs a transposed weight as panels of one column: packed[model][k][n] = weight[model][k][n].
// `transposed` is 1, as nothing else is packed here. Work-item (n, k, slot).
__kernel void matmul_pack_weight(__global const float *weight, long weightOffset,
                                 long weightModelStride, int weightStride, __global float *packed,
                                 __global const int4 *models, int modelCount, int N, int K,
                                 int transposed) {
  const int n = get_global_id(0), k = get_global_id(1), slot = get_global_id(2);
  if (n >= N || k >= K || slot >= modelCount)
    return;
  const long model = models[slot].x;
  packed[(model * K + k) * N + n] =
      weight[weightOffset + model * weightModelStride + (long)k * weightStride + n];
}

// inputGradient = outputGradient * weightT [* GELU'(preActivation)]. Work-item (k, row).
__kernel void matmul_input_gradient(__global const float *outputGradient, long outputGradientOffset,
                                    int outputGradientStride, __global const float *packed,
                                    __global const float *preActivation, long preActivationOffset,
                                    int preActivationStride, __global float *inputGradient,
                                    long inputGradientOffset, int inputGradientStride,
                                    __global const int4 *tiles, int tileCount, int N, int K,
                                    int epilogue) {
  const int k = get_global_id(0);
  if (get_global_id(1) >= tileCount || k >= K)
    return;
  const int4 tile = tiles[get_global_id(1)];
  outputGradient += outputGradientOffset + (long)tile.y * outputGradientStride;
  packed += ((long)tile.x * K + k) * N;

  float value = 0.0f;
  for (int n = 0; n < N; n++)
    value = fma(outputGradient[n], packed[n], value);
  if (epilogue & HAS_GELU) {
    const float x = preActivation[preActivationOffset + (long)tile.y * preActivationStride + k];
    value *= fma(x, 0.398942280f * exp(-0.5f * x * x), normal_distribution(x));
  }
  inputGradient[inputGradientOffset + (long)tile.y * inputGradientStride + k] = value;
}

// weightGradient = inputT * outputGradient, biasGradient = sum of outputGradient, over the rows of
// a model in order. Work-item (k, n, slot); models: (model, first row, rows, -).
__kernel void matmul_weight_gradient(__global const float *input, long inputOffset, int inputStride,
                                     __global const float *outputGradient,
                                     long outputGradientOffset, int outputGradientStride,
                                     __global float *weightGradient, long weightOffset,
                                     long weightModelStride, int weightStride,
                                     __global float *biasGradient, long biasOffset,
                                     long biasModelStride, __global const int4 *models,
                                     int modelCount, int K, int N, int epilogue) {
  const int k = get_global_id(0), n = get_global_id(1), slot = get_global_id(2);
  if (k >= K || n >= N || slot >= modelCount)
    return;
  const int4 model = models[slot];
  input += inputOffset + (long)model.y * inputStride + k;
  outputGradient += outputGradientOffset + (long)model.y * outputGradientStride + n;

  float weightSum = 0.0f, biasSum = 0.0f;
  for (int row = 0; row < model.z; row++) {
    const float gradient = outputGradient[(long)row * outputGradientStride];
    weightSum = fma(input[(long)row * inputStride], gradient, weightSum);
    biasSum += gradient;
  }
  weightGradient[weightOffset + model.x * weightModelStride + (long)k * weightStride + n] =
      weightSum;
  if ((epilogue & HAS_BIAS) && k == 0)
    biasGradient[biasOffset + model.x * biasModelStride + n] = biasSum;
}
