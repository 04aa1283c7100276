// The parameter gradients of a layer normalisation on GPUs.
//
// input, outputGradient: [rows, width]; statistics: [rows, 2] (mean, rstd); weightGradient,
// biasGradient: [width] for each model.
//
// A model's rows are cut into chunks of SPLIT_ROWS. A work-item sums one column of a chunk, and a
// second kernel adds the chunks in order. So the order of a sum depends only on that model's rows.

#pragma OPENCL FP_CONTRACT OFF

// The number of rows in a chunk; at least 1. The host cuts the rows into chunks. Results depend on
// this number.
#ifndef SPLIT_ROWS
#define SPLIT_ROWS 32
#endif

// The number of rows that are loaded together, so that their loads wait together.
#define LOADED 8

// partials: [chunks, 2, width], the sums of the weight and of the bias. Work-item (column, chunk);
// chunks: (model, first row, rows, -).
__kernel void layer_norm_weight_gradient(__global const float *input, long inputOffset,
                                         int inputStride, __global const float *statistics,
                                         long statisticsOffset, int statisticsStride,
                                         __global const float *outputGradient,
                                         long outputGradientOffset, int outputGradientStride,
                                         __global float *partials, __global const int4 *chunks,
                                         int chunkCount, int width) {
  const int column = get_global_id(0), index = get_global_id(1);
  if (column >= width || index >= chunkCount)
    return;
  const int4 chunk = chunks[index];
  input += inputOffset + (long)chunk.y * inputStride + column;
  outputGradient += outputGradientOffset + (long)chunk.y * outputGradientStride + column;
  statistics += statisticsOffset + (long)chunk.y * statisticsStride;
  float weightSum = 0.0f, biasSum = 0.0f;
  int row = 0;
  for (; row + LOADED <= chunk.z; row += LOADED) {
    float gradients[LOADED], normalized[LOADED];
#pragma unroll
    for (int i = 0; i < LOADED; i++) {
      __global const float *moments = statistics + (long)(row + i) * statisticsStride;
      gradients[i] = outputGradient[(long)(row + i) * outputGradientStride];
      normalized[i] = (input[(long)(row + i) * inputStride] - moments[0]) * moments[1];
    }
#pragma unroll
    for (int i = 0; i < LOADED; i++) {
      weightSum = fma(gradients[i], normalized[i], weightSum);
      biasSum += gradients[i];
    }
  }
  for (; row < chunk.z; row++) {
    const float gradient = outputGradient[(long)row * outputGradientStride];
    __global const float *moments = statistics + (long)row * statisticsStride;
    const float normalized = (input[(long)row * inputStride] - moments[0]) * moments[1];
    weightSum = fma(gradient, normalized, weightSum);
    biasSum += gradient;
  }
  partials += (long)index * 2 * width + column;
  partials[0] = weightSum;
  partials[width] = biasSum;
}

// Adds the chunks of a model in order. Work-item (column, slot); models: (model, first chunk,
// chunks, -).
__kernel void layer_norm_weight_gradient_sum(__global const float *partials,
                                             __global float *weightGradient, long weightOffset,
                                             long weightModelStride, __global float *biasGradient,
                                             long biasOffset, long biasModelStride,
                                             __global const int4 *models, int modelCount,
                                             int width) {
  const int column = get_global_id(0), slot = get_global_id(1);
  if (column >= width || slot >= modelCount)
    return;
  const int4 model = models[slot];
  partials += (long)model.y * 2 * width + column;
  float weightSum = partials[0], biasSum = partials[width];
  for (int chunk = 1; chunk < model.z; chunk++) {
    weightSum += partials[(long)chunk * 2 * width];
    biasSum += partials[((long)chunk * 2 + 1) * width];
  }
  weightGradient[weightOffset + model.x * weightModelStride + column] = weightSum;
  biasGradient[biasOffset + model.x * biasModelStride + column] = biasSum;
}
