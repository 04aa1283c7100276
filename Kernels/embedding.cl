// Token and position tables: the forward looks rows up, the backward sums gradients for each table
// row.
//
// tokens, positions: [rows]; tables: [entries, width] for each model; output: [rows, width].

#pragma OPENCL FP_CONTRACT OFF

// The number of columns that a work-item owns; at least 1. Many columns make long inner loops,
// which suits CPUs. With 1, neighbouring work-items use neighbouring addresses, which suits GPUs.
#ifndef COLUMNS
#define COLUMNS 16
#endif

// output[r] = tokenTable[tokens[r]] + positionTable[positions[r]], or NaN if one of the indices is
// not an entry of its table. Work-item (column block, tile); tiles: (model, first row, rows, -).
__kernel void embedding(__global const int *tokens, __global const int *positions,
                        __global const float *tokenTable, long tokenOffset, long tokenModelStride,
                        int tokenStride, int tokenEntries, __global const float *positionTable,
                        long positionOffset, long positionModelStride, int positionStride,
                        int positionEntries, int hasPositions, __global float *restrict output,
                        long outputOffset, int outputStride, __global const int4 *tiles,
                        int tileCount, int width) {
  const int first = get_global_id(0) * COLUMNS, last = min(first + COLUMNS, width);
  const int index = get_global_id(1);
  if (first >= width || index >= tileCount)
    return;
  const int4 tile = tiles[index];
  tokenTable += tokenOffset + tile.x * tokenModelStride;
  positionTable += positionOffset + tile.x * positionModelStride;
  for (int row = tile.y; row < tile.y + tile.z; row++) {
    __global float *restrict out = output + outputOffset + (long)row * outputStride;
    if (tokens[row] < 0 || tokens[row] >= tokenEntries ||
        (hasPositions && (positions[row] < 0 || positions[row] >= positionEntries))) {
      for (int column = first; column < last; column++)
        out[column] = NAN;
      continue;
    }
    __global const float *token = tokenTable + (long)tokens[row] * tokenStride;
    if (hasPositions) {
      __global const float *position = positionTable + (long)positions[row] * positionStride;
      for (int column = first; column < last; column++)
        out[column] = token[column] + position[column];
    } else {
      for (int column = first; column < last; column++)
        out[column] = token[column];
    }
  }
}

// tableGradient[i] = sum of outputGradient[r] over the rows with indices[r] = i, in row order; one
// table per launch. Rows whose index is not an entry of the table are skipped. A work-item owns its
// columns of the whole table, so no two work-items add to the same element. Work-item (column
// block, slot); models: (model, first row, rows, -).
__kernel void embedding_backward(__global const int *indices, __global const float *outputGradient,
                                 long outputGradientOffset, int outputGradientStride,
                                 __global float *restrict tableGradient, long tableOffset,
                                 long tableModelStride, int tableStride, int entries,
                                 __global const int4 *models, int modelCount, int width) {
  const int first = get_global_id(0) * COLUMNS, last = min(first + COLUMNS, width);
  const int slot = get_global_id(1);
  if (first >= width || slot >= modelCount)
    return;
  const int4 model = models[slot];
  tableGradient += tableOffset + model.x * tableModelStride;
  for (int entry = 0; entry < entries; entry++)
    for (int column = first; column < last; column++)
      tableGradient[(long)entry * tableStride + column] = 0.0f;

  for (int row = model.y; row < model.y + model.z; row++) {
    const int index = indices[row];
    if (index < 0 || index >= entries)
      continue;
    __global float *restrict sum = tableGradient + (long)index * tableStride;
    __global const float *gradient =
        outputGradient + outputGradientOffset + (long)row * outputGradientStride;
    for (int column = first; column < last; column++)
      sum[column] += gradient[column];
  }
}
