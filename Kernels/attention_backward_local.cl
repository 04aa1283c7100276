// The gradients of causal multi-head attention over packed sequences on GPUs.
//
// query, output and their gradients: [query rows, heads * HEAD_WIDTH]; key, value: [key rows, heads
// * HEAD_WIDTH]; their gradients: [keys, heads * HEAD_WIDTH]; logSumExp, dots: [query rows, heads];
// positions: [query rows]; keyRows: [keys], if KEY_ROWS; else each key is its row.
//
// With D_i = dO_i.o_i and ds_ij = p_ij * (dO_i.v_j - D_i) * scale: dq_i = sum of ds_ij k_j, dk_j =
// sum of ds_ij q_i, dv_j = sum of p_ij dO_i, in order; a cap multiplies ds_ij by its slope. The
// probabilities are recomputed from logSumExp.
//
// There are two kernels, so that no two work-items add to the same element. The first is parallel
// over queries and stores D in `dots`; the second is parallel over keys. A tile is up to ROWS
// queries of a sequence's head in the first kernel, and up to ROWS keys in the second; STEP keys,
// or queries, at a time go through local memory. PARTS work-items share a row, each with its
// columns in registers. A pair whose query does not see the key enters no sum.

#pragma OPENCL FP_CONTRACT OFF

// The number of keys or queries in a step.
#ifndef STEP
#define STEP 8
#endif

// The number of work-items that share a row.
#ifndef PARTS
#define PARTS 2
#endif

#include "key_rows.h"

#include "head_local.h"
#include "scores.h"

// Sums a[j] and b[j] over the work-items of a row, in order. products: [STEP, 2, PARTS, ROWS]; it
// may be reused after the next barrier.
static void join(float *a, float *b, __local float *products) {
#if PARTS > 1
  const int index = get_local_id(0), part = get_local_id(1);
#pragma unroll
  for (int j = 0; j < STEP; j++) {
    products[((2 * j + 0) * PARTS + part) * ROWS + index] = a[j];
    products[((2 * j + 1) * PARTS + part) * ROWS + index] = b[j];
  }
  barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
  for (int j = 0; j < STEP; j++) {
    a[j] = products[(2 * j + 0) * PARTS * ROWS + index];
    b[j] = products[(2 * j + 1) * PARTS * ROWS + index];
#pragma unroll
    for (int p = 1; p < PARTS; p++) {
      a[j] += products[((2 * j + 0) * PARTS + p) * ROWS + index];
      b[j] += products[((2 * j + 1) * PARTS + p) * ROWS + index];
    }
  }
#endif
}

// The first of the queries `first` to `end` - 1 whose position is at least `position`; `end` if
// none is. Positions ascend.
static int first_seeing(__global const int *positions, int first, int end, int position) {
  while (first < end) {
    const int middle = first + (end - first) / 2;
    if (positions[middle] < position)
      first = middle + 1;
    else
      end = middle;
  }
  return first;
}

// Computes dq and D. Work-group (TILES tiles, head); tiles: (first query, queries <= ROWS, first
// key, keys).
__kernel __attribute__((reqd_work_group_size(ROWS, PARTS, TILES))) void attention_backward_query(
    __global const float *query, long queryOffset, int queryStride, __global const float *key,
    long keyOffset, int keyStride, __global const float *value, long valueOffset, int valueStride,
    __global const float *output, long outputOffset, int outputStride,
    __global const float *logSumExp, long logSumExpOffset, int logSumExpStride,
    __global const float *outputGradient, long outputGradientOffset, int outputGradientStride,
    __global float *queryGradient, long queryGradientOffset, int queryGradientStride,
    __global float *dots, __global const int4 *tiles, int tileCount, __global const int *positions,
    __global const int *keyRows, int heads, float scale) {
  __local float4 allKeys[TILES][STEP_VECTORS], allValues[TILES][STEP_VECTORS];
  __local float allProducts[TILES][STEP * 2 * PARTS * ROWS], sums[TILES][PARTS][ROWS];
  __local int steps[TILES];
  const int index = get_local_id(0), part = get_local_id(1), own = get_local_id(2);
  __local float4 *keys = allKeys[own], *values = allValues[own];
  const int number = get_group_id(0) * TILES + own;
  // Work-items without a tile repeat the last one and store nothing.
  const int4 tile = tiles[min(number, tileCount - 1)];
  const int head = get_group_id(1), column = head * HEAD_WIDTH;
  const int firstVector = part * VECTORS;
  // Work-items without a query repeat the last one and store nothing.
  const long row = tile.x + min(index, tile.y - 1);
  const int position = positions[row];
  const int start = FIRST_SEEN(positions[tile.x], STEP);
  const int end = positions[tile.x + tile.y - 1] + 1;
  const float lse = logSumExp[logSumExpOffset + row * logSumExpStride + head];
  query += queryOffset + row * queryStride + column;
  key += keyOffset + (long)FIRST_ROW(tile.z) * keyStride + column;
  value += valueOffset + (long)FIRST_ROW(tile.z) * valueStride + column;
  keyRows += tile.z;
  output += outputOffset + row * outputStride + column;
  outputGradient += outputGradientOffset + row * outputGradientStride + column;

  float4 q[VECTORS], g[VECTORS], dq[VECTORS], lanes = 0.0f;
#pragma unroll
  for (int v = 0; v < VECTORS; v++) {
    q[v] = scale * load(query, (firstVector + v) * 4);
    g[v] = load(outputGradient, (firstVector + v) * 4);
    lanes = fma(g[v], load(output, (firstVector + v) * 4), lanes);
    dq[v] = 0.0f;
  }
  sums[own][part][index] = total(lanes);
  barrier(CLK_LOCAL_MEM_FENCE);
  float dot = sums[own][0][index];
  for (int p = 1; p < PARTS; p++)
    dot += sums[own][p][index];

  const int all = start + longest(end - start, steps);
  for (int first = start; first < all; first += STEP) {
    const int count = min(STEP, end - first);
    barrier(CLK_LOCAL_MEM_FENCE);
    stage_keys(keys, key, keyStride, keyRows, first, count);
    stage_keys(values, value, valueStride, keyRows, first, count);
    barrier(CLK_LOCAL_MEM_FENCE);
    float score[STEP], slope[STEP];
#pragma unroll
    for (int j = 0; j < STEP; j++) {
      float4 a = 0.0f, b = 0.0f;
#pragma unroll
      for (int v = 0; v < VECTORS; v++) {
        a = fma(q[v], keys[j * ROW_VECTORS + firstVector + v], a);
        b = fma(g[v], values[j * ROW_VECTORS + firstVector + v], b);
      }
      score[j] = total(a);
      slope[j] = total(b);
    }
    join(score, slope, allProducts[own]);
#pragma unroll
    for (int j = 0; j < STEP; j++) {
      if (SEES(position, first + j)) {
        const float s = CAPPED(score[j]);
        const float ds = scale * exp(s - lse) * (slope[j] - dot) * CAP_SLOPE(s);
#pragma unroll
        for (int v = 0; v < VECTORS; v++)
          dq[v] = fma((float4)(ds), keys[j * ROW_VECTORS + firstVector + v], dq[v]);
      }
    }
  }

  if (index < tile.y && number < tileCount) {
    queryGradient += queryGradientOffset + row * queryGradientStride + column;
#pragma unroll
    for (int v = 0; v < VECTORS; v++)
      store(dq[v], queryGradient, (firstVector + v) * 4);
    if (part == 0)
      dots[row * heads + head] = dot;
  }
}

// Computes dk and dv. Work-group (TILES sequences, head, block of ROWS keys); sequences: (first
// query, queries, first key, keys).
__kernel __attribute__((reqd_work_group_size(ROWS, PARTS, TILES))) void attention_backward_key(
    __global const float *query, long queryOffset, int queryStride, __global const float *key,
    long keyOffset, int keyStride, __global const float *value, long valueOffset, int valueStride,
    __global const float *logSumExp, long logSumExpOffset, int logSumExpStride,
    __global const float *outputGradient, long outputGradientOffset, int outputGradientStride,
    __global float *keyGradient, long keyGradientOffset, int keyGradientStride,
    __global float *valueGradient, long valueGradientOffset, int valueGradientStride,
    __global const float *dots, __global const int4 *sequences, int sequenceCount,
    __global const int *positions, __global const int *keyRows, int heads, float scale) {
  __local float4 allQueries[TILES][STEP_VECTORS], allGradients[TILES][STEP_VECTORS];
  __local float allProducts[TILES][STEP * 2 * PARTS * ROWS];
  __local int steps[TILES];
  const int index = get_local_id(0), part = get_local_id(1), own = get_local_id(2);
  __local float4 *queries = allQueries[own], *gradients = allGradients[own];
  const int number = get_group_id(0) * TILES + own;
  const int4 sequence = sequences[min(number, sequenceCount - 1)];
  const int head = get_group_id(1), column = head * HEAD_WIDTH;
  const int firstKey = get_group_id(2) * ROWS;
  const int firstVector = part * VECTORS;
  const int keyCount = number < sequenceCount ? max(sequence.w - firstKey, 0) : 0;
  // Work-items without a key repeat the last one and store nothing; a tile without keys has no
  // query.
  const int position = firstKey + max(min(index, keyCount - 1), 0);
  const long row = sequence.z + position;
  const long keyRow = keyCount > 0 ? KEY_ROW(row) : 0;
  query += queryOffset + column;
  key += keyOffset + keyRow * keyStride + column;
  value += valueOffset + keyRow * valueStride + column;
  logSumExp += logSumExpOffset + head;
  outputGradient += outputGradientOffset + column;

  float4 k[VECTORS], u[VECTORS], dk[VECTORS], dv[VECTORS];
#pragma unroll
  for (int v = 0; v < VECTORS; v++) {
    k[v] = keyCount > 0 ? scale * load(key, (firstVector + v) * 4) : (float4)(0.0f);
    u[v] = keyCount > 0 ? load(value, (firstVector + v) * 4) : (float4)(0.0f);
    dk[v] = 0.0f;
    dv[v] = 0.0f;
  }
  int end = sequence.x + (keyCount > 0 ? sequence.y : 0);
  // A query that cannot see the first key of the tile sees none of it.
  const int start = first_seeing(positions, sequence.x, end, firstKey);
#if WINDOW
  // Nor does one whose window begins behind the tile.
  end = first_seeing(positions, start, end, firstKey + ROWS - 1 + WINDOW);
#endif
  const int all = start + longest(end - start, steps);
  for (int first = start; first < all; first += STEP) {
    const int count = min(STEP, end - first);
    barrier(CLK_LOCAL_MEM_FENCE);
    stage(queries, query + (long)first * queryStride, queryStride, count);
    stage(gradients, outputGradient + (long)first * outputGradientStride, outputGradientStride,
          count);
    barrier(CLK_LOCAL_MEM_FENCE);
    float score[STEP], slope[STEP];
#pragma unroll
    for (int j = 0; j < STEP; j++) {
      float4 a = 0.0f, b = 0.0f;
#pragma unroll
      for (int v = 0; v < VECTORS; v++) {
        a = fma(k[v], queries[j * ROW_VECTORS + firstVector + v], a);
        b = fma(u[v], gradients[j * ROW_VECTORS + firstVector + v], b);
      }
      score[j] = total(a);
      slope[j] = total(b);
    }
    join(score, slope, allProducts[own]);
#pragma unroll
    for (int j = 0; j < STEP; j++) {
      const long i = first + j;
      if (j < count && SEES(positions[i], position)) {
        const float s = CAPPED(score[j]);
        const float p = exp(s - logSumExp[i * logSumExpStride]);
        const float ds = scale * p * (slope[j] - dots[i * heads + head]) * CAP_SLOPE(s);
#pragma unroll
        for (int v = 0; v < VECTORS; v++) {
          dk[v] = fma((float4)(ds), queries[j * ROW_VECTORS + firstVector + v], dk[v]);
          dv[v] = fma((float4)(p), gradients[j * ROW_VECTORS + firstVector + v], dv[v]);
        }
      }
    }
  }

  if (index < keyCount) {
    keyGradient += keyGradientOffset + row * keyGradientStride + column;
    valueGradient += valueGradientOffset + row * valueGradientStride + column;
#pragma unroll
    for (int v = 0; v < VECTORS; v++) {
      store(dk[v], keyGradient, (firstVector + v) * 4);
      store(dv[v], valueGradient, (firstVector + v) * 4);
    }
  }
}
