// Products of activations and weights on GPUs.
//
// input [rows, K] · weight [K, N] -> output [rows, N], each model of the ensemble with its own
// weight.
//
// A work-group owns a tile of the output. Slabs of TILE_DEPTH columns of the left operand and rows
// of the right one go through local memory, the next slab being fetched into registers while the
// present one is used; a work-item holds MICRO_ROWS x MICRO_COLUMNS sums, in blocks of 4 x 4 that
// lie a stride apart, so that neighbours read neighbouring float4s.
//
// A sum runs over k in ascending order, whatever the tile: a result
// depends on the operands alone, not on the ensemble or the tile. What lies outside the operands is
// neither read nor stored; a row enters no sum but its own.

#pragma OPENCL FP_CONTRACT OFF

// Parameters; what they must satisfy is in KernelConstraints+Matmul.swift.
// Rows and columns of the tile of a work-group.
#ifndef TILE_ROWS
#define TILE_ROWS 64
#endif
#ifndef TILE_COLUMNS
#define TILE_COLUMNS 64
#endif

// Depth of a slab.
#ifndef TILE_DEPTH
#define TILE_DEPTH 16
#endif

// Rows and columns of a work-item.
#ifndef MICRO_ROWS
#define MICRO_ROWS 4
#endif
#ifndef MICRO_COLUMNS
#define MICRO_COLUMNS 4
#endif

// 1: every offset and stride is a multiple of four floats.
#ifndef ALIGNED
#define ALIGNED 0
#endif

#define ROW_ITEMS (TILE_ROWS / MICRO_ROWS)
#define COLUMN_ITEMS (TILE_COLUMNS / MICRO_COLUMNS)
#define ITEMS (ROW_ITEMS * COLUMN_ITEMS)
#define ROW_BLOCKS (MICRO_ROWS / 4)
#define COLUMN_BLOCKS (MICRO_COLUMNS / 4)
// float4s that a work-item carries into a slab.
#define LEFT_LOADS (TILE_ROWS * TILE_DEPTH / 4 / ITEMS)
#define RIGHT_LOADS (TILE_COLUMNS * TILE_DEPTH / 4 / ITEMS)
// float4s from one k to the next in local memory: one more than the tile has, against bank
// conflicts.
#define LEFT_STRIDE (TILE_ROWS / 4 + 1)
#define RIGHT_STRIDE (TILE_COLUMNS / 4 + 1)

// What follows the sum; a bit each.
#define HAS_BIAS 1
#define HAS_GELU 2
#define HAS_RESIDUAL 4
#define KEEPS_PRE_ACTIVATION 8

// The first `count` of four floats; the others are zero.
static float4 fetch(__global const float *p, int count) {
  if (count >= 4) {
#if ALIGNED
    return *(__global const float4 *)p;
#else
    return vload4(0, p);
#endif
  }
  float4 value = 0.0f;
  if (count > 0)
    value.x = p[0];
  if (count > 1)
    value.y = p[1];
  if (count > 2)
    value.z = p[2];
  return value;
}

static void store(float4 value, __global float *p, int count) {
  if (count >= 4) {
#if ALIGNED
    *(__global float4 *)p = value;
#else
    vstore4(value, 0, p);
#endif
    return;
  }
  if (count > 0)
    p[0] = value.x;
  if (count > 1)
    p[1] = value.y;
  if (count > 2)
    p[2] = value.z;
}

// A slab of an operand whose rows run along k: `rows` rows are there, and `depth` columns.
static void fetch_turned(float4 *slab, int loads, __global const float *matrix, int stride,
                         int rows, int depth) {
#pragma unroll
  for (int i = 0; i < loads; i++) {
    const int index = i * ITEMS + get_local_id(0);
    const int row = index / (TILE_DEPTH / 4), k = index % (TILE_DEPTH / 4) * 4;
    slab[i] = row < rows ? fetch(matrix + (long)row * stride + k, depth - k) : (float4)(0.0f);
  }
}

// tile[k][row] = slab[row][k]
static void keep_turned(const float4 *slab, int loads, __local float4 *tile, int tileStride) {
  __local float *floats = (__local float *)tile;
#pragma unroll
  for (int i = 0; i < loads; i++) {
    const int index = i * ITEMS + get_local_id(0);
    const int row = index / (TILE_DEPTH / 4), k = index % (TILE_DEPTH / 4) * 4;
    floats[(k + 0) * 4 * tileStride + row] = slab[i].x;
    floats[(k + 1) * 4 * tileStride + row] = slab[i].y;
    floats[(k + 2) * 4 * tileStride + row] = slab[i].z;
    floats[(k + 3) * 4 * tileStride + row] = slab[i].w;
  }
}

// A slab of the right operand where its rows are k: `columns` columns are there, and `depth` rows.
static void fetch_straight(float4 slab[RIGHT_LOADS], __global const float *matrix, int stride,
                           int columns, int depth) {
#pragma unroll
  for (int i = 0; i < RIGHT_LOADS; i++) {
    const int index = i * ITEMS + get_local_id(0);
    const int k = index / (TILE_COLUMNS / 4), column = index % (TILE_COLUMNS / 4) * 4;
    slab[i] =
        k < depth ? fetch(matrix + (long)k * stride + column, columns - column) : (float4)(0.0f);
  }
}

static void keep_straight(const float4 slab[RIGHT_LOADS], __local float4 *tile) {
#pragma unroll
  for (int i = 0; i < RIGHT_LOADS; i++) {
    const int index = i * ITEMS + get_local_id(0);
    tile[index / (TILE_COLUMNS / 4) * RIGHT_STRIDE + index % (TILE_COLUMNS / 4)] = slab[i];
  }
}

// sums[row][block of columns] += the products of one slab, k ascending.
static void accumulate(float4 sums[MICRO_ROWS][COLUMN_BLOCKS], __local const float4 *left,
                       __local const float4 *right) {
  const int y = get_local_id(0) / COLUMN_ITEMS, x = get_local_id(0) % COLUMN_ITEMS;
#pragma unroll
  for (int k = 0; k < TILE_DEPTH; k++) {
    float4 b[COLUMN_BLOCKS];
#pragma unroll
    for (int c = 0; c < COLUMN_BLOCKS; c++)
      b[c] = right[k * RIGHT_STRIDE + c * COLUMN_ITEMS + x];
#pragma unroll
    for (int r = 0; r < ROW_BLOCKS; r++) {
      const float4 a = left[k * LEFT_STRIDE + r * ROW_ITEMS + y];
#pragma unroll
      for (int c = 0; c < COLUMN_BLOCKS; c++) {
        sums[4 * r + 0][c] = fma((float4)(a.x), b[c], sums[4 * r + 0][c]);
        sums[4 * r + 1][c] = fma((float4)(a.y), b[c], sums[4 * r + 1][c]);
        sums[4 * r + 2][c] = fma((float4)(a.z), b[c], sums[4 * r + 2][c]);
        sums[4 * r + 3][c] = fma((float4)(a.w), b[c], sums[4 * r + 3][c]);
      }
    }
  }
}

// Row and column in the tile of sums[i][c].
static int tile_row(int i) {
  return (i / 4 * ROW_ITEMS + get_local_id(0) / COLUMN_ITEMS) * 4 + i % 4;
}

static int tile_column(int c) {
  return (c * COLUMN_ITEMS + get_local_id(0) % COLUMN_ITEMS) * 4;
}

static float4 normal_distribution(float4 x) {
  return 0.5f * erfc(-0.707106781f * x);
}

// output = activation(input * weight + bias) + residual. Work-group (tile of rows, tile of
// columns); tiles: (model, first row, rows <= TILE_ROWS, -).
__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void
matmul(__global const float *input, long inputOffset, int inputStride, __global const float *weight,
       long weightOffset, long weightModelStride, int weightStride, __global const float *bias,
       long biasOffset, long biasModelStride, __global float *preActivation,
       long preActivationOffset, int preActivationStride, __global const float *residual,
       long residualOffset, int residualStride, __global float *output, long outputOffset,
       int outputStride, __global const int4 *tiles, int tileCount, int K, int N, int epilogue) {
  __local float4 left[TILE_DEPTH * LEFT_STRIDE], right[TILE_DEPTH * RIGHT_STRIDE];
  const int4 tile = tiles[get_group_id(0)];
  const int first = get_group_id(1) * TILE_COLUMNS;
  input += inputOffset + (long)tile.y * inputStride;
  weight += weightOffset + tile.x * weightModelStride + first;

  float4 sums[MICRO_ROWS][COLUMN_BLOCKS], nextLeft[LEFT_LOADS], nextRight[RIGHT_LOADS];
#pragma unroll
  for (int i = 0; i < MICRO_ROWS; i++)
#pragma unroll
    for (int c = 0; c < COLUMN_BLOCKS; c++)
      sums[i][c] = 0.0f;
  fetch_turned(nextLeft, LEFT_LOADS, input, inputStride, tile.z, K);
  fetch_straight(nextRight, weight, weightStride, N - first, K);
  for (int k = TILE_DEPTH; k < K + TILE_DEPTH; k += TILE_DEPTH) {
    barrier(CLK_LOCAL_MEM_FENCE);
    keep_turned(nextLeft, LEFT_LOADS, left, LEFT_STRIDE);
    keep_straight(nextRight, right);
    barrier(CLK_LOCAL_MEM_FENCE);
    fetch_turned(nextLeft, LEFT_LOADS, input + k, inputStride, tile.z, K - k);
    fetch_straight(nextRight, weight + (long)k * weightStride, weightStride, N - first, K - k);
    accumulate(sums, left, right);
  }

  bias += biasOffset + tile.x * biasModelStride + first;
  preActivation += preActivationOffset + (long)tile.y * preActivationStride + first;
  residual += residualOffset + (long)tile.y * residualStride + first;
  output += outputOffset + (long)tile.y * outputStride + first;
#pragma unroll
  for (int c = 0; c < COLUMN_BLOCKS; c++) {
    const int column = tile_column(c), count = N - first - column;
    if (count <= 0)
      continue;
    const float4 shift = epilogue & HAS_BIAS ? fetch(bias + column, count) : (float4)(0.0f);
#pragma unroll
    for (int i = 0; i < MICRO_ROWS; i++) {
      const long row = tile_row(i);
      if (row >= tile.z)
        continue;
      float4 value = sums[i][c];
      if (epilogue & HAS_BIAS)
        value += shift;
      if (epilogue & KEEPS_PRE_ACTIVATION)
        store(value, preActivation + row * preActivationStride + column, count);
      if (epilogue & HAS_GELU)
        value *= normal_distribution(value);
      if (epilogue & HAS_RESIDUAL)
        value += fetch(residual + row * residualStride + column, count);
      store(value, output + row * outputStride + column, count);
    }
  }
}
