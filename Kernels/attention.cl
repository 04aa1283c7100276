// Causal multi-head attention over packed sequences, and its gradients.
//
// query, output and their gradients: [query rows, heads * HEAD_WIDTH]; key, value: [key rows, heads
// * HEAD_WIDTH]; their gradients: [keys, heads * HEAD_WIDTH]; logSumExp: [query rows, heads];
// positions: [query rows]; keyRows: [keys], if KEY_ROWS; else each key is its row. A query at
// position p of its sequence sees the sequence's keys 0...p, or the last WINDOW of them. Sequences
// may be of any length.
//
// The product of two rows would be a sum across the lanes of a vector. To avoid it, 16 rows of a
// head are transposed once: a float16 then holds one column of 16 rows, every product is a fused
// multiply-add with one broadcast number, and the softmax needs no sums across lanes. A pair whose
// query does not see the key enters no sum, whether or not it is finite.

#pragma OPENCL FP_CONTRACT OFF

#include "exponential.h"
#include "key_rows.h"
#include "scores.h"
#include "vectors.h"

// The number of columns of a head; at least 1. A work-item keeps 2 transposed blocks of 16 rows in
// private memory (4 for the gradients), 64 * HEAD_WIDTH bytes each.
#ifndef HEAD_WIDTH
#define HEAD_WIDTH 32
#endif

#define CHUNKS ((HEAD_WIDTH + 15) / 16)
#define PADDED (16 * CHUNKS)
#define TAIL (HEAD_WIDTH % 16)

// The number of keys in a step of the forward, and of queries in a step of the backward: enough
// independent sums to hide the latency of an addition, and few enough to stay in registers.
#define STEP_KEYS 8
#define STEP_QUERIES 4

// Loads columns 16 c ..< 16 c + 16 of a head's row; lanes beyond the head are zero.
static float16 load(__global const float *row, int c) {
#if TAIL
  if (c == CHUNKS - 1) {
    float lanes[16];
    for (int i = 0; i < 16; i++)
      lanes[i] = i < TAIL ? row[16 * c + i] : 0.0f;
    return vload16(0, lanes);
  }
#endif
  return vload16(c, row);
}

static void store(float16 value, __global float *row, int c) {
#if TAIL
  if (c == CHUNKS - 1) {
    float lanes[16];
    vstore16(value, 0, lanes);
    for (int i = 0; i < TAIL; i++)
      row[16 * c + i] = lanes[i];
    return;
  }
#endif
  vstore16(value, c, row);
}

// Transposes 16 x 16 numbers: four perfect shuffles of 256 rotate the index by half of its bits.
static void transpose(float16 m[16]) {
#pragma unroll
  for (int round = 0; round < 4; round++) {
    float16 shuffled[16];
#pragma unroll
    for (int i = 0; i < 8; i++) {
      shuffled[2 * i].even = m[i].lo;
      shuffled[2 * i].odd = m[i + 8].lo;
      shuffled[2 * i + 1].even = m[i].hi;
      shuffled[2 * i + 1].odd = m[i + 8].hi;
    }
#pragma unroll
    for (int i = 0; i < 16; i++)
      m[i] = shuffled[i];
  }
}

// turned[d], lane i: rows[numbers[i]][d].
static void load_turned(float16 turned[PADDED], __global const float *rows, int stride,
                        const int numbers[16]) {
  for (int c = 0; c < CHUNKS; c++) {
    float16 m[16];
#pragma unroll
    for (int i = 0; i < 16; i++)
      m[i] = load(rows + (long)numbers[i] * stride, c);
    transpose(m);
#pragma unroll
    for (int i = 0; i < 16; i++)
      turned[16 * c + i] = m[i];
  }
}

// rows[i][d] = lane i of turned[d], for `count` rows.
static void store_turned(const float16 turned[PADDED], __global float *rows, int stride,
                         int count) {
  for (int c = 0; c < CHUNKS; c++) {
    float16 m[16];
#pragma unroll
    for (int i = 0; i < 16; i++)
      m[i] = turned[16 * c + i];
    transpose(m);
#pragma unroll
    for (int i = 0; i < 16; i++)
      if (i < count)
        store(m[i], rows + (long)i * stride, c);
  }
}

// e^-x for x >= 0, to 1e-7; 0 if the result would be below 2^-126.
static float16 exp_negative(float16 x) {
  const float16 s = x * 1.44269504f;
  return select(power_of_half(s), (float16)(0.0f), s > 126.0f);
}

// s_j = scale * q.k_j, capped, p = softmax(s), output = sum of p_j v_j, in one pass with a running
// maximum (Milakov & Gimelshein 2018). Each lane is a query. Work-item (head, tile of at most 16
// queries); tiles: (first query, queries, first key, keys).
__kernel void attention(__global const float *query, long queryOffset, int queryStride,
                        __global const float *key, long keyOffset, int keyStride,
                        __global const float *value, long valueOffset, int valueStride,
                        __global float *output, long outputOffset, int outputStride,
                        __global float *logSumExp, long logSumExpOffset, int logSumExpStride,
                        __global const int4 *tiles, int tileCount, __global const int *positions,
                        __global const int *keyRows, int heads, float scale) {
  const int head = get_global_id(0);
  if (head >= heads || get_global_id(1) >= tileCount)
    return;
  const int4 tile = tiles[get_global_id(1)];
  const int column = head * HEAD_WIDTH;
  key += keyOffset + (long)FIRST_ROW(tile.z) * keyStride + column;
  value += valueOffset + (long)FIRST_ROW(tile.z) * valueStride + column;
  keyRows += tile.z;

  float16 left[PADDED], sums[PADDED];
  int queries[16];
  // Lanes without a query repeat the last one.
  for (int i = 0; i < 16; i++)
    queries[i] = tile.x + min(i, tile.y - 1);
  load_turned(left, query + queryOffset + column, queryStride, queries);
  for (int d = 0; d < PADDED; d++) {
    left[d] *= scale;
    sums[d] = 0.0f;
  }
  // Lanes without a query use the position of the last query.
  int last[16];
  for (int i = 0; i < 16; i++)
    last[i] = positions[tile.x + min(i, tile.y - 1)];
  const int16 position = vload16(0, last);
  const int end = last[15] + 1;
  // Every query sees the keys before this one, unless they lie before its window.
  const int everywhere = last[0] + 1;

  float16 best = LEAST_SCORE, weights = 0.0f;
  for (int first = FIRST_SEEN(last[0], STEP_KEYS); first < end; first += STEP_KEYS) {
    // Beyond the last key, the last key is repeated.
    long numbers[STEP_KEYS];
    __global const float *row[STEP_KEYS];
    float16 p[STEP_KEYS];
    int16 seen[STEP_KEYS];
#pragma unroll
    for (int j = 0; j < STEP_KEYS; j++) {
      numbers[j] = KEY_ROW(min(first + j, end - 1));
      row[j] = key + numbers[j] * keyStride;
      p[j] = 0.0f;
    }
    for (int d = 0; d < HEAD_WIDTH; d++) {
      const float16 q = left[d];
#pragma unroll
      for (int j = 0; j < STEP_KEYS; j++)
        p[j] = fma(q, (float16)(row[j][d]), p[j]);
    }
    float16 top = best;
#pragma unroll
    for (int j = 0; j < STEP_KEYS; j++) {
      seen[j] = (int16)(first + j) <= position;
#if WINDOW
      seen[j] &= (int16)(first + j) > position - WINDOW;
#endif
      p[j] = select((float16)(-INFINITY), CAPPED(p[j]), seen[j]);
      top = p[j] > top ? p[j] : top;
    }
    const float16 shrink = exp_negative(top - best);
    best = top;
    weights *= shrink;
#pragma unroll
    for (int j = 0; j < STEP_KEYS; j++) {
      p[j] = exp_negative(best - p[j]);
      weights += p[j];
      row[j] = value + numbers[j] * valueStride;
    }
    if (first + STEP_KEYS <= everywhere && (!WINDOW || first >= end - WINDOW)) {
      for (int d = 0; d < HEAD_WIDTH; d++) {
        float16 sum = sums[d] * shrink;
#pragma unroll
        for (int j = 0; j < STEP_KEYS; j++)
          sum = fma(p[j], (float16)(row[j][d]), sum);
        sums[d] = sum;
      }
    } else {
      for (int d = 0; d < HEAD_WIDTH; d++) {
        float16 sum = sums[d] * shrink;
#pragma unroll
        for (int j = 0; j < STEP_KEYS; j++)
          sum = select(sum, fma(p[j], (float16)(row[j][d]), sum), seen[j]);
        sums[d] = sum;
      }
    }
  }

  const float16 inverse = 1.0f / weights;
  for (int d = 0; d < HEAD_WIDTH; d++)
    sums[d] *= inverse;
  store_turned(sums, output + outputOffset + (long)tile.x * outputStride + column, outputStride,
               tile.y);
  float lse[16];
  vstore16(best + log(weights), 0, lse);
  for (int i = 0; i < tile.y; i++)
    logSumExp[logSumExpOffset + (long)(tile.x + i) * logSumExpStride + head] = lse[i];
}

// With D_i = dO_i.o_i and ds_ij = p_ij * (dO_i.v_j - D_i) * scale: dq_i = sum of ds_ij k_j, dk_j =
// sum of ds_ij q_i, dv_j = sum of p_ij dO_i, in order; a cap multiplies ds_ij by its slope. The
// probabilities are recomputed from logSumExp. Each lane is a key. A work-item owns a head of a
// sequence, so no two work-items add to the same element. Work-item (head, sequence); sequences:
// (first query, queries, first key, keys).
__kernel void attention_backward(
    __global const float *query, long queryOffset, int queryStride, __global const float *key,
    long keyOffset, int keyStride, __global const float *value, long valueOffset, int valueStride,
    __global const float *output, long outputOffset, int outputStride,
    __global const float *logSumExp, long logSumExpOffset, int logSumExpStride,
    __global const float *outputGradient, long outputGradientOffset, int outputGradientStride,
    __global float *queryGradient, long queryGradientOffset, int queryGradientStride,
    __global float *keyGradient, long keyGradientOffset, int keyGradientStride,
    __global float *valueGradient, long valueGradientOffset, int valueGradientStride,
    __global const int4 *sequences, int sequenceCount, __global const int *positions,
    __global const int *keyRows, int heads, float scale) {
  const int head = get_global_id(0);
  if (head >= heads || get_global_id(1) >= sequenceCount)
    return;
  const int4 sequence = sequences[get_global_id(1)];
  const int column = head * HEAD_WIDTH;
  query += queryOffset + column;
  key += keyOffset + (long)FIRST_ROW(sequence.z) * keyStride + column;
  value += valueOffset + (long)FIRST_ROW(sequence.z) * valueStride + column;
  keyRows += sequence.z;
  output += outputOffset + column;
  logSumExp += logSumExpOffset + head;
  outputGradient += outputGradientOffset + column;
  queryGradient += queryGradientOffset + column;
  keyGradient += keyGradientOffset + (long)sequence.z * keyGradientStride + column;
  valueGradient += valueGradientOffset + (long)sequence.z * valueGradientStride + column;

  const int16 lane = (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const int end = sequence.x + sequence.y;
  int start = sequence.x;
#if WINDOW
  int stop = start;
  for (int row = start; row < end; row++)
    for (int c = 0; c < CHUNKS; c++)
      store((float16)(0.0f), queryGradient + (long)row * queryGradientStride, c);
#else
  const int stop = end;
#endif
  for (int first = 0; first < sequence.w; first += 16) {
    const int count = min(16, sequence.w - first);
    float16 keys[PADDED], values[PADDED], dk[PADDED], dv[PADDED];
    int numbers[16];
    for (int i = 0; i < 16; i++)
      numbers[i] = KEY_ROW(first + min(i, count - 1));
    load_turned(keys, key, keyStride, numbers);
    load_turned(values, value, valueStride, numbers);
    for (int d = 0; d < PADDED; d++) {
      dk[d] = 0.0f;
      dv[d] = 0.0f;
    }

    // Positions ascend, so a query that cannot see this block of keys cannot see a later one.
    while (start < end && positions[start] < first)
      start++;
#if WINDOW
    // Nor does a query see this block once its window begins behind it.
    while (stop < end && positions[stop] - WINDOW < first + count - 1)
      stop++;
#endif
    for (int row = start; row < stop; row += STEP_QUERIES) {
      // q: scale * q_i; g: dO_i. Beyond the last query, the last query is repeated, but it sees no
      // key.
      float q[STEP_QUERIES][PADDED], g[STEP_QUERIES][PADDED];
      float16 p[STEP_QUERIES], slope[STEP_QUERIES];
      float dots[STEP_QUERIES];
#pragma unroll
      for (int i = 0; i < STEP_QUERIES; i++) {
        const long r = min(row + i, end - 1);
        float16 products = 0.0f;
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) {
          const float16 gradient = load(outputGradient + r * outputGradientStride, c);
          products = fma(gradient, load(output + r * outputStride, c), products);
          vstore16(gradient, c, g[i]);
          vstore16(scale * load(query + r * queryStride, c), c, q[i]);
        }
        dots[i] = sum_lanes(products);
        p[i] = 0.0f;
        slope[i] = 0.0f;
      }
      for (int d = 0; d < HEAD_WIDTH; d++) {
        const float16 k = keys[d], v = values[d];
#pragma unroll
        for (int i = 0; i < STEP_QUERIES; i++) {
          p[i] = fma((float16)(q[i][d]), k, p[i]);
          slope[i] = fma((float16)(g[i][d]), v, slope[i]);
        }
      }
      float slopes[STEP_QUERIES][16];
      int16 isSeen[STEP_QUERIES];
      // The keys of the block that each query sees: from `hidden` on, below `seen`.
      int seen[STEP_QUERIES], hidden[STEP_QUERIES];
#pragma unroll
      for (int i = 0; i < STEP_QUERIES; i++) {
        const int r = min(row + i, end - 1);
        seen[i] = row + i < end ? min(positions[r] + 1 - first, count) : 0;
        hidden[i] = WINDOW ? positions[r] + 1 - WINDOW - first : 0;
        isSeen[i] = lane < (int16)(seen[i]);
#if WINDOW
        isSeen[i] &= lane >= (int16)(hidden[i]);
#endif
        const float16 score = CAPPED(p[i]);
        const float16 power = exp_negative(logSumExp[(long)r * logSumExpStride] - score);
        p[i] = power;
        slope[i] = power * (slope[i] - dots[i]);
#if CAP
        slope[i] *= CAP_SLOPE(score);
#endif
        vstore16(slope[i], 0, slopes[i]);
      }
      for (int d = 0; d < HEAD_WIDTH; d++) {
        float16 a = dk[d], b = dv[d];
#pragma unroll
        for (int i = 0; i < STEP_QUERIES; i++) {
          a = select(a, fma(slope[i], (float16)(q[i][d]), a), isSeen[i]);
          b = select(b, fma(p[i], (float16)(g[i][d]), b), isSeen[i]);
        }
        dk[d] = a;
        dv[d] = b;
      }

      float16 dq[STEP_QUERIES][CHUNKS];
#pragma unroll
      for (int i = 0; i < STEP_QUERIES; i++)
#pragma unroll
        for (int c = 0; c < CHUNKS; c++)
          dq[i][c] = 0.0f;
      for (int j = 0; j < count; j++) {
        __global const float *k = key + (long)numbers[j] * keyStride;
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) {
          const float16 chunk = load(k, c);
#pragma unroll
          for (int i = 0; i < STEP_QUERIES; i++)
            dq[i][c] = j < seen[i] && (!WINDOW || j >= hidden[i])
                           ? fma((float16)(slopes[i][j]), chunk, dq[i][c])
                           : dq[i][c];
        }
      }
      // Without a window every query sees the first block, so it sets the sums to which later
      // blocks add.
#pragma unroll
      for (int i = 0; i < STEP_QUERIES; i++) {
        if (row + i < end) {
          __global float *gradient = queryGradient + (long)(row + i) * queryGradientStride;
#pragma unroll
          for (int c = 0; c < CHUNKS; c++)
            store(!WINDOW && first == 0 ? scale * dq[i][c]
                                        : fma((float16)(scale), dq[i][c], load(gradient, c)),
                  gradient, c);
        }
      }
    }
    store_turned(dk, keyGradient + (long)first * keyGradientStride, keyGradientStride, count);
    store_turned(dv, valueGradient + (long)first * valueGradientStride, valueGradientStride, count);
  }
}
