// One step of Adam (Kingma & Ba 2015, algorithm 1) on flat parameters of a whole ensemble.

#pragma OPENCL FP_CONTRACT OFF

// The number of elements that a work-item owns: 1, or a multiple of 16.
#ifndef ELEMENTS
#define ELEMENTS 16
#endif

#if ELEMENTS != 1 && ELEMENTS % 16 != 0
#error "ELEMENTS is 1 or a multiple of 16"
#endif

// p -= stepSize * m / (sqrt(v) * rootScale + epsilon). The host computes oneMinusBeta1 = 1 - beta1
// and oneMinusBeta2 = 1 - beta2 and rounds each once. Work-item: ELEMENTS elements.
__kernel void adam(__global float *restrict parameters, __global const float *restrict gradients,
                   __global float *restrict firstMoment, __global float *restrict secondMoment,
                   long count, float beta1, float oneMinusBeta1, float beta2, float oneMinusBeta2,
                   float stepSize, float rootScale, float epsilon) {
  long i = (long)get_global_id(0) * ELEMENTS;
  const long end = min(i + ELEMENTS, count);
#if ELEMENTS != 1
  for (; i + 16 <= end; i += 16) {
    const float16 g = vload16(0, gradients + i);
    const float16 m = fma((float16)(beta1), vload16(0, firstMoment + i), oneMinusBeta1 * g);
    const float16 v = fma((float16)(beta2), vload16(0, secondMoment + i), oneMinusBeta2 * g * g);
    const float16 step = stepSize * m / fma(sqrt(v), (float16)(rootScale), (float16)(epsilon));
    vstore16(m, 0, firstMoment + i);
    vstore16(v, 0, secondMoment + i);
    vstore16(vload16(0, parameters + i) - step, 0, parameters + i);
  }
#endif
  for (; i < end; i++) {
    const float g = gradients[i];
    const float m = fma(beta1, firstMoment[i], oneMinusBeta1 * g);
    const float v = fma(beta2, secondMoment[i], oneMinusBeta2 * g * g);
    firstMoment[i] = m;
    secondMoment[i] = v;
    parameters[i] -= stepSize * m / fma(sqrt(v), rootScale, epsilon);
  }
}
