// Frobenius norms of blocks of a flat buffer.

#pragma OPENCL FP_CONTRACT OFF

#include "vectors.h"

// output[i] = sqrt(sum of squares of segment i); segments: (offset, rows, columns, stride). The sum
// is compensated in each lane (Kahan 1965). Work-item: a segment.
__kernel void segment_norms(__global const float *input, __global const long4 *segments,
                            int segmentCount, __global float *output) {
  const int index = get_global_id(0);
  if (index >= segmentCount)
    return;
  const long4 segment = segments[index];
  const int columns = (int)segment.z;
  float16 sum = 0.0f, lost = 0.0f;
  float tail = 0.0f, tailLost = 0.0f;
  for (long row = 0; row < segment.y; row++) {
    __global const float *p = input + segment.x + row * segment.w;
    int column = 0;
    for (; column + 16 <= columns; column += 16) {
      const float16 x = vload16(0, p + column);
      const float16 value = fma(x, x, -lost);
      const float16 next = sum + value;
      lost = (next - sum) - value;
      sum = next;
    }
    for (; column < columns; column++) {
      const float value = fma(p[column], p[column], -tailLost);
      const float next = tail + value;
      tailLost = (next - tail) - value;
      tail = next;
    }
  }
  output[index] = sqrt(sum_lanes(sum - lost) + (tail - tailLost));
}
