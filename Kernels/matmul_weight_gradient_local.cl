// The parameter gradients of a matmul on GPUs: weightGradient [K, N] = inputT * outputGradient and
// biasGradient [N] = sum of outputGradient, over the rows of each model.
//
// Tiles are as in matmul_local.cl, but sums run over rows instead of k. A model's rows are cut into
// chunks of SPLIT_ROWS, a work-group sums each chunk, and a second kernel adds the sums in order.
// So the order of a sum depends only on that model's rows, and one model is enough to fill a GPU.

#pragma OPENCL FP_CONTRACT OFF

#include "epilogue.h"
#include "tile_local.h"

// A slab has TILE_DEPTH rows of the batch; a tile is a block of the weight's gradient.

// The number of rows in a chunk. The host cuts the rows into chunks. Results depend on this number.
#ifndef SPLIT_ROWS
#define SPLIT_ROWS 256
#endif

// Stores a slab in local memory. Its rows are read and written whole, so they need no padding.
static void store_slab(const float4 *slab, int loads, __local float4 *tile) {
#pragma unroll
  for (int i = 0; i < loads; i++)
    tile[i * ITEMS + get_local_id(0)] = slab[i];
}

// weightGradient[slot] = inputT * outputGradient and biasGradient[slot] = sum of outputGradient
// over the rows of a chunk in order. Work-group (chunk, tile of the weight's rows, tile of
// columns); the first along the weight's rows sums the bias gradient too.
// chunks: (model, first row, rows, slot).
__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void
matmul_weight_gradient(__global const float *input, long inputOffset, int inputStride,
                       __global const float *outputGradient, long outputGradientOffset,
                       int outputGradientStride, __global float *weightGradient, long weightOffset,
                       long weightSlotStride, int weightStride, __global float *biasGradient,
                       long biasOffset, long biasSlotStride, __global const int4 *chunks,
                       int chunkCount, int K, int N, int epilogue) {
  __local float4 left[TILE_DEPTH * TILE_ROWS / 4], right[TILE_DEPTH * TILE_COLUMNS / 4];
  const int4 chunk = chunks[get_group_id(0)];
  const int firstK = get_group_id(1) * TILE_ROWS, first = get_group_id(2) * TILE_COLUMNS;
  const int y = get_local_id(0) / COLUMN_ITEMS, x = get_local_id(0) % COLUMN_ITEMS;
  input += inputOffset + (long)chunk.y * inputStride + firstK;
  outputGradient += outputGradientOffset + (long)chunk.y * outputGradientStride + first;

  float4 sums[MICRO_ROWS][COLUMN_BLOCKS], bias[COLUMN_BLOCKS];
  float4 nextLeft[LEFT_LOADS], nextRight[RIGHT_LOADS];
#pragma unroll
  for (int c = 0; c < COLUMN_BLOCKS; c++) {
    bias[c] = 0.0f;
#pragma unroll
    for (int i = 0; i < MICRO_ROWS; i++)
      sums[i][c] = 0.0f;
  }
  load_slab(nextLeft, LEFT_LOADS, TILE_ROWS, input, inputStride, K - firstK, chunk.z);
  load_slab(nextRight, RIGHT_LOADS, TILE_COLUMNS, outputGradient, outputGradientStride, N - first,
            chunk.z);
  for (int row = TILE_DEPTH; row < chunk.z + TILE_DEPTH; row += TILE_DEPTH) {
    barrier(CLK_LOCAL_MEM_FENCE);
    store_slab(nextLeft, LEFT_LOADS, left);
    store_slab(nextRight, RIGHT_LOADS, right);
    barrier(CLK_LOCAL_MEM_FENCE);
    load_slab(nextLeft, LEFT_LOADS, TILE_ROWS, input + (long)row * inputStride, inputStride,
              K - firstK, chunk.z - row);
    load_slab(nextRight, RIGHT_LOADS, TILE_COLUMNS,
              outputGradient + (long)row * outputGradientStride, outputGradientStride, N - first,
              chunk.z - row);
#pragma unroll
    for (int d = 0; d < TILE_DEPTH; d++) {
      float4 b[COLUMN_BLOCKS];
#pragma unroll
      for (int c = 0; c < COLUMN_BLOCKS; c++) {
        b[c] = right[d * (TILE_COLUMNS / 4) + c * COLUMN_ITEMS + x];
        bias[c] += b[c];
      }
      accumulate(sums[0], left + d * (TILE_ROWS / 4), b);
    }
  }

  weightGradient += weightOffset + chunk.w * weightSlotStride + (long)firstK * weightStride + first;
  biasGradient += biasOffset + chunk.w * biasSlotStride + first;
#pragma unroll
  for (int c = 0; c < COLUMN_BLOCKS; c++) {
    const int column = tile_column(c), count = N - first - column;
#pragma unroll
    for (int i = 0; i < MICRO_ROWS; i++) {
      const int row = tile_row(i);
      if (firstK + row < K)
        store(sums[i][c], weightGradient + (long)row * weightStride + column, count);
    }
    if ((epilogue & HAS_BIAS) && firstK == 0 && y == 0)
      store(bias[c], biasGradient + column, count);
  }
}

// Adds the chunks of a model in order. partials: a chunk's weight gradient [K, N], then its bias
// gradient [N]. Work-item (column, row of the weight; the row after the last is the bias, slot);
// models: (model, first chunk, chunks, -).
__kernel void matmul_weight_gradient_sum(__global const float *partials,
                                         __global float *weightGradient, long weightOffset,
                                         long weightModelStride, int weightStride,
                                         __global float *biasGradient, long biasOffset,
                                         long biasModelStride, __global const int4 *models,
                                         int modelCount, int K, int N, int epilogue) {
  const int n = get_global_id(0), k = get_global_id(1), slot = get_global_id(2);
  const int rows = epilogue & HAS_BIAS ? K + 1 : K;
  if (n >= N || k >= rows || slot >= modelCount)
    return;
  const int4 model = models[slot];
  const long stride = (long)(K + 1) * N;
  partials += model.y * stride + (long)k * N + n;
  float sum = partials[0];
  for (int chunk = 1; chunk < model.z; chunk++)
    sum += partials[chunk * stride];
  if (k < K)
    weightGradient[weightOffset + model.x * weightModelStride + (long)k * weightStride + n] = sum;
  else
    biasGradient[biasOffset + model.x * biasModelStride + n] = sum;
}
