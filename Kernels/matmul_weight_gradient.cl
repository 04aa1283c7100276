// The parameter gradients of a matmul: weightGradient [K, N] = inputT * outputGradient and
// biasGradient [N] = sum of outputGradient, over the rows of each model.
//
// Tiles are as in matmul.cl, but sums run over rows instead of k: a work-item holds TILE_ROWS x
// TILE_COLUMNS of a weight's gradient in registers and goes through all rows of the model in order,
// so the order of a sum depends only on that model's rows.

#pragma OPENCL FP_CONTRACT OFF

#include "epilogue.h"
#include "tile_register.h"

// weightGradient = inputT * outputGradient and biasGradient = sum of outputGradient, over the rows
// of a model in order. Work-item (TILE_ROWS rows of the weight, tile of columns, slot); the first
// along the weight's rows sums the bias gradient too. models: (model, first row, rows, -).
__kernel void matmul_weight_gradient(__global const float *input, long inputOffset, int inputStride,
                                     __global const float *outputGradient,
                                     long outputGradientOffset, int outputGradientStride,
                                     __global float *weightGradient, long weightOffset,
                                     long weightModelStride, int weightStride,
                                     __global float *biasGradient, long biasOffset,
                                     long biasModelStride, __global const int4 *models,
                                     int modelCount, int K, int N, int epilogue) {
  const int firstK = get_global_id(0) * TILE_ROWS, column = get_global_id(1) * TILE_COLUMNS;
  const int slot = get_global_id(2);
  if (firstK >= K || column >= N || slot >= modelCount)
    return;
  const int4 model = models[slot];
  const int first = first_column(column, N);
  const int depth = min(TILE_ROWS, K - firstK);
  input += inputOffset + (long)model.y * inputStride + firstK;
  outputGradient += outputGradientOffset + (long)model.y * outputGradientStride + first;

  float16 sums[TILE_ROWS][TILE_VECTORS];
#pragma unroll
  for (int i = 0; i < TILE_ROWS; i++)
#pragma unroll
    for (int v = 0; v < TILE_VECTORS; v++)
      sums[i][v] = 0.0f;

  // Beyond the last row of the weight, the last row is repeated and not stored.
  int offset[TILE_ROWS];
#pragma unroll
  for (int i = 0; i < TILE_ROWS; i++)
    offset[i] = min(i, depth - 1);

  __global const float *left = input;
  __global const float *right = outputGradient;
  for (int row = 0; row < model.z; row++) {
    float16 gradient[TILE_VECTORS];
#pragma unroll
    for (int v = 0; v < TILE_VECTORS; v++)
      gradient[v] = load(right + 16 * v, N - first);
#pragma unroll
    for (int i = 0; i < TILE_ROWS; i++) {
      const float16 activation = (float16)(left[offset[i]]);
#pragma unroll
      for (int v = 0; v < TILE_VECTORS; v++)
        sums[i][v] = fma(activation, gradient[v], sums[i][v]);
    }
    left += inputStride;
    right += outputGradientStride;
  }

  weightGradient +=
      weightOffset + model.x * weightModelStride + (long)firstK * weightStride + first;
  float16 memory[TILE_ROWS][TILE_VECTORS];
  spill(memory, sums);
#pragma unroll 1
  for (int i = 0; i < depth; i++)
#pragma unroll 1
    for (int v = 0; v < TILE_VECTORS; v++)
      store(memory[i][v], weightGradient + (long)i * weightStride + 16 * v,
            clamp(column - first - 16 * v, 0, 16), N - first - 16 * v);

  if ((epilogue & HAS_BIAS) && firstK == 0) {
    float16 bias[TILE_VECTORS];
#pragma unroll
    for (int v = 0; v < TILE_VECTORS; v++)
      bias[v] = 0.0f;
    for (int row = 0; row < model.z; row++) {
#pragma unroll
      for (int v = 0; v < TILE_VECTORS; v++)
        bias[v] += load(outputGradient + 16 * v, N - first);
      outputGradient += outputGradientStride;
    }
    biasGradient += biasOffset + model.x * biasModelStride + first;
#pragma unroll
    for (int v = 0; v < TILE_VECTORS; v++)
      store(bias[v], biasGradient + 16 * v, clamp(column - first - 16 * v, 0, 16),
            N - first - 16 * v);
  }
}
