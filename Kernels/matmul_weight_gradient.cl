// The parameter gradients of a matmul: weightGradient [K, N] = inputT * outputGradient and
// biasGradient [N] = sum of outputGradient, over the rows of each model.
//
// Tiles are as in matmul.cl, but sums run over rows instead of k. A work-item computes TILES tiles
// below each other. It goes through the rows of the model in order, RUN_ROWS at a time: it packs
// them, so that each tile finds them side by side in the first-level cache, and adds their products
// to the sums of each tile. The order of a sum depends only on that model's rows.

#pragma OPENCL FP_CONTRACT OFF

// The number of tiles of a work-item: 1...16.
#ifndef TILES
#define TILES 8
#endif

// The number of rows that are packed at a time: 1...256.
#ifndef RUN_ROWS
#define RUN_ROWS 32
#endif

#include "epilogue.h"
#include "tile_register.h"

#define PART_ROWS (TILES * TILE_ROWS)

// sums += left^T * right over packed rows: left [rows, PART_ROWS], right [rows, TILE_COLUMNS].
static void add_products(float16 total[TILE_ROWS][TILE_VECTORS], const float *left,
                         const float16 right[RUN_ROWS][TILE_VECTORS], int rows) {
  float16 sums[TILE_ROWS][TILE_VECTORS];
#pragma unroll
  for (int i = 0; i < TILE_ROWS; i++)
#pragma unroll
    for (int v = 0; v < TILE_VECTORS; v++)
      sums[i][v] = total[i][v];
  for (int row = 0; row < rows; row++) {
#pragma unroll
    for (int i = 0; i < TILE_ROWS; i++) {
      const float16 activation = (float16)(left[row * PART_ROWS + i]);
#pragma unroll
      for (int v = 0; v < TILE_VECTORS; v++)
        sums[i][v] = fma(activation, right[row][v], sums[i][v]);
    }
  }
#pragma unroll
  for (int i = 0; i < TILE_ROWS; i++)
#pragma unroll
    for (int v = 0; v < TILE_VECTORS; v++)
      total[i][v] = sums[i][v];
}

// weightGradient = inputT * outputGradient and biasGradient = sum of outputGradient, over the rows
// of a model in order. Work-item (PART_ROWS rows of the weight, tile of columns, slot); the first
// along the weight's rows sums the bias gradient too. models: (model, first row, rows, -).
__kernel void matmul_weight_gradient(__global const float *input, long inputOffset, int inputStride,
                                     __global const float *outputGradient,
                                     long outputGradientOffset, int outputGradientStride,
                                     __global float *weightGradient, long weightOffset,
                                     long weightModelStride, int weightStride,
                                     __global float *biasGradient, long biasOffset,
                                     long biasModelStride, __global const int4 *models,
                                     int modelCount, int K, int N, int epilogue) {
  const int firstK = get_global_id(0) * PART_ROWS, column = get_global_id(1) * TILE_COLUMNS;
  const int slot = get_global_id(2);
  if (firstK >= K || column >= N || slot >= modelCount)
    return;
  const int4 model = models[slot];
  const int first = first_column(column, N);
  const int depth = min(PART_ROWS, K - firstK);
  input += inputOffset + (long)model.y * inputStride + firstK;
  outputGradient += outputGradientOffset + (long)model.y * outputGradientStride + first;

  float16 totals[PART_ROWS][TILE_VECTORS];
  for (int i = 0; i < PART_ROWS; i++)
    for (int v = 0; v < TILE_VECTORS; v++)
      totals[i][v] = 0.0f;
  float16 bias[TILE_VECTORS];
  for (int v = 0; v < TILE_VECTORS; v++)
    bias[v] = 0.0f;

  for (int start = 0; start < model.z; start += RUN_ROWS) {
    const int rows = min(RUN_ROWS, model.z - start);
    float left[RUN_ROWS * PART_ROWS];
    float16 right[RUN_ROWS][TILE_VECTORS];
    for (int row = 0; row < rows; row++) {
      if (depth == PART_ROWS) {
        for (int i = 0; i < PART_ROWS; i++)
          left[row * PART_ROWS + i] = input[i];
      } else {
        // Beyond the last row of the weight, the last row is repeated and not stored.
        for (int i = 0; i < PART_ROWS; i++)
          left[row * PART_ROWS + i] = input[min(i, depth - 1)];
      }
      for (int v = 0; v < TILE_VECTORS; v++) {
        right[row][v] = load(outputGradient + 16 * v, N - first);
        bias[v] += right[row][v];
      }
      input += inputStride;
      outputGradient += outputGradientStride;
    }
    for (int tile = 0; tile * TILE_ROWS < depth; tile++)
      add_products(totals + tile * TILE_ROWS, left + tile * TILE_ROWS, right, rows);
  }

  weightGradient +=
      weightOffset + model.x * weightModelStride + (long)firstK * weightStride + first;
#pragma unroll 1
  for (int i = 0; i < depth; i++)
#pragma unroll 1
    for (int v = 0; v < TILE_VECTORS; v++)
      store(totals[i][v], weightGradient + (long)i * weightStride + 16 * v,
            clamp(column - first - 16 * v, 0, 16), N - first - 16 * v);

  if ((epilogue & HAS_BIAS) && firstK == 0) {
    biasGradient += biasOffset + model.x * biasModelStride + first;
    for (int v = 0; v < TILE_VECTORS; v++)
      store(bias[v], biasGradient + 16 * v, clamp(column - first - 16 * v, 0, 16),
            N - first - 16 * v);
  }
}
