// Frobenius norms of blocks of a flat buffer on GPUs.
//
// A segment's elements, row by row, are cut into chunks of CHUNK. A work-group sums the squares of
// a chunk, and a second kernel adds the chunks of each segment. LANES work-items share both; sums
// are compensated in each lane (Kahan 1965) and added as a tree. So the order of a sum depends only
// on the size of the segment, and a single large segment is enough to fill a GPU.

#pragma OPENCL FP_CONTRACT OFF

// The number of work-items that share a chunk, or the chunks of a segment. Results depend on this
// number.
#ifndef LANES
#define LANES 128
#endif

// The number of elements in a chunk, a multiple of LANES. Results depend on this number. The host
// cuts segments into chunks.
#ifndef CHUNK
#define CHUNK 8192
#endif

#include "lanes_local.h"

// partials[i] = the sum of squares of chunk i. Work-group: a chunk; chunks: (segment, number of the
// chunk in its segment, -, -); segments: (offset, rows, columns, stride).
__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void
segment_norms(__global const float *input, __global const long4 *segments,
              __global const int4 *chunks, int chunkCount, __global float *partials) {
  __local float line[LANES];
  const int4 chunk = chunks[get_group_id(0)];
  const long4 segment = segments[chunk.x];
  const long first = (long)chunk.y * CHUNK + get_local_id(0);
  const long count = segment.y * segment.z;
  // Where the next element of a lane is, in whole rows and columns.
  const long stepRows = LANES / segment.z, stepColumns = LANES % segment.z;
  long row = first / segment.z, column = first % segment.z;
  float sum = 0.0f, lost = 0.0f;
#pragma unroll 4
  for (int i = 0; i < CHUNK; i += LANES) {
    const float x = first + i < count ? input[segment.x + row * segment.w + column] : 0.0f;
    const float value = fma(x, x, -lost);
    const float next = sum + value;
    lost = (next - sum) - value;
    sum = next;
    column += stepColumns;
    row += stepRows;
    if (column >= segment.z) {
      column -= segment.z;
      row++;
    }
  }
  const float whole = sum_row(sum - lost, line);
  if (get_local_id(0) == 0)
    partials[get_group_id(0)] = whole;
}

// output[i] = the root of the sum of segment i's chunks. Work-group: a segment; spans: (-, first
// chunk, chunks, -).
__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void
segment_norms_sum(__global const float *partials, __global const int4 *spans, int spanCount,
                  __global float *output) {
  __local float line[LANES];
  const int4 span = spans[get_group_id(0)];
  float sum = 0.0f, lost = 0.0f;
  for (int chunk = get_local_id(0); chunk < span.z; chunk += LANES) {
    const float value = partials[span.y + chunk] - lost;
    const float next = sum + value;
    lost = (next - sum) - value;
    sum = next;
  }
  const float whole = sum_row(sum - lost, line);
  if (get_local_id(0) == 0)
    output[get_group_id(0)] = sqrt(whole);
}
