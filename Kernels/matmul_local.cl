// Products of activations and weights on GPUs.
//
// input [rows, K] · weight [K, N] -> output [rows, N]. Each model of the ensemble has its own
// weight.
//
// A work-group owns a tile of the output. Slabs of TILE_DEPTH columns of the left operand, and of
// as many rows of the right operand, go through local memory. The next slab is loaded into
// registers while the current one is used. A work-item holds MICRO_ROWS x MICRO_COLUMNS sums, in
// blocks of 4 x 4. Adjacent blocks belong to neighbouring work-items, so that neighbours read
// neighbouring float4s.
//
// A sum runs over k in ascending order for every size of the tile, so a result depends only on the
// operands, not on the ensemble or the tile. Nothing outside the operands is read or stored, and a
// row enters only its own sums.

#pragma OPENCL FP_CONTRACT OFF

#include "epilogue.h"
#include "tile_local.h"
#include "tile_local_transposed.h"

// Stores a slab of the right operand in its tile. The rows of both run over k; those of the tile
// are padded.
static void store_right(const float4 *slab, __local float4 *tile) {
#pragma unroll
  for (int i = 0; i < RIGHT_LOADS; i++) {
    const int index = i * ITEMS + get_local_id(0);
    tile[index / (TILE_COLUMNS / 4) * RIGHT_STRIDE + index % (TILE_COLUMNS / 4)] = slab[i];
  }
}

// sums *= the standard normal distribution of the sums: GELU.
static void apply_gelu(float4 *sums) {
#pragma unroll 1
  for (int i = 0; i < MICRO_ROWS; i++) {
#pragma unroll
    for (int c = 0; c < COLUMN_BLOCKS; c++)
      sums[c] *= normal_distribution(sums[c]);
    turn(sums);
  }
}

// output = activation(input * weight + bias) + residual. Work-group: tile of rows, tile of columns;
// those of the same rows follow one another, so that the rows are still in a cache. tiles: (model,
// first row, rows <= TILE_ROWS, -).
__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void
matmul(__global const float *input, long inputOffset, int inputStride, __global const float *weight,
       long weightOffset, long weightModelStride, int weightStride, __global const float *bias,
       long biasOffset, long biasModelStride, __global float *preActivation,
       long preActivationOffset, int preActivationStride, __global const float *residual,
       long residualOffset, int residualStride, __global float *output, long outputOffset,
       int outputStride, __global const int4 *tiles, int tileCount, int K, int N, int epilogue) {
  __local float4 left[TILE_DEPTH * LEFT_STRIDE], right[TILE_DEPTH * RIGHT_STRIDE];
  const int across = tiles_of(N, TILE_COLUMNS), group = get_group_id(0);
  const int4 tile = tiles[group / across];
  const int first = group % across * TILE_COLUMNS;
  input += inputOffset + (long)tile.y * inputStride;
  weight += weightOffset + tile.x * weightModelStride + first;

  float4 sums[MICRO_ROWS * COLUMN_BLOCKS], nextLeft[LEFT_LOADS], nextRight[RIGHT_LOADS];
  clear(sums);
  load_transposed(nextLeft, LEFT_LOADS, input, inputStride, tile.z, K);
  load_slab(nextRight, RIGHT_LOADS, TILE_COLUMNS, weight, weightStride, N - first, K);
  for (int k = TILE_DEPTH; k < K + TILE_DEPTH; k += TILE_DEPTH) {
    barrier(CLK_LOCAL_MEM_FENCE);
    store_transposed(nextLeft, LEFT_LOADS, left, LEFT_STRIDE);
    store_right(nextRight, right);
    barrier(CLK_LOCAL_MEM_FENCE);
    load_transposed(nextLeft, LEFT_LOADS, input + k, inputStride, tile.z, K - k);
    load_slab(nextRight, RIGHT_LOADS, TILE_COLUMNS, weight + (long)k * weightStride, weightStride,
              N - first, K - k);
    accumulate_slab(sums, left, right);
  }

  bias += biasOffset + tile.x * biasModelStride + first;
  preActivation += preActivationOffset + (long)tile.y * preActivationStride + first;
  residual += residualOffset + (long)tile.y * residualStride + first;
  output += outputOffset + (long)tile.y * outputStride + first;
  if (epilogue & HAS_BIAS) {
#pragma unroll
    for (int c = 0; c < COLUMN_BLOCKS; c++) {
      const int column = tile_column(c);
      const float4 shift = load(bias + column, N - first - column);
#pragma unroll
      for (int i = 0; i < MICRO_ROWS; i++)
        sums[i * COLUMN_BLOCKS + c] += shift;
    }
  }
  if (epilogue & KEEPS_PRE_ACTIVATION)
    store_tile(sums, preActivation, preActivationStride, tile.z, N - first);
  if (epilogue & HAS_GELU)
    apply_gelu(sums);
#pragma unroll
  for (int i = 0; i < MICRO_ROWS; i++) {
    const long row = tile_row(i);
    if (row >= tile.z)
      continue;
#pragma unroll
    for (int c = 0; c < COLUMN_BLOCKS; c++) {
      const int column = tile_column(c), count = N - first - column;
      float4 value = sums[i * COLUMN_BLOCKS + c];
      if (epilogue & HAS_RESIDUAL)
        value += load(residual + row * residualStride + column, count);
      store(value, output + row * outputStride + column, count);
    }
  }
}
