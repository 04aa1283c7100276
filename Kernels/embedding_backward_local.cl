// Gradients of token and position tables on GPUs, summed by table row.
//
// indices: [rows]; outputGradient: [rows, width]; tableGradient: [entries, width] for each model.
//
// Three kernels, one table at a time: the table is cleared, the rows of a model that have the same
// index are linked in their order, and the first of each list adds up the list. So the work is
// proportional to the rows and to the table, and a sum's order depends only on its model's rows.
//
// links: [rows, 2] (the next row with the same index or -1, whether the row is the first of a
// list); from lastOffset on, [slots, entries], the last row of an entry's list so far, or -1.

#pragma OPENCL FP_CONTRACT OFF

// The number of rows that are linked at a time, by as many work-items.
#ifndef LINKED
#define LINKED 128
#endif

// Work-item (column, entry, slot); models: (model, first row, rows, -).
__kernel void embedding_clear(__global float *tableGradient, long tableOffset,
                              long tableModelStride, int tableStride, int entries,
                              __global const int4 *models, int modelCount, int width,
                              __global int *links, long lastOffset) {
  const int column = get_global_id(0), entry = get_global_id(1), slot = get_global_id(2);
  if (column >= width || entry >= entries || slot >= modelCount)
    return;
  const int model = models[slot].x;
  tableGradient[tableOffset + model * tableModelStride + (long)entry * tableStride + column] = 0.0f;
  if (column == 0)
    links[lastOffset + (long)slot * entries + entry] = -1;
}

// Rows whose index is not an entry of the table are in no list. Work-group: a slot; models: (model,
// first row, rows, -).
__kernel __attribute__((reqd_work_group_size(LINKED, 1, 1))) void
embedding_link(__global const int *indices, int entries, __global const int4 *models,
               int modelCount, __global int *links, long lastOffset) {
  __local int chunk[LINKED];
  const int lane = get_local_id(0), slot = get_group_id(0);
  const int4 model = models[slot];
  __global int *last = links + lastOffset + (long)slot * entries;
  for (int first = 0; first < model.z; first += LINKED) {
    const long row = (long)model.y + first + lane;
    int index = first + lane < model.z ? indices[row] : -1;
    if (index >= entries)
      index = -1;
    chunk[lane] = index;
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    int before = -1, isFollowed = 0;
#pragma unroll 8
    for (int other = 0; other < LINKED; other++) {
      if (chunk[other] == index) {
        if (other < lane)
          before = other;
        if (other > lane)
          isFollowed = 1;
      }
    }
    long previous = -1;
    if (index >= 0)
      previous = before >= 0 ? row - lane + before : last[index];
    // What is read of the chunks before must be read before it changes.
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    if (first + lane < model.z)
      links[2 * row + 1] = index >= 0 && previous < 0;
    if (previous >= 0)
      links[2 * previous] = (int)row;
    if (index >= 0 && !isFollowed) {
      links[2 * row] = -1;
      last[index] = (int)row;
    }
  }
}

// tableGradient[i] = sum of outputGradient[r] over the list of entry i, in row order. Work-item
// (column, row of the model, slot); models: (model, first row, rows, -).
__kernel void embedding_backward(__global const int *indices, __global const float *outputGradient,
                                 long outputGradientOffset, int outputGradientStride,
                                 __global float *tableGradient, long tableOffset,
                                 long tableModelStride, int tableStride,
                                 __global const int4 *models, int modelCount, int width,
                                 __global const int *links) {
  const int column = get_global_id(0), index = get_global_id(1), slot = get_global_id(2);
  if (column >= width || slot >= modelCount)
    return;
  const int4 model = models[slot];
  if (index >= model.z)
    return;
  const int first = model.y + index;
  if (!links[2 * (long)first + 1])
    return;
  outputGradient += outputGradientOffset + column;
  float sum = 0.0f;
  // A list ascends, so the loop ends whatever the links are.
  for (int row = first, before = -1; row > before; row = links[2 * (long)row]) {
    sum += outputGradient[(long)row * outputGradientStride];
    before = row;
  }
  const long entry = indices[first];
  tableGradient[tableOffset + model.x * tableModelStride + entry * tableStride + column] = sum;
}
