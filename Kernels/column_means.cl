// The mean row of each group of rows: input [rows, width] -> output [groups, width].

#pragma OPENCL FP_CONTRACT OFF

// Columns a work-item owns; 1 or 16.
#ifndef COLUMNS
#define COLUMNS 16
#endif

#if COLUMNS == 16
typedef float16 floats;

static floats load(__global const float *p, int count) {
  if (count >= 16)
    return vload16(0, p);
  float lanes[16];
  for (int i = 0; i < 16; i++)
    lanes[i] = i < count ? p[i] : 0.0f;
  return vload16(0, lanes);
}

static void store(floats value, __global float *p, int count) {
  if (count >= 16) {
    vstore16(value, 0, p);
  } else {
    float lanes[16];
    vstore16(value, 0, lanes);
    for (int i = 0; i < count; i++)
      p[i] = lanes[i];
  }
}
#elif COLUMNS == 1
typedef float floats;

static floats load(__global const float *p, int count) {
  return *p;
}

static void store(floats value, __global float *p, int count) {
  *p = value;
}
#else
#error "COLUMNS is 1 or 16"
#endif

// Rows in order, with compensated sums (Kahan 1965): a mean over a whole data set must not lose
// digits. Work-item (column block, group); groups: (model, first row, rows, -).
__kernel void column_means(__global const float *input, long inputOffset, int inputStride,
                           __global float *output, long outputOffset, int outputStride,
                           __global const int4 *groups, int groupCount, int width) {
  const int first = get_global_id(0) * COLUMNS;
  const int group = get_global_id(1);
  if (first >= width || group >= groupCount)
    return;
  const int rows = groups[group].z;
  input += inputOffset + (long)groups[group].y * inputStride + first;
  floats sum = 0.0f, lost = 0.0f;
  for (int row = 0; row < rows; row++) {
    const floats value = load(input + (long)row * inputStride, width - first) - lost;
    const floats next = sum + value;
    lost = (next - sum) - value;
    sum = next;
  }
  store(sum / (float)rows, output + outputOffset + (long)group * outputStride + first,
        width - first);
}
