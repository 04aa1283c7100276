// The parameter gradients of a matmul on GPUs: weightGradient [K, N] = inputT * outputGradient and
// biasGradient [N] = sum of outputGradient, over the rows of each model.
//
// Tiles are as in matmul_local.cl, but sums run over rows instead of k. A model's rows are cut into
// chunks of SPLIT_ROWS. A chunk is summed from zero, and the sums of a model's chunks are added in
// order, where they are stored by the work-group that makes them if there are many groups, or by
// sum_chunks, so that one model is enough to fill a GPU. Either way a sum is the same, and its
// order depends only on that model's rows.

#pragma OPENCL FP_CONTRACT OFF

#include "epilogue.h"
#include "tile_local.h"

// A slab has TILE_DEPTH rows of the batch; a tile is a block of the weight's gradient.

// The number of rows in a chunk, a multiple of TILE_DEPTH. Results depend on this number.
#ifndef SPLIT_ROWS
#define SPLIT_ROWS 256
#endif

// The number of columns whose bias gradient a work-item sums.
#define BIASES ((TILE_COLUMNS + ITEMS - 1) / ITEMS)

// Stores a slab in local memory. Its rows are read and written whole, so they need no padding.
static void store_slab(const float4 *slab, int loads, __local float4 *tile) {
#pragma unroll
  for (int i = 0; i < loads; i++)
    tile[i * ITEMS + get_local_id(0)] = slab[i];
}

// The column in the tile of a work-item's bias gradient b; TILE_COLUMNS or more if there is none.
static int bias_column(int b) {
  return b * ITEMS + get_local_id(0);
}

// bias[b] += the slab's rows in order.
static void sum_bias(float *bias, __local const float *slab) {
#pragma unroll
  for (int b = 0; b < BIASES; b++) {
    const int column = bias_column(b);
    if (column < TILE_COLUMNS) {
#pragma unroll
      for (int d = 0; d < TILE_DEPTH; d++)
        bias[b] += slab[d * TILE_COLUMNS + column];
    }
  }
}

// Stores the sums of a chunk, or adds them to those of the chunks before it, which are stored: the
// first chunk's -0 stays -0, as it does in sum_chunks. weight, bias: the first element of the tile,
// of which only `rows` and `columns` exist.
static void put_chunk(float4 *sums, const float *biasSums, __global float *weight, int weightStride,
                      __global float *bias, int rows, int columns, int sumsBias, int isFirst) {
  // One row at a time: all of them would take twice the registers.
#pragma unroll 1
  for (int i = 0; i < MICRO_ROWS; i++) {
    const long row = tile_row(i);
    if (row < rows) {
#pragma unroll
      for (int c = 0; c < COLUMN_BLOCKS; c++) {
        const int column = tile_column(c), count = columns - column;
        __global float *place = weight + row * weightStride + column;
        store(isFirst ? sums[c] : load(place, count) + sums[c], place, count);
      }
    }
    turn(sums);
  }
  if (!sumsBias)
    return;
#pragma unroll
  for (int b = 0; b < BIASES; b++) {
    const int column = bias_column(b);
    if (column < min(TILE_COLUMNS, columns))
      bias[column] = isFirst ? biasSums[b] : bias[column] + biasSums[b];
  }
}

// weightGradient[slot] = inputT * outputGradient and biasGradient[slot] = sum of outputGradient
// over an entry's rows. Work-group: entry, tile of the weight's rows, tile of columns; those of the
// same rows follow one another. The first along the weight's rows sums the bias gradient too.
// entries: (model, first row, rows, slot), of one chunk or of all rows of a model.
__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void
matmul_weight_gradient(__global const float *input, long inputOffset, int inputStride,
                       __global const float *outputGradient, long outputGradientOffset,
                       int outputGradientStride, __global float *weightGradient, long weightOffset,
                       long weightSlotStride, int weightStride, __global float *biasGradient,
                       long biasOffset, long biasSlotStride, __global const int4 *entries,
                       int entryCount, int K, int N, int epilogue) {
  __local float4 left[TILE_DEPTH * TILE_ROWS / 4], right[TILE_DEPTH * TILE_COLUMNS / 4];
  const int across = tiles_of(N, TILE_COLUMNS), group = get_group_id(0);
  const int block = group / across % tiles_of(K, TILE_ROWS);
  const int4 entry = entries[group / across / tiles_of(K, TILE_ROWS)];
  const int firstK = block * TILE_ROWS, first = group % across * TILE_COLUMNS;
  const int sumsBias = (epilogue & HAS_BIAS) && firstK == 0;
  const int x = get_local_id(0) % COLUMN_ITEMS;
  input += inputOffset + (long)entry.y * inputStride + firstK;
  outputGradient += outputGradientOffset + (long)entry.y * outputGradientStride + first;
  weightGradient += weightOffset + entry.w * weightSlotStride + (long)firstK * weightStride + first;
  biasGradient += biasOffset + entry.w * biasSlotStride + first;

  float4 sums[MICRO_ROWS * COLUMN_BLOCKS], nextLeft[LEFT_LOADS], nextRight[RIGHT_LOADS];
  float bias[BIASES];
  load_slab(nextLeft, LEFT_LOADS, TILE_ROWS, input, inputStride, K - firstK, entry.z);
  load_slab(nextRight, RIGHT_LOADS, TILE_COLUMNS, outputGradient, outputGradientStride, N - first,
            entry.z);
  for (int chunk = 0; chunk < entry.z; chunk += SPLIT_ROWS) {
    clear(sums);
#pragma unroll
    for (int b = 0; b < BIASES; b++)
      bias[b] = 0.0f;
    const int end = min(chunk + SPLIT_ROWS, entry.z);
    for (int row = chunk + TILE_DEPTH; row < end + TILE_DEPTH; row += TILE_DEPTH) {
      barrier(CLK_LOCAL_MEM_FENCE);
      store_slab(nextLeft, LEFT_LOADS, left);
      store_slab(nextRight, RIGHT_LOADS, right);
      barrier(CLK_LOCAL_MEM_FENCE);
      if (sumsBias)
        sum_bias(bias, (__local const float *)right);
      load_slab(nextLeft, LEFT_LOADS, TILE_ROWS, input + (long)row * inputStride, inputStride,
                K - firstK, entry.z - row);
      load_slab(nextRight, RIGHT_LOADS, TILE_COLUMNS,
                outputGradient + (long)row * outputGradientStride, outputGradientStride, N - first,
                entry.z - row);
#pragma unroll
      for (int d = 0; d < TILE_DEPTH; d++) {
        float4 b[COLUMN_BLOCKS];
#pragma unroll
        for (int c = 0; c < COLUMN_BLOCKS; c++)
          b[c] = right[d * (TILE_COLUMNS / 4) + c * COLUMN_ITEMS + x];
        accumulate(sums, left + d * (TILE_ROWS / 4), b);
      }
    }
    put_chunk(sums, bias, weightGradient, weightStride, biasGradient, K - firstK, N - first,
              sumsBias, chunk == 0);
  }
}
