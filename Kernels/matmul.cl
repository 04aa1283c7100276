// Products of activations and weights: forward and input gradient.
//
// input [rows, K] · weight [K, N] -> output [rows, N]. Each model of the ensemble has its own
// weight.
//
// The fast kernels hold a tile of the output in registers: TILE_ROWS x TILE_COLUMNS accumulators
// per work-item, without local memory and barriers. On a CPU a float16 is one or more SIMD
// registers, and a work-item's inner loop is loads of 16 contiguous floats and fused multiply-adds.
// The kernels of matmul_naive.cl compute one output per work-item; the tiles are compared with
// them.
//
// A sum runs over k in ascending order for every size of the tile, so a result depends only on the
// operands, not on the ensemble or the tile.

#pragma OPENCL FP_CONTRACT OFF

#include "epilogue.h"
#include "exponential.h"
#include "gelu_vectors.h"
#include "tile_register.h"

// Copies the tile from its registers, for loops that are not unrolled: the scalar path at an edge,
// unrolled sixteen times, would take a compiler seconds.
static void spill(float16 memory[TILE_ROWS][TILE_VECTORS],
                  const float16 sums[TILE_ROWS][TILE_VECTORS]) {
#pragma unroll
  for (int i = 0; i < TILE_ROWS; i++)
#pragma unroll
    for (int v = 0; v < TILE_VECTORS; v++)
      memory[i][v] = sums[i][v];
}

// The derivative of the GELU, Phi(x) + x * phi(x). With t = |x| and D(t) = t * phi(t) - Phi(-t) it
// is 1 + D(t) for x >= 0, else -D(t). D(t) = (t - M(t)) / sqrt(2 pi) * 2^(-t^2 / (2 ln 2)), where M
// is Mills' ratio. The polynomial is a minimax fit to the first factor on 0...6, with its error
// weighted with the second factor. Beyond 13 the second factor is 0 in all relevant bits, and the
// polynomial would overflow. x - x restores a NaN that the bound removed.
static float16 gelu_derivative(float16 x) {
  const float16 t = fmin(fabs(x), 13.0f);
  float16 d = (float16)(-1.63169091e-06f);
  d = fma(d, t, (float16)(3.52078023e-05f));
  d = fma(d, t, (float16)(-3.39738559e-04f));
  d = fma(d, t, (float16)(1.97462784e-03f));
  d = fma(d, t, (float16)(-7.93939177e-03f));
  d = fma(d, t, (float16)(2.43139304e-02f));
  d = fma(d, t, (float16)(-6.11548871e-02f));
  d = fma(d, t, (float16)(1.32513791e-01f));
  d = fma(d, t, (float16)(-2.49916792e-01f));
  d = fma(d, t, (float16)(7.97878802e-01f));
  d = fma(d, t, (float16)(-4.99999940e-01f));
  const float16 change = d * power_of_half(0.721347520f * t * t);
  return (x < 0.0f ? -change : 1.0f + change) + (x - x);
}

// sums[i][v] = sum over k of input[i][k] * weight[k][16 v ..< 16 v + 16]. Only `rows` of the
// TILE_ROWS rows exist; the others repeat the last one and are not stored.
static void multiply(float16 sums[TILE_ROWS][TILE_VECTORS], __global const float *input,
                     int inputStride, int rows, __global const float *weight, int weightStride,
                     int count, int K) {
  __global const float *row[TILE_ROWS];
#pragma unroll
  for (int i = 0; i < TILE_ROWS; i++) {
    row[i] = input + (long)min(i, rows - 1) * inputStride;
#pragma unroll
    for (int v = 0; v < TILE_VECTORS; v++)
      sums[i][v] = 0.0f;
  }
  for (int k = 0; k < K; k++) {
    float16 right[TILE_VECTORS];
#pragma unroll
    for (int v = 0; v < TILE_VECTORS; v++)
      right[v] = load(weight + 16 * v, count);
    weight += weightStride;
#pragma unroll
    for (int i = 0; i < TILE_ROWS; i++) {
      const float16 left = (float16)(row[i][k]);
#pragma unroll
      for (int v = 0; v < TILE_VECTORS; v++)
        sums[i][v] = fma(left, right[v], sums[i][v]);
    }
  }
}

// The epilogue of one vector of `matmul`, from its sum to the output.
static void finish(float16 value, __global const float *bias, __global float *preActivation,
                   __global const float *residual, __global float *output, int skip, int count,
                   int epilogue) {
  if (epilogue & HAS_BIAS)
    value += load(bias, count);
  if (epilogue & KEEPS_PRE_ACTIVATION)
    store(value, preActivation, skip, count);
  if (epilogue & HAS_GELU)
    value = gelu(value);
  if (epilogue & HAS_RESIDUAL)
    value += load(residual, count);
  store(value, output, skip, count);
}

// output = activation(input * weight + bias) + residual. Work-item (tile of columns, tile of rows):
// neighbours write neighbouring columns, which is 10 % faster than neighbouring rows; only if the
// weight is large does a work-group take several tiles of rows. tiles: (model, first row,
// rows <= TILE_ROWS, -). panelStride: the distance between packed panels, or 0 if the weight is
// read where it lies.
__kernel void matmul(__global const float *input, long inputOffset, int inputStride,
                     __global const float *weight, long weightOffset, long weightModelStride,
                     int weightStride, __global const float *bias, long biasOffset,
                     long biasModelStride, __global float *preActivation, long preActivationOffset,
                     int preActivationStride, __global const float *residual, long residualOffset,
                     int residualStride, __global float *output, long outputOffset,
                     int outputStride, __global const int4 *tiles, int tileCount, int K, int N,
                     int epilogue, int panelStride) {
  const int column = get_global_id(0) * TILE_COLUMNS;
  if (get_global_id(1) >= tileCount || column >= N)
    return;
  const int4 tile = tiles[get_global_id(1)];
  const int first = first_column(column, N);

  float16 sums[TILE_ROWS][TILE_VECTORS];
  multiply(sums, input + inputOffset + (long)tile.y * inputStride, inputStride, tile.z,
           weight + weightOffset + tile.x * weightModelStride +
               (panelStride > 0 ? (long)get_global_id(0) * panelStride : first),
           weightStride, N - first, K);

  bias += biasOffset + tile.x * biasModelStride + first;
  preActivation += preActivationOffset + (long)tile.y * preActivationStride + first;
  residual += residualOffset + (long)tile.y * residualStride + first;
  output += outputOffset + (long)tile.y * outputStride + first;
  if (!NARROW && first == column && tile.z == TILE_ROWS) {
#pragma unroll
    for (int i = 0; i < TILE_ROWS; i++)
#pragma unroll
      for (int v = 0; v < TILE_VECTORS; v++)
        finish(sums[i][v], bias + 16 * v, preActivation + (long)i * preActivationStride + 16 * v,
               residual + (long)i * residualStride + 16 * v,
               output + (long)i * outputStride + 16 * v, 0, 16, epilogue);
  } else {
    float16 edge[TILE_ROWS][TILE_VECTORS];
    spill(edge, sums);
#pragma unroll 1
    for (int i = 0; i < tile.z; i++)
#pragma unroll 1
      for (int v = 0; v < TILE_VECTORS; v++)
        finish(edge[i][v], bias + 16 * v, preActivation + (long)i * preActivationStride + 16 * v,
               residual + (long)i * residualStride + 16 * v,
               output + (long)i * outputStride + 16 * v, clamp(column - first - 16 * v, 0, 16),
               N - first - 16 * v, epilogue);
  }
}

// Where a model's panel begins among packed weights, in floats.
static long panel(long model, int index, int depth, int columns) {
  const int panels = (columns + TILE_COLUMNS - 1) / TILE_COLUMNS;
  return (model * panels + index) * depth * TILE_COLUMNS;
}

// Packs the columns of each tile of a product as a panel of [depth, TILE_COLUMNS], which is one run
// of memory. The rows of a weight may be so far apart that they compete for few lines of a cache;
// if `transposed`, a panel's columns are rows of the weight. packed:
// [model][panel][depth][TILE_COLUMNS], where columns beyond the matrix hold arbitrary values that
// nothing reads; models: (model, first row, rows, -). Work-item
// (16 of the depth, panel, slot).
__kernel void matmul_pack_weight(__global const float *weight, long weightOffset,
                                 long weightModelStride, int weightStride, __global float *packed,
                                 __global const int4 *models, int modelCount, int depth,
                                 int columns, int transposed) {
  const int start = get_global_id(0) * 16, column = get_global_id(1) * TILE_COLUMNS;
  const int slot = get_global_id(2);
  if (start >= depth || column >= columns || slot >= modelCount)
    return;
  const long model = models[slot].x;
  const int first = first_column(column, columns), end = min(start + 16, depth);
  weight += weightOffset + model * weightModelStride;
  packed += panel(model, get_global_id(1), depth, columns) + (long)start * TILE_COLUMNS;
  for (int d = start; d < end; d++) {
    if (transposed) {
      for (int c = 0; c < min(TILE_COLUMNS, columns - first); c++)
        packed[c] = weight[(long)(first + c) * weightStride + d];
    } else {
      for (int v = 0; v < TILE_VECTORS; v++)
        vstore16(load(weight + (long)d * weightStride + first + 16 * v, columns - first), v,
                 packed);
    }
    packed += TILE_COLUMNS;
  }
}

// The epilogue of one vector of `matmul_input_gradient`, from its sum to the output.
static void finish_gradient(float16 value, __global const float *preActivation,
                            __global float *inputGradient, int skip, int count, int epilogue) {
  if (epilogue & HAS_GELU)
    value *= gelu_derivative(load(preActivation, count));
  store(value, inputGradient, skip, count);
}

// inputGradient = outputGradient * weightT [* GELU'(preActivation)]; packed: the panels of weightT.
// Work-item (tile of columns of the input, tile of rows).
__kernel void matmul_input_gradient(__global const float *outputGradient, long outputGradientOffset,
                                    int outputGradientStride, __global const float *packed,
                                    __global const float *preActivation, long preActivationOffset,
                                    int preActivationStride, __global float *inputGradient,
                                    long inputGradientOffset, int inputGradientStride,
                                    __global const int4 *tiles, int tileCount, int N, int K,
                                    int epilogue) {
  const int column = get_global_id(0) * TILE_COLUMNS;
  if (get_global_id(1) >= tileCount || column >= K)
    return;
  const int4 tile = tiles[get_global_id(1)];
  const int first = first_column(column, K);

  float16 sums[TILE_ROWS][TILE_VECTORS];
  multiply(sums, outputGradient + outputGradientOffset + (long)tile.y * outputGradientStride,
           outputGradientStride, tile.z, packed + panel(tile.x, get_global_id(0), N, K),
           TILE_COLUMNS, K - first, N);

  preActivation += preActivationOffset + (long)tile.y * preActivationStride + first;
  inputGradient += inputGradientOffset + (long)tile.y * inputGradientStride + first;
  if (!NARROW && first == column && tile.z == TILE_ROWS) {
#pragma unroll
    for (int i = 0; i < TILE_ROWS; i++)
#pragma unroll
      for (int v = 0; v < TILE_VECTORS; v++)
        finish_gradient(sums[i][v], preActivation + (long)i * preActivationStride + 16 * v,
                        inputGradient + (long)i * inputGradientStride + 16 * v, 0, 16, epilogue);
  } else {
    float16 edge[TILE_ROWS][TILE_VECTORS];
    spill(edge, sums);
#pragma unroll 1
    for (int i = 0; i < tile.z; i++)
#pragma unroll 1
      for (int v = 0; v < TILE_VECTORS; v++)
        finish_gradient(edge[i][v], preActivation + (long)i * preActivationStride + 16 * v,
                        inputGradient + (long)i * inputGradientStride + 16 * v,
                        clamp(column - first - 16 * v, 0, 16), K - first - 16 * v, epilogue);
  }
}
