// Slabs of operands whose columns run over k. They are transposed on their way into local memory.

// The distance in float4s from one k to the next in local memory: one more than in the tile, to
// avoid bank conflicts.
#define LEFT_STRIDE (TILE_ROWS / 4 + 1)
#define RIGHT_STRIDE (TILE_COLUMNS / 4 + 1)

// Loads a slab of an operand whose columns run over k. Only `rows` rows and `depth` columns exist;
// the rest of the slab is zero.
static void load_transposed(float4 *slab, int loads, __global const float *matrix, int stride,
                            int rows, int depth) {
#pragma unroll
  for (int i = 0; i < loads; i++) {
    const int index = i * ITEMS + get_local_id(0);
    const int row = index / (TILE_DEPTH / 4), k = index % (TILE_DEPTH / 4) * 4;
    slab[i] = row < rows ? load(matrix + (long)row * stride + k, depth - k) : (float4)(0.0f);
  }
}

// tile[k][row] = slab[row][k]
static void store_transposed(const float4 *slab, int loads, __local float4 *tile, int tileStride) {
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

// sums[row][block of columns] += the products of one slab, k ascending.
static void accumulate_slab(float4 *sums, __local const float4 *left, __local const float4 *right) {
  const int x = get_local_id(0) % COLUMN_ITEMS;
#pragma unroll
  for (int k = 0; k < TILE_DEPTH; k++) {
    float4 b[COLUMN_BLOCKS];
#pragma unroll
    for (int c = 0; c < COLUMN_BLOCKS; c++)
      b[c] = right[k * RIGHT_STRIDE + c * COLUMN_ITEMS + x];
    accumulate(sums, left + k * LEFT_STRIDE, b);
  }
}
