// Kernels that measure the roofs of the hardware: multiply-adds that stay in registers, and a
// stream through memory.

#pragma OPENCL FP_CONTRACT OFF

// The number of floats in a vector: 1, 8 or 16.
#ifndef WIDTH
#define WIDTH 16
#endif

#if WIDTH == 1
typedef float real;
#elif WIDTH == 8
typedef float8 real;
#elif WIDTH == 16
typedef float16 real;
#else
#error "WIDTH is 1, 8 or 16"
#endif

// Twelve independent chains x = x * factor + factor, which is more than the latency of a
// multiply-add times the number of units that run it. Each work-item stores its result in sums
// [work-items], so that the compiler removes no chain. Work-item: rounds * 12 * WIDTH
// multiply-adds.
__kernel void multiply_adds(__global float *restrict sums, int rounds, float factor) {
  const real f = (real)(factor);
  real x0 = f, x1 = f + 1.0f, x2 = f + 2.0f, x3 = f + 3.0f;
  real x4 = f + 4.0f, x5 = f + 5.0f, x6 = f + 6.0f, x7 = f + 7.0f;
  real x8 = f + 8.0f, x9 = f + 9.0f, x10 = f + 10.0f, x11 = f + 11.0f;
  for (int i = 0; i < rounds; i++) {
    x0 = fma(x0, f, f);
    x1 = fma(x1, f, f);
    x2 = fma(x2, f, f);
    x3 = fma(x3, f, f);
    x4 = fma(x4, f, f);
    x5 = fma(x5, f, f);
    x6 = fma(x6, f, f);
    x7 = fma(x7, f, f);
    x8 = fma(x8, f, f);
    x9 = fma(x9, f, f);
    x10 = fma(x10, f, f);
    x11 = fma(x11, f, f);
  }
  const real total = ((x0 + x1) + (x2 + x3)) + ((x4 + x5) + (x6 + x7)) + ((x8 + x9) + (x10 + x11));
#if WIDTH == 1
  sums[get_global_id(0)] = total;
#else
  sums[get_global_id(0)] = total.s0 + total.s7;
#endif
}

// The number of elements that a work-item owns: 1, or a multiple of 16.
#ifndef ELEMENTS
#define ELEMENTS 16
#endif

#if ELEMENTS != 1 && ELEMENTS % 16 != 0
#error "ELEMENTS is 1 or a multiple of 16"
#endif

// output[i] = left[i] + scale * right[i]. Work-item: ELEMENTS elements.
__kernel void triad(__global const float *restrict left, __global const float *restrict right,
                    float scale, __global float *restrict output, long count) {
  long i = (long)get_global_id(0) * ELEMENTS;
  const long end = min(i + ELEMENTS, count);
#if ELEMENTS != 1
  for (; i + 16 <= end; i += 16) {
    vstore16(fma((float16)(scale), vload16(0, right + i), vload16(0, left + i)), 0, output + i);
  }
#endif
  for (; i < end; i++) {
    output[i] = fma(scale, right[i], left[i]);
  }
}
