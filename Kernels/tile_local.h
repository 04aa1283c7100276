// The tile of a product that a work-group owns: its parameters, how it is loaded and stored, and
// how its sums are computed. KernelConstraints+Matmul.swift says what the parameters must satisfy.

// Rows and columns of the tile of a work-group.
#ifndef TILE_ROWS
#define TILE_ROWS 64
#endif
#ifndef TILE_COLUMNS
#define TILE_COLUMNS 64
#endif

// The number of rows or columns that a slab takes from each operand, along k.
#ifndef TILE_DEPTH
#define TILE_DEPTH 16
#endif

// The number of rows and columns that a work-item computes.
#ifndef MICRO_ROWS
#define MICRO_ROWS 8
#endif
#ifndef MICRO_COLUMNS
#define MICRO_COLUMNS 4
#endif

// 1 if every offset, stride and number of columns is a multiple of four floats, else 0. Then four
// floats exist or none of them, and no code for a part of them is issued.
#ifndef ALIGNED
#define ALIGNED 0
#endif

#define ROW_ITEMS (TILE_ROWS / MICRO_ROWS)
#define COLUMN_ITEMS (TILE_COLUMNS / MICRO_COLUMNS)
#define ITEMS (ROW_ITEMS * COLUMN_ITEMS)
#define ROW_BLOCKS (MICRO_ROWS / 4)
#define COLUMN_BLOCKS (MICRO_COLUMNS / 4)
// The number of float4s that a work-item loads into a slab.
#define LEFT_LOADS (TILE_ROWS * TILE_DEPTH / 4 / ITEMS)
#define RIGHT_LOADS (TILE_COLUMNS * TILE_DEPTH / 4 / ITEMS)

// Loads the first `count` of four floats; the others are zero.
static float4 load(__global const float *p, int count) {
#if ALIGNED
  return count > 0 ? *(__global const float4 *)p : (float4)(0.0f);
#else
  if (count >= 4)
    return vload4(0, p);
  float4 value = 0.0f;
  if (count > 0)
    value.x = p[0];
  if (count > 1)
    value.y = p[1];
  if (count > 2)
    value.z = p[2];
  return value;
#endif
}

static void store(float4 value, __global float *p, int count) {
#if ALIGNED
  if (count > 0)
    *(__global float4 *)p = value;
#else
  if (count >= 4) {
    vstore4(value, 0, p);
    return;
  }
  if (count > 0)
    p[0] = value.x;
  if (count > 1)
    p[1] = value.y;
  if (count > 2)
    p[2] = value.z;
#endif
}

// Loads a slab of `width` columns whose rows run over k. Only `columns` columns and `depth` rows
// exist; the rest of the slab is zero.
static void load_slab(float4 *slab, int loads, int width, __global const float *matrix, int stride,
                      int columns, int depth) {
#pragma unroll
  for (int i = 0; i < loads; i++) {
    const int index = i * ITEMS + get_local_id(0);
    const int k = index / (width / 4), column = index % (width / 4) * 4;
    slab[i] =
        k < depth ? load(matrix + (long)k * stride + column, columns - column) : (float4)(0.0f);
  }
}

static void clear(float4 *sums) {
#pragma unroll
  for (int i = 0; i < MICRO_ROWS * COLUMN_BLOCKS; i++)
    sums[i] = 0.0f;
}

// sums[row][block of columns] += left[row] * right[block of columns], for one k. left: the column
// of the left tile at that k. sums: [MICRO_ROWS, COLUMN_BLOCKS], one array: older compilers refuse
// a pointer to an array, and Mesa's loses what lies beyond the first row of an array of arrays.
static void accumulate(float4 *sums, __local const float4 *left, const float4 *right) {
  const int y = get_local_id(0) / COLUMN_ITEMS;
#pragma unroll
  for (int r = 0; r < ROW_BLOCKS; r++) {
    const float4 a = left[r * ROW_ITEMS + y];
#pragma unroll
    for (int c = 0; c < COLUMN_BLOCKS; c++) {
      sums[(4 * r + 0) * COLUMN_BLOCKS + c] =
          fma((float4)(a.x), right[c], sums[(4 * r + 0) * COLUMN_BLOCKS + c]);
      sums[(4 * r + 1) * COLUMN_BLOCKS + c] =
          fma((float4)(a.y), right[c], sums[(4 * r + 1) * COLUMN_BLOCKS + c]);
      sums[(4 * r + 2) * COLUMN_BLOCKS + c] =
          fma((float4)(a.z), right[c], sums[(4 * r + 2) * COLUMN_BLOCKS + c]);
      sums[(4 * r + 3) * COLUMN_BLOCKS + c] =
          fma((float4)(a.w), right[c], sums[(4 * r + 3) * COLUMN_BLOCKS + c]);
    }
  }
}

// Makes the second row of the sums the first, and the first the last. A loop that works on the
// first row and then turns, MICRO_ROWS times, has one copy of what it does to a row: registers have
// no index, and code that is unrolled over all rows may be larger than an instruction cache.
static void turn(float4 *sums) {
#pragma unroll
  for (int c = 0; c < COLUMN_BLOCKS; c++) {
    const float4 first = sums[c];
#pragma unroll
    for (int i = 1; i < MICRO_ROWS; i++)
      sums[(i - 1) * COLUMN_BLOCKS + c] = sums[i * COLUMN_BLOCKS + c];
    sums[(MICRO_ROWS - 1) * COLUMN_BLOCKS + c] = first;
  }
}

// The number of tiles that `extent` rows or columns are cut into.
static int tiles_of(int extent, int size) {
  return (extent + size - 1) / size;
}

// The row in the tile of sums[i * COLUMN_BLOCKS + c].
static int tile_row(int i) {
  return (i / 4 * ROW_ITEMS + get_local_id(0) / COLUMN_ITEMS) * 4 + i % 4;
}

// The first of four columns in the tile of sums[i * COLUMN_BLOCKS + c].
static int tile_column(int c) {
  return (c * COLUMN_ITEMS + get_local_id(0) % COLUMN_ITEMS) * 4;
}

// Stores the sums as [rows, columns]; what lies beyond those is left out. matrix: the first element
// of the tile.
static void store_tile(const float4 *sums, __global float *matrix, int stride, int rows,
                       int columns) {
#pragma unroll
  for (int i = 0; i < MICRO_ROWS; i++) {
    const long row = tile_row(i);
    if (row >= rows)
      continue;
#pragma unroll
    for (int c = 0; c < COLUMN_BLOCKS; c++) {
      const int column = tile_column(c);
      store(sums[i * COLUMN_BLOCKS + c], matrix + row * stride + column, columns - column);
    }
  }
}

static float4 normal_distribution(float4 x) {
  return 0.5f * erfc(-0.707106781f * x);
}
