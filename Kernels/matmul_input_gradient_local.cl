// The input gradient of a matmul on GPUs.
//
// outputGradient [rows, N] · transpose of weight [K, N] -> inputGradient [rows, K]. Each model of
// the ensemble has its own weight.
//
// Tiles are as in matmul_local.cl; the weight is transposed while it is loaded into local memory.
//
// A sum runs over n in ascending order for every size of the tile, so a result depends only on the
// operands, not on the ensemble or the tile. Nothing outside the operands is read or stored, and a
// row enters only its own sums.

#pragma OPENCL FP_CONTRACT OFF

#include "epilogue.h"
#include "tile_local.h"
#include "tile_local_transposed.h"

// inputGradient = outputGradient * weightT [* GELU'(preActivation)]. Work-group: tile of rows, tile
// of columns; those of the same rows follow one another, so that the rows are still in a cache.
// tiles: (model, first row, rows <= TILE_ROWS, -).
__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void matmul_input_gradient(
    __global const float *outputGradient, long outputGradientOffset, int outputGradientStride,
    __global const float *weight, long weightOffset, long weightModelStride, int weightStride,
    __global const float *preActivation, long preActivationOffset, int preActivationStride,
    __global float *inputGradient, long inputGradientOffset, int inputGradientStride,
    __global const int4 *tiles, int tileCount, int N, int K, int epilogue) {
  __local float4 left[TILE_DEPTH * LEFT_STRIDE], right[TILE_DEPTH * RIGHT_STRIDE];
  const int across = tiles_of(K, TILE_COLUMNS), group = get_group_id(0);
  const int4 tile = tiles[group / across];
  const int first = group % across * TILE_COLUMNS;
  outputGradient += outputGradientOffset + (long)tile.y * outputGradientStride;
  weight += weightOffset + tile.x * weightModelStride + (long)first * weightStride;

  float4 sums[MICRO_ROWS * COLUMN_BLOCKS], nextLeft[LEFT_LOADS], nextRight[RIGHT_LOADS];
  clear(sums);
  load_transposed(nextLeft, LEFT_LOADS, outputGradient, outputGradientStride, tile.z, N);
  load_transposed(nextRight, RIGHT_LOADS, weight, weightStride, K - first, N);
  for (int n = TILE_DEPTH; n < N + TILE_DEPTH; n += TILE_DEPTH) {
    barrier(CLK_LOCAL_MEM_FENCE);
    store_transposed(nextLeft, LEFT_LOADS, left, LEFT_STRIDE);
    store_transposed(nextRight, RIGHT_LOADS, right, RIGHT_STRIDE);
    barrier(CLK_LOCAL_MEM_FENCE);
    load_transposed(nextLeft, LEFT_LOADS, outputGradient + n, outputGradientStride, tile.z, N - n);
    load_transposed(nextRight, RIGHT_LOADS, weight + n, weightStride, K - first, N - n);
    accumulate_slab(sums, left, right);
  }

  preActivation += preActivationOffset + (long)tile.y * preActivationStride + first;
  inputGradient += inputGradientOffset + (long)tile.y * inputGradientStride + first;
  if (epilogue & HAS_GELU) {
#pragma unroll 1
    for (int i = 0; i < MICRO_ROWS; i++) {
      const long row = tile_row(i);
#pragma unroll
      for (int c = 0; c < COLUMN_BLOCKS; c++) {
        const int column = tile_column(c);
        const float4 x = row < tile.z ? load(preActivation + row * preActivationStride + column,
                                             K - first - column)
                                      : (float4)(0.0f);
        sums[c] *= fma(x, 0.398942280f * exp(-0.5f * x * x), normal_distribution(x));
      }
      turn(sums);
    }
  }
  store_tile(sums, inputGradient, inputGradientStride, tile.z, K - first);
}
