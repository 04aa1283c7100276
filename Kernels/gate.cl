// Activations and gates, element by element.
//
// With y = activation(input): output = y [* factor]. With a factor the operation is a gated linear
// unit.

#pragma OPENCL FP_CONTRACT OFF

#include "block.h"

// The activation: 0 identity, 1 exact GELU, 2 GELU with tanh, 3 SiLU.
#ifndef ACTIVATION
#define ACTIVATION 0
#endif

// 1 if activation(x) / x takes the place of the derivative, and factors get half.
#ifndef RELEVANCE
#define RELEVANCE 0
#endif

// Whether a work-item of `gate` takes 16 columns at a time.
#define TAKES_VECTORS (ACTIVATION == 1 && COLUMNS % 16 == 0)

#if TAKES_VECTORS
#include "exponential.h"
#include "gelu_vectors.h"
#include "vectors.h"
#endif

// (activation(x), its derivative or activation(x) / x). GELU with tanh and SiLU are x * s(a) with
// the logistic function s: a = x for SiLU, and 1/2 (1 + tanh u) = s(2 u). Neither s(a) nor 1 - s(a)
// loses digits to cancellation.
static float2 activate(float x) {
#if ACTIVATION == 0
  return (float2)(x, 1.0f);
#elif ACTIVATION == 1
  const float phi = 0.5f * erfc(-0.707106781f * x);
  return (float2)(x * phi, RELEVANCE ? phi : fma(x, 0.398942280f * exp(-0.5f * x * x), phi));
#else
#if ACTIVATION == 2
  // Beyond 16 the result of s is 0 or 1, and the cube might overflow.
  const float y = clamp(x, -16.0f, 16.0f);
  const float a = y * fma(0.0713548163f, y * y, 1.59576912f);
  const float slope = fma(0.214064449f, y * y, 1.59576912f);
#else
  const float a = x, slope = 1.0f;
#endif
  const float t = exp(-fabs(a));
  const float large = 1.0f / (1.0f + t), small = t * large;
  const float value = a < 0.0f ? small : large, rest = a < 0.0f ? large : small;
  return (float2)(x * value, RELEVANCE ? value : fma(x * value * rest, slope, value));
#endif
}

// output = activation(input) [* factor]; the output may be either operand. Work-item (column block,
// row block).
__kernel void gate(__global const float *input, long inputOffset, int inputStride,
                   __global const float *factor, long factorOffset, int factorStride, int hasFactor,
                   __global float *output, long outputOffset, int outputStride, int count,
                   int width) {
  const int first = get_global_id(0) * COLUMNS, last = min(first + COLUMNS, width);
  const int firstRow = get_global_id(1) * ROWS, lastRow = min(firstRow + ROWS, count);
  for (int row = firstRow; row < lastRow; row++) {
    __global const float *x = input + inputOffset + (long)row * inputStride;
    __global const float *f = factor + factorOffset + (long)row * factorStride;
    __global float *y = output + outputOffset + (long)row * outputStride;
#if TAKES_VECTORS
    for (int column = first; column < last; column += 16) {
      const int lanes = last - column;
      float16 value = gelu(load_lanes(x + column, lanes, 0.0f));
      if (hasFactor)
        value *= load_lanes(f + column, lanes, 0.0f);
      store_lanes(value, y + column, lanes);
    }
#else
    for (int column = first; column < last; column++) {
      const float value = activate(x[column]).x;
      y[column] = hasFactor ? value * f[column] : value;
    }
#endif
  }
}

// inputGradient = outputGradient * activation'(input) [* factor]; factorGradient = outputGradient *
// activation(input), if there is a factor. The input gradient may be the output gradient. Work-item
// (column block, row block).
__kernel void gate_backward(__global const float *input, long inputOffset, int inputStride,
                            __global const float *factor, long factorOffset, int factorStride,
                            int hasFactor, __global const float *outputGradient,
                            long outputGradientOffset, int outputGradientStride,
                            __global float *inputGradient, long inputGradientOffset,
                            int inputGradientStride, __global float *factorGradient,
                            long factorGradientOffset, int factorGradientStride, int count,
                            int width) {
  const int first = get_global_id(0) * COLUMNS, last = min(first + COLUMNS, width);
  const int firstRow = get_global_id(1) * ROWS, lastRow = min(firstRow + ROWS, count);
  for (int row = firstRow; row < lastRow; row++) {
    __global const float *x = input + inputOffset + (long)row * inputStride;
    __global const float *f = factor + factorOffset + (long)row * factorStride;
    __global const float *dy =
        outputGradient + outputGradientOffset + (long)row * outputGradientStride;
    __global float *dx = inputGradient + inputGradientOffset + (long)row * inputGradientStride;
    __global float *df = factorGradient + factorGradientOffset + (long)row * factorGradientStride;
    for (int column = first; column < last; column++) {
      const float gradient = RELEVANCE && hasFactor ? 0.5f * dy[column] : dy[column];
      const float2 value = activate(x[column]);
      if (hasFactor) {
        df[column] = gradient * value.x;
        dx[column] = gradient * value.y * f[column];
      } else {
        dx[column] = gradient * value.y;
      }
    }
  }
}
