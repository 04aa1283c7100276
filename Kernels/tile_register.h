// The tile of a product in registers: its parameters, and how it is loaded and stored.
// KernelConstraints+Matmul.swift says what the parameters must satisfy.

// The number of rows in a tile: 1...16. With 8 rows and 2 vectors a tile takes 16 of the 32
// registers of AVX-512.
#ifndef TILE_ROWS
#define TILE_ROWS 8
#endif

// The number of vectors of 16 columns in a tile: 1...4. A matrix has at least 16 * TILE_VECTORS
// columns, unless NARROW is 1.
#ifndef TILE_VECTORS
#define TILE_VECTORS 2
#endif

// 1 if rows may have fewer than 16 columns; they are then read element by element. It needs
// TILE_VECTORS 1.
#ifndef NARROW
#define NARROW 0
#endif

#define TILE_COLUMNS (16 * TILE_VECTORS)

#if NARROW && TILE_VECTORS != 1
#error "NARROW needs TILE_VECTORS 1"
#endif

// Loads the lanes of a vector: the first `count` of 16 if rows are narrow, else all.
static float16 load(__global const float *p, int count) {
#if NARROW
  float lanes[16];
  for (int i = 0; i < 16; i++)
    lanes[i] = i < count ? p[i] : 0.0f;
  return vload16(0, lanes);
#else
  return vload16(0, p);
#endif
}

// Stores lanes first..<16 of `value`, of which at most `count` lie before the right edge.
static void store(float16 value, __global float *p, int first, int count) {
  if (first == 0 && count >= 16) {
    vstore16(value, 0, p);
  } else {
    float lanes[16];
    vstore16(value, 0, lanes);
    for (int i = first; i < min(count, 16); i++)
      p[i] = lanes[i];
  }
}

// The column at which the tile at `column` starts reading. The last tile is moved left so that it
// ends at the right edge; it stores only the columns that no other tile owns.
static int first_column(int column, int columns) {
#if NARROW
  return column;
#else
  return min(column, columns - TILE_COLUMNS);
#endif
}
