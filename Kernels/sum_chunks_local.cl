// Adds up chunks on GPUs: those of many gradients in one launch.
//
// A matrix [rows, columns] was summed over chunks of rows, each chunk into a copy of its own.
// Copies are added in order, so a sum depends only on how the rows were cut.

#pragma OPENCL FP_CONTRACT OFF

// The work-items of a group.
#ifndef ITEMS
#define ITEMS 128
#endif

// The number of elements that a work-item sums, so that their loads wait together. The host cuts
// matrices into tiles of ITEMS * ELEMENTS.
#ifndef ELEMENTS
#define ELEMENTS 4
#endif

// sums: eight for each matrix and model: where the first chunk begins among the partials, elements
// from one chunk to the next, chunks, where the matrix begins in the target, the target's stride,
// columns, elements, and 0. Work-group (tile of ITEMS * ELEMENTS elements, slot of a model); tiles:
// (matrix, first element, -, -).
__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void
sum_chunks(__global const float *partials, __global float *target, __global const long *sums,
           __global const int4 *tiles) {
  const int4 tile = tiles[get_group_id(0)];
  sums += 8L * (tile.x * get_num_groups(1) + get_group_id(1));
  const long chunkStride = sums[1], stride = sums[4];
  const int chunks = sums[2], columns = sums[5], elements = sums[6];
  const int first = tile.y + get_local_id(0);
  partials += sums[0] + first;
  target += sums[3];
  float totals[ELEMENTS];
#pragma unroll
  for (int i = 0; i < ELEMENTS; i++)
    totals[i] = first + i * ITEMS < elements ? partials[i * ITEMS] : 0.0f;
  for (int chunk = 1; chunk < chunks; chunk++) {
    partials += chunkStride;
#pragma unroll
    for (int i = 0; i < ELEMENTS; i++)
      if (first + i * ITEMS < elements)
        totals[i] += partials[i * ITEMS];
  }
#pragma unroll
  for (int i = 0; i < ELEMENTS; i++) {
    const int element = first + i * ITEMS;
    if (element < elements)
      target[element / columns * stride + element % columns] = totals[i];
  }
}
