// The loss of every row, its gradient and its correctness in one kernel; then the loss of each
// model.
//
// logits, logitsGradient: [rows, vocabulary]; targets: [rows]; rowWeight, rowLoss, rowCorrect:
// [rows, 1].

#pragma OPENCL FP_CONTRACT OFF

#include "vectors.h"

static float greatest(float16 lanes) {
  const float8 a = lanes.lo > lanes.hi ? lanes.lo : lanes.hi;
  const float4 b = a.lo > a.hi ? a.lo : a.hi;
  const float2 c = b.lo > b.hi ? b.lo : b.hi;
  return c.lo > c.hi ? c.lo : c.hi;
}

// rowLoss = logSumExp(logits) - logits[target]; gradient = rowWeight * (softmax(logits) - onehot).
// All results are zero for a row with a negative target. For a target beyond the vocabulary, the
// loss and the gradient are NaN. The gradient may overwrite the logits: each chunk is read before
// it is written. Work-item: a tile of rows; tiles: (model, first row, rows, -).
__kernel void cross_entropy(__global const float *logits, long logitsOffset, int logitsStride,
                            __global const int *targets, __global const float *rowWeight,
                            long rowWeightOffset, int rowWeightStride, __global float *rowLoss,
                            long rowLossOffset, int rowLossStride, __global float *rowCorrect,
                            long rowCorrectOffset, int rowCorrectStride,
                            __global float *logitsGradient, long gradientOffset, int gradientStride,
                            int hasGradient, __global const int4 *tiles, int tileCount,
                            int vocabulary) {
  if (get_global_id(0) >= tileCount)
    return;
  const int4 tile = tiles[get_global_id(0)];
  for (int row = tile.y; row < tile.y + tile.z; row++) {
    __global const float *x = logits + logitsOffset + (long)row * logitsStride;
    __global float *dx = logitsGradient + gradientOffset + (long)row * gradientStride;
    const int target = targets[row];
    if (target < 0 || target >= vocabulary) {
      const float rest = target < 0 ? 0.0f : NAN;
      rowLoss[rowLossOffset + (long)row * rowLossStride] = rest;
      rowCorrect[rowCorrectOffset + (long)row * rowCorrectStride] = 0.0f;
      if (hasGradient)
        for (int c = 0; c < vocabulary; c++)
          dx[c] = rest;
      continue;
    }

    float16 lanes = -INFINITY;
    for (int c = 0; c < vocabulary; c += 16) {
      const float16 chunk = load_lanes(x + c, vocabulary - c, -INFINITY);
      lanes = chunk > lanes ? chunk : lanes;
    }
    const float best = greatest(lanes);
    const float chosen = x[target];

    // If logits are tied, the lowest index counts: the target is right if it is the largest and no
    // logit before it is as large.
    int correct = chosen == best;
    for (int c = 0; correct && c < target; c++)
      correct = x[c] != best;

    // If there is a gradient, the exponentials are stored in its place and scaled later.
    float16 sum = 0.0f;
    for (int c = 0; c < vocabulary; c += 16) {
      const float16 power = exp(load_lanes(x + c, vocabulary - c, -INFINITY) - best);
      sum += power;
      if (hasGradient)
        store_lanes(power, dx + c, vocabulary - c);
    }
    const float sumExp = sum_lanes(sum);
    rowLoss[rowLossOffset + (long)row * rowLossStride] = log(sumExp) + (best - chosen);
    rowCorrect[rowCorrectOffset + (long)row * rowCorrectStride] = correct ? 1.0f : 0.0f;

    if (hasGradient) {
      const float weight = rowWeight[rowWeightOffset + (long)row * rowWeightStride];
      const float inverse = 1.0f / sumExp;
      const float probability = dx[target] * inverse;
      for (int c = 0; c < vocabulary; c += 16)
        store_lanes(weight * (load_lanes(dx + c, vocabulary - c, 0.0f) * inverse), dx + c,
                    vocabulary - c);
      dx[target] = weight * (probability - 1.0f);
    }
  }
}

// loss[model] = sum of rowWeight * rowLoss over the rows of the model in order, compensated (Kahan
// 1965). Work-item: a slot; models: (model, first row, rows, -).
__kernel void cross_entropy_loss(__global const float *rowWeight, long rowWeightOffset,
                                 int rowWeightStride, __global const float *rowLoss,
                                 long rowLossOffset, int rowLossStride, __global const int *targets,
                                 __global float *loss, long lossOffset, long lossModelStride,
                                 __global const int4 *models, int modelCount) {
  if (get_global_id(0) >= modelCount)
    return;
  const int4 model = models[get_global_id(0)];
  float sum = 0.0f, lost = 0.0f;
  for (int row = model.y; row < model.y + model.z; row++) {
    // A row without a target adds nothing, whatever its weight.
    if (targets[row] < 0)
      continue;
    const float value = rowWeight[rowWeightOffset + (long)row * rowWeightStride] *
                            rowLoss[rowLossOffset + (long)row * rowLossStride] -
                        lost;
    const float next = sum + value;
    lost = (next - sum) - value;
    sum = next;
  }
  loss[lossOffset + model.x * lossModelStride] = sum;
}
