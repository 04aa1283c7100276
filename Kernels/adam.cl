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
// and oneMinusBeta2 = 1 - beta2 and rounds each once. If clipNorm > 0, a model's gradient is first
// multiplied by min(1, clipNorm / (norm + 1e-6)). If decay > 0, p also loses decay * w * p, with
// one w for each 16 elements of a model. Work-item: (ELEMENTS elements, model).
__kernel void adam(__global float *restrict parameters, __global const float *restrict gradients,
                   __global float *restrict firstMoment, __global float *restrict secondMoment,
                   long count, int models, float beta1, float oneMinusBeta1, float beta2,
                   float oneMinusBeta2, float stepSize, float rootScale, float epsilon,
                   __global const float *norms, float clipNorm, __global const float *decayWeights,
                   float decay) {
  const int model = get_global_id(1);
  if (model >= models)
    return;
  parameters += model * count;
  gradients += model * count;
  firstMoment += model * count;
  secondMoment += model * count;
  float scale = 1.0f;
  if (clipNorm > 0.0f) {
    // The comparison is false for NaN, which must spoil the model.
    const float ratio = clipNorm / (norms[model] + 1e-6f);
    scale = ratio >= 1.0f ? 1.0f : ratio;
  }
  long i = (long)get_global_id(0) * ELEMENTS;
  const long end = min(i + ELEMENTS, count);
#if ELEMENTS != 1
  for (; i + 16 <= end; i += 16) {
    const float16 g = scale * vload16(0, gradients + i);
    const float16 m = fma((float16)(beta1), vload16(0, firstMoment + i), oneMinusBeta1 * g);
    const float16 v = fma((float16)(beta2), vload16(0, secondMoment + i), oneMinusBeta2 * g * g);
    const float16 p = vload16(0, parameters + i);
    float16 step = stepSize * m / fma(sqrt(v), (float16)(rootScale), (float16)(epsilon));
    if (decay > 0.0f)
      step = fma((float16)(decay * decayWeights[i / 16]), p, step);
    vstore16(m, 0, firstMoment + i);
    vstore16(v, 0, secondMoment + i);
    vstore16(p - step, 0, parameters + i);
  }
#endif
  for (; i < end; i++) {
    const float g = scale * gradients[i];
    const float m = fma(beta1, firstMoment[i], oneMinusBeta1 * g);
    const float v = fma(beta2, secondMoment[i], oneMinusBeta2 * g * g);
    firstMoment[i] = m;
    secondMoment[i] = v;
    const float p = parameters[i];
    float step = stepSize * m / fma(sqrt(v), rootScale, epsilon);
    if (decay > 0.0f)
      step = fma(decay * decayWeights[i / 16], p, step);
    parameters[i] = p - step;
  }
}
