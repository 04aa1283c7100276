// Causal multi-head attention over packed sequences, forward and backward.
//
// query, output: [query rows, heads * HEAD_WIDTH]; key, value: [key rows, heads * HEAD_WIDTH];
// logSumExp: [query rows, heads]; positions: [query rows]. A query at position p of its sequence
// sees the sequence's keys 0...p. Sequences may be of any length: keys pass in blocks of 16, a lane
// a key.

#pragma OPENCL FP_CONTRACT OFF

// Columns of a head; at least 1. A work-item holds a few rows of a head in registers: more than 256
// columns are right but slow.
#ifndef HEAD_WIDTH
#define HEAD_WIDTH 32
#endif

#define CHUNKS ((HEAD_WIDTH + 15) / 16)
#define TAIL (HEAD_WIDTH % 16)
#define KEYS 16

// Columns 16 c ..< 16 c + 16 of a head's row; lanes past the head are zero.
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

static float total(float16 lanes) {
  const float8 a = lanes.lo + lanes.hi;
  const float4 b = a.lo + a.hi;
  const float2 c = b.lo + b.hi;
  return c.lo + c.hi;
}

static float greatest(float16 lanes) {
  const float8 a = lanes.lo > lanes.hi ? lanes.lo : lanes.hi;
  const float4 b = a.lo > a.hi ? a.lo : a.hi;
  const float2 c = b.lo > b.hi ? b.lo : b.hi;
  return c.lo > c.hi ? c.lo : c.hi;
}

// Neighbouring lanes added: those of a, then those of b.
static float16 pair_sums(float16 a, float16 b) {
  return (float16)(a.even, b.even) + (float16)(a.odd, b.odd);
}

// Lane j: the product of `left` with row j of 16; rows at or past `count` repeat the last one. Four
// levels of pair sums turn 16 vectors of partial products into one vector of products.
static float16 products(const float16 left[CHUNKS], __global const float *rows, int stride,
                        int count) {
  float16 partial[KEYS];
#pragma unroll
  for (int j = 0; j < KEYS; j++) {
    __global const float *row = rows + (long)min(j, count - 1) * stride;
    partial[j] = left[0] * load(row, 0);
#pragma unroll
    for (int c = 1; c < CHUNKS; c++)
      partial[j] = fma(left[c], load(row, c), partial[j]);
  }
#pragma unroll
  for (int j = 0; j < 8; j++)
    partial[j] = pair_sums(partial[2 * j], partial[2 * j + 1]);
#pragma unroll
  for (int j = 0; j < 4; j++)
    partial[j] = pair_sums(partial[2 * j], partial[2 * j + 1]);
  return pair_sums(pair_sums(partial[0], partial[1]), pair_sums(partial[2], partial[3]));
}

// `value` in the lanes before `count`, `rest` in the others.
static float16 masked(float16 value, int count, float rest) {
  const int16 lane = (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return select((float16)(rest), value, lane < (int16)(count));
}

// s_j = scale * q.k_j, p = softmax(s), output = sum of p_j v_j, in one pass with a running maximum
// (Milakov & Gimelshein 2018). Work-item (head, tile); tiles: (first query, queries, first key,
// keys).
__kernel void attention(__global const float *query, long queryOffset, int queryStride,
                        __global const float *key, long keyOffset, int keyStride,
                        __global const float *value, long valueOffset, int valueStride,
                        __global float *output, long outputOffset, int outputStride,
                        __global float *logSumExp, long logSumExpOffset, int logSumExpStride,
                        __global const int4 *tiles, int tileCount, __global const int *positions,
                        int heads, float scale) {
  const int head = get_global_id(0);
  if (head >= heads || get_global_id(1) >= tileCount)
    return;
  const int4 tile = tiles[get_global_id(1)];
  key += keyOffset + (long)tile.z * keyStride + head * HEAD_WIDTH;
  value += valueOffset + (long)tile.z * valueStride + head * HEAD_WIDTH;

  for (int row = tile.x; row < tile.x + tile.y; row++) {
    __global const float *q = query + queryOffset + (long)row * queryStride + head * HEAD_WIDTH;
    float16 left[CHUNKS], sum[CHUNKS];
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
      left[c] = scale * load(q, c);
      sum[c] = 0.0f;
    }
    float16 weights = 0.0f;
    float best = -INFINITY;
    const int seen = positions[row] + 1;
    for (int first = 0; first < seen; first += KEYS) {
      const int count = min(KEYS, seen - first);
      const float16 scores =
          masked(products(left, key + (long)first * keyStride, keyStride, count), count, -INFINITY);
      const float top = greatest(scores);
      if (top > best) {
        const float shrink = exp(best - top);
        best = top;
        weights *= shrink;
#pragma unroll
        for (int c = 0; c < CHUNKS; c++)
          sum[c] *= shrink;
      }
      const float16 p = exp(scores - best);
      weights += p;
      float lanes[KEYS];
      vstore16(p, 0, lanes);
      for (int j = 0; j < count; j++) {
        __global const float *v = value + (long)(first + j) * valueStride;
#pragma unroll
        for (int c = 0; c < CHUNKS; c++)
          sum[c] = fma((float16)(lanes[j]), load(v, c), sum[c]);
      }
    }
    const float weight = total(weights), inverse = 1.0f / weight;
    __global float *z = output + outputOffset + (long)row * outputStride + head * HEAD_WIDTH;
#pragma unroll
    for (int c = 0; c < CHUNKS; c++)
      store(sum[c] * inverse, z, c);
    logSumExp[logSumExpOffset + (long)row * logSumExpStride + head] = best + log(weight);
  }
}

// With D_i = dO_i.o_i and ds_ij = p_ij * (dO_i.v_j - D_i) * scale: dq_i = sum of ds_ij k_j,
// dk_j = sum of ds_ij q_i, dv_j = sum of p_ij dO_i, i in order. The probabilities come back from
// logSumExp. A work-item owns all keys of a sequence and head, so no two add to one element.
// Work-item (head, sequence); sequences: (first query, queries, first key, keys).
__kernel void attention_backward(
    __global const float *query, long queryOffset, int queryStride, __global const float *key,
    long keyOffset, int keyStride, __global const float *value, long valueOffset, int valueStride,
    __global const float *output, long outputOffset, int outputStride,
    __global const float *logSumExp, long logSumExpOffset, int logSumExpStride,
    __global const float *outputGradient, long outputGradientOffset, int outputGradientStride,
    __global float *queryGradient, long queryGradientOffset, int queryGradientStride,
    __global float *keyGradient, long keyGradientOffset, int keyGradientStride,
    __global float *valueGradient, long valueGradientOffset, int valueGradientStride,
    __global const int4 *sequences, int sequenceCount, __global const int *positions, int heads,
    float scale) {
  const int head = get_global_id(0);
  if (head >= heads || get_global_id(1) >= sequenceCount)
    return;
  const int4 sequence = sequences[get_global_id(1)];
  const int column = head * HEAD_WIDTH;
  key += keyOffset + (long)sequence.z * keyStride + column;
  value += valueOffset + (long)sequence.z * valueStride + column;
  keyGradient += keyGradientOffset + (long)sequence.z * keyGradientStride + column;
  valueGradient += valueGradientOffset + (long)sequence.z * valueGradientStride + column;
  for (int j = 0; j < sequence.w; j++) {
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
      store(0.0f, keyGradient + (long)j * keyGradientStride, c);
      store(0.0f, valueGradient + (long)j * valueGradientStride, c);
    }
  }

  for (int row = sequence.x; row < sequence.x + sequence.y; row++) {
    __global const float *q = query + queryOffset + (long)row * queryStride + column;
    __global const float *o = output + outputOffset + (long)row * outputStride + column;
    __global const float *g =
        outputGradient + outputGradientOffset + (long)row * outputGradientStride + column;
    // left: scale * q_i, which gives both the scores and dk; sum: dq_i / scale
    float16 left[CHUNKS], gradient[CHUNKS], sum[CHUNKS];
    float16 dots = 0.0f;
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
      left[c] = scale * load(q, c);
      gradient[c] = load(g, c);
      sum[c] = 0.0f;
      dots = fma(gradient[c], load(o, c), dots);
    }
    const float d = total(dots);
    const float lse = logSumExp[logSumExpOffset + (long)row * logSumExpStride + head];
    const int seen = positions[row] + 1;
    for (int first = 0; first < seen; first += KEYS) {
      const int count = min(KEYS, seen - first);
      __global const float *k = key + (long)first * keyStride;
      const float16 scores = products(left, k, keyStride, count);
      const float16 p = exp(scores - lse);
      const float16 dp = products(gradient, value + (long)first * valueStride, valueStride, count);
      float weights[KEYS], slopes[KEYS];
      vstore16(p, 0, weights);
      vstore16(p * (dp - d), 0, slopes);
      for (int j = 0; j < count; j++) {
        __global float *dk = keyGradient + (long)(first + j) * keyGradientStride;
        __global float *dv = valueGradient + (long)(first + j) * valueGradientStride;
        const float16 weight = (float16)(weights[j]), slope = (float16)(slopes[j]);
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) {
          sum[c] = fma(slope, load(k, c), sum[c]);
          store(fma(slope, left[c], load(dk, c)), dk, c);
          store(fma(weight, gradient[c], load(dv, c)), dv, c);
        }
        k += keyStride;
      }
    }
    __global float *dq =
        queryGradient + queryGradientOffset + (long)row * queryGradientStride + column;
#pragma unroll
    for (int c = 0; c < CHUNKS; c++)
      store(scale * sum[c], dq, c);
  }
}
