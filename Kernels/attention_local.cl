// Causal multi-head attention over packed sequences on GPUs.
//
// query, output: [query rows, heads * HEAD_WIDTH]; key, value: [key rows, heads * HEAD_WIDTH];
// logSumExp: [query rows, heads]; positions: [query rows]; keyRows: [keys], if KEY_ROWS; else each
// key is its row. A query at position p of its sequence sees the sequence's keys 0...p, or the last
// WINDOW of them. Sequences may be of any length.
//
// A tile is up to ROWS queries of a sequence's head; STEP keys and values at a time go through
// local memory, from which all its queries read them. PARTS work-items share a query, each with its
// columns of query and output in registers; if PARTS > 1, scores are summed through local memory. A
// key that a query does not see enters none of the query's sums.

#pragma OPENCL FP_CONTRACT OFF

// The number of keys in a step.
#ifndef STEP
#define STEP 16
#endif

// The number of work-items that share a query.
#ifndef PARTS
#define PARTS 1
#endif

#include "key_rows.h"

#include "head_local.h"
#include "scores.h"

// s_j = scale * q.k_j, capped, p = softmax(s), output = sum of p_j v_j, in one pass with a running
// maximum (Milakov & Gimelshein 2018). Work-group (TILES tiles, head); tiles: (first query, queries
// <= ROWS, first key, keys).
__kernel __attribute__((reqd_work_group_size(ROWS, PARTS, TILES))) void
attention(__global const float *query, long queryOffset, int queryStride, __global const float *key,
          long keyOffset, int keyStride, __global const float *value, long valueOffset,
          int valueStride, __global float *output, long outputOffset, int outputStride,
          __global float *logSumExp, long logSumExpOffset, int logSumExpStride,
          __global const int4 *tiles, int tileCount, __global const int *positions,
          __global const int *keyRows, int heads, float scale) {
  __local float4 allKeys[TILES][STEP_VECTORS], allValues[TILES][STEP_VECTORS];
  __local int steps[TILES];
#if PARTS > 1
  __local float products[TILES][STEP][PARTS][ROWS];
#endif
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
  query += queryOffset + row * queryStride + column;
  key += keyOffset + (long)FIRST_ROW(tile.z) * keyStride + column;
  value += valueOffset + (long)FIRST_ROW(tile.z) * valueStride + column;
  keyRows += tile.z;

  float4 q[VECTORS], sums[VECTORS];
#pragma unroll
  for (int v = 0; v < VECTORS; v++) {
    q[v] = scale * load(query, (firstVector + v) * 4);
    sums[v] = 0.0f;
  }
  float best = LEAST_SCORE, weight = 0.0f;
  const int all = start + longest(end - start, steps);
  for (int first = start; first < all; first += STEP) {
    const int count = min(STEP, end - first);
    barrier(CLK_LOCAL_MEM_FENCE);
    stage_keys(keys, key, keyStride, keyRows, first, count);
    stage_keys(values, value, valueStride, keyRows, first, count);
    barrier(CLK_LOCAL_MEM_FENCE);

    float s[STEP];
#pragma unroll
    for (int j = 0; j < STEP; j++) {
      float4 lanes = 0.0f;
#pragma unroll
      for (int v = 0; v < VECTORS; v++)
        lanes = fma(q[v], keys[j * ROW_VECTORS + firstVector + v], lanes);
      s[j] = total(lanes);
    }
#if PARTS > 1
#pragma unroll
    for (int j = 0; j < STEP; j++)
      products[own][j][part][index] = s[j];
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
    for (int j = 0; j < STEP; j++) {
      s[j] = products[own][j][0][index];
#pragma unroll
      for (int p = 1; p < PARTS; p++)
        s[j] += products[own][j][p][index];
    }
#endif

    float top = best;
#pragma unroll
    for (int j = 0; j < STEP; j++) {
      s[j] = CAPPED(s[j]);
      if (SEES(position, first + j))
        top = fmax(top, s[j]);
    }
    const float shrink = exp(best - top);
    best = top;
    weight *= shrink;
#pragma unroll
    for (int v = 0; v < VECTORS; v++)
      sums[v] *= shrink;
#pragma unroll
    for (int j = 0; j < STEP; j++) {
      if (SEES(position, first + j)) {
        const float p = exp(s[j] - best);
        weight += p;
#pragma unroll
        for (int v = 0; v < VECTORS; v++)
          sums[v] = fma((float4)(p), values[j * ROW_VECTORS + firstVector + v], sums[v]);
      }
    }
  }

  if (index < tile.y && number < tileCount) {
    const float inverse = 1.0f / weight;
    output += outputOffset + row * outputStride + column;
#pragma unroll
    for (int v = 0; v < VECTORS; v++)
      store(sums[v] * inverse, output, (firstVector + v) * 4);
    if (part == 0)
      logSumExp[logSumExpOffset + row * logSumExpStride + head] = best + log(weight);
  }
}
