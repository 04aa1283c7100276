// Gradients of token and position tables on GPUs, summed by table row.
//
// indices: [rows]; outputGradient: [rows, width]; tableGradient: [entries, width] for each model.

#pragma OPENCL FP_CONTRACT OFF

// tableGradient[i] = sum of outputGradient[r] over the rows with indices[r] = i, in row order; one
// table per launch. A work-item owns an element of a table and reads the index of every row of its
// model; neighbouring work-items read the same index. That costs entries * rows reads, which are
// hidden behind reading the gradient if the vocabulary is small, and needs no additional memory.
// Work-item (column, entry, slot); models: (model, first row, rows, -).
__kernel void embedding_backward(__global const int *indices, __global const float *outputGradient,
                                 long outputGradientOffset, int outputGradientStride,
                                 __global float *tableGradient, long tableOffset,
                                 long tableModelStride, int tableStride, int entries,
                                 __global const int4 *models, int modelCount, int width) {
  const int column = get_global_id(0), entry = get_global_id(1), slot = get_global_id(2);
  if (column >= width || entry >= entries || slot >= modelCount)
    return;
  const int4 model = models[slot];
  outputGradient += outputGradientOffset + (long)model.y * outputGradientStride + column;
  indices += model.y;
  float sum = 0.0f;
  int row = 0;
  for (; row + 8 <= model.z; row += 8) {
    int next[8];
    vstore8(vload8(0, indices + row), 0, next);
#pragma unroll
    for (int i = 0; i < 8; i++)
      if (next[i] == entry)
        sum += outputGradient[(long)(row + i) * outputGradientStride];
  }
  for (; row < model.z; row++)
    if (indices[row] == entry)
      sum += outputGradient[(long)row * outputGradientStride];
  tableGradient[tableOffset + model.x * tableModelStride + (long)entry * tableStride + column] =
      sum;
}
