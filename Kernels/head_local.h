// Rows of one head: how a work-group of attention holds them, and how it reads and writes them.
// KernelConstraints+Attention.swift says what the parameters must satisfy. STEP and PARTS, whose
// values differ between forward and backward, are defined before it, and key_rows.h is included
// before it.
//
// A work-group owns TILES tiles of ROWS queries or keys, each with local memory of its own. A
// tile's rows are of one sequence, so short sequences need small tiles and several of them in a
// group. Work-item: (row of the tile, part of the row, tile). No result depends on ROWS or TILES.

// The number of columns of a head.
#ifndef HEAD_WIDTH
#define HEAD_WIDTH 32
#endif

// The number of queries or keys in a tile.
#ifndef ROWS
#define ROWS 32
#endif

// The number of tiles that a work-group owns.
#ifndef TILES
#define TILES 1
#endif

// The number of float4s of a row that a work-item holds, and that a row takes in local memory.
#define VECTORS ((HEAD_WIDTH + 4 * PARTS - 1) / (4 * PARTS))
#define ROW_VECTORS (PARTS * VECTORS)

// The number of float4s of a tile's step in local memory: one more than there are, so that two
// tiles read the same place in their rows from different banks.
#define STEP_VECTORS (STEP * ROW_VECTORS + (TILES > 1))

// Loads four columns of a head's row, from `column` on; columns beyond the head are zero.
static float4 load(__global const float *row, int column) {
  float4 value = 0.0f;
  if (column + 3 < HEAD_WIDTH)
    return vload4(0, row + column);
  if (column < HEAD_WIDTH)
    value.x = row[column];
  if (column + 1 < HEAD_WIDTH)
    value.y = row[column + 1];
  if (column + 2 < HEAD_WIDTH)
    value.z = row[column + 2];
  return value;
}

static void store(float4 value, __global float *row, int column) {
  if (column + 3 < HEAD_WIDTH) {
    vstore4(value, 0, row + column);
    return;
  }
  if (column < HEAD_WIDTH)
    row[column] = value.x;
  if (column + 1 < HEAD_WIDTH)
    row[column + 1] = value.y;
  if (column + 2 < HEAD_WIDTH)
    row[column + 2] = value.z;
}

// Copies `count` rows into a tile's local memory, followed by zeros. All work-items of the tile
// take part.
static void stage(__local float4 *tile, __global const float *rows, int stride, int count) {
  for (int i = get_local_id(1) * ROWS + get_local_id(0); i < STEP * ROW_VECTORS;
       i += ROWS * PARTS) {
    const int row = i / ROW_VECTORS;
    tile[i] = row < count ? load(rows + (long)row * stride, i % ROW_VECTORS * 4) : (float4)(0.0f);
  }
}

// Copies the rows of `count` keys from `first` on in the same way.
static void stage_keys(__local float4 *tile, __global const float *rows, int stride,
                       __global const int *keyRows, int first, int count) {
#if KEY_ROWS
  for (int i = get_local_id(1) * ROWS + get_local_id(0); i < STEP * ROW_VECTORS;
       i += ROWS * PARTS) {
    const int row = i / ROW_VECTORS;
    tile[i] = row < count ? load(rows + (long)KEY_ROW(first + row) * stride, i % ROW_VECTORS * 4)
                          : (float4)(0.0f);
  }
#else
  stage(tile, rows + (long)first * stride, stride, count);
#endif
}

// The largest `own` of the group's tiles, where all work-items of a tile have the same: those of a
// shorter tile take part in the barriers of the longest. steps: [TILES].
static int longest(int own, __local int *steps) {
#if TILES > 1
  if (get_local_id(0) == 0 && get_local_id(1) == 0)
    steps[get_local_id(2)] = own;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int tile = 0; tile < TILES; tile++)
    own = max(own, steps[tile]);
#endif
  return own;
}

static float total(float4 lanes) {
  const float2 pairs = lanes.lo + lanes.hi;
  return pairs.x + pairs.y;
}
