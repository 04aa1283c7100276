// The loss of every row, its gradient and its correctness on GPUs in one kernel; then the loss of
// each model.
//
// logits, logitsGradient: [rows, vocabulary]; targets: [rows]; rowWeight, rowLoss, rowCorrect:
// [rows, 1].
//
// LANES work-items share a row, or the rows of a model, and combine their values in local memory as
// a tree: the order of a sum depends only on its length.

#pragma OPENCL FP_CONTRACT OFF

#include "row_local.h"
#include "lanes_local.h"

// rowLoss = logSumExp(logits) - logits[target]; gradient = rowWeight * (softmax(logits) - onehot).
// All results are zero for a row with a negative target. For a target beyond the vocabulary, the
// loss and the gradient are NaN. The gradient may overwrite the logits: each element is read before
// it is written, by the same work-item. Work-group: a tile of rows; tiles: (model, first row,
// rows <= GROUP_ROWS, -).
__kernel __attribute__((reqd_work_group_size(LANES, GROUP_ROWS, 1))) void
cross_entropy(__global const float *logits, long logitsOffset, int logitsStride,
              __global const int *targets, __global const float *rowWeight, long rowWeightOffset,
              int rowWeightStride, __global float *rowLoss, long rowLossOffset, int rowLossStride,
              __global float *rowCorrect, long rowCorrectOffset, int rowCorrectStride,
              __global float *logitsGradient, long gradientOffset, int gradientStride,
              int hasGradient, __global const int4 *tiles, int tileCount, int vocabulary) {
  __local float lines[3][GROUP_ROWS][LANES];
  const int own = get_local_id(1);
  const int4 tile = tiles[get_group_id(0)];
  const int lane = get_local_id(0);
  const int isLive = own < tile.z;
  const long row = tile.y + (isLive ? own : 0);
  const int target = isLive ? targets[row] : -1;
  // Work-items without a row or a target still reach every barrier.
  const int columns = target < 0 || target >= vocabulary ? 0 : vocabulary;
  const float rest = target < 0 ? 0.0f : NAN;
  logits += logitsOffset + row * logitsStride;
  logitsGradient += gradientOffset + row * gradientStride;

  float value = -INFINITY;
  for (int c = lane; c < columns; c += LANES)
    value = fmax(value, logits[c]);
  const float best = max_row(value, lines[0][own]);
  const float chosen = columns > 0 ? logits[target] : 0.0f;

  // If logits are tied, the lowest index counts: the target is right if it is the largest and no
  // logit before it is as large.
  value = chosen == best ? 0.0f : 1.0f;
  for (int c = lane; c < min(columns, target); c += LANES)
    if (logits[c] == best)
      value = 1.0f;
  const float isWrong = max_row(value, lines[1][own]);
  // All work-items must have read the target's logit before its owner overwrites it.
  barrier(CLK_GLOBAL_MEM_FENCE);

  // If there is a gradient, the exponentials are stored in its place and scaled later.
  value = 0.0f;
  for (int c = lane; c < columns; c += LANES) {
    const float power = exp(logits[c] - best);
    value += power;
    if (hasGradient)
      logitsGradient[c] = power;
  }
  const float sumExp = sum_row(value, lines[2][own]);

  if (isLive && lane == 0) {
    rowLoss[rowLossOffset + row * rowLossStride] =
        columns > 0 ? log(sumExp) + (best - chosen) : rest;
    rowCorrect[rowCorrectOffset + row * rowCorrectStride] =
        columns > 0 && isWrong == 0.0f ? 1.0f : 0.0f;
  }
  if (!isLive || !hasGradient)
    return;
  if (columns == 0) {
    for (int c = lane; c < vocabulary; c += LANES)
      logitsGradient[c] = rest;
    return;
  }
  const float weight = rowWeight[rowWeightOffset + row * rowWeightStride];
  const float inverse = 1.0f / sumExp;
  for (int c = lane; c < columns; c += LANES) {
    const float probability = logitsGradient[c] * inverse;
    logitsGradient[c] = weight * (c == target ? probability - 1.0f : probability);
  }
}

// loss[model] = sum of rowWeight * rowLoss over the rows of the model, compensated in each lane
// (Kahan 1965). Work-group: a slot; models: (model, first row, rows, -).
__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void
cross_entropy_loss(__global const float *rowWeight, long rowWeightOffset, int rowWeightStride,
                   __global const float *rowLoss, long rowLossOffset, int rowLossStride,
                   __global const int *targets, __global float *loss, long lossOffset,
                   long lossModelStride, __global const int4 *models, int modelCount) {
  __local float line[LANES];
  const int4 model = models[get_group_id(0)];
  float sum = 0.0f, lost = 0.0f;
  for (long row = model.y + get_local_id(0); row < model.y + model.z; row += LANES) {
    // A row without a target adds nothing, whatever its weight.
    if (targets[row] < 0)
      continue;
    const float value = rowWeight[rowWeightOffset + row * rowWeightStride] *
                            rowLoss[rowLossOffset + row * rowLossStride] -
                        lost;
    const float next = sum + value;
    lost = (next - sum) - value;
    sum = next;
  }
  const float whole = sum_row(sum - lost, line);
  if (get_local_id(0) == 0)
    loss[lossOffset + model.x * lossModelStride] = whole;
}
