// Overwrites blocks of an activation with values of a source, or with zeros; interventions use it.

#pragma OPENCL FP_CONTRACT OFF

// A block, as the host describes it: eight longs (first row, rows, first column, columns, source
// offset or -1 for zeros, source stride, -, -). Blocks don't overlap. Work-item: a block.
__kernel void replace_rows(__global float *restrict target, long targetOffset, int targetStride,
                           __global const float *source, __global const long8 *blocks,
                           int blockCount) {
  if (get_global_id(0) >= blockCount)
    return;
  const long8 block = blocks[get_global_id(0)];
  target += targetOffset + block.s0 * targetStride + block.s2;
  const int rows = (int)block.s1, columns = (int)block.s3;
  for (int row = 0; row < rows; row++) {
    __global float *restrict to = target + (long)row * targetStride;
    if (block.s4 < 0) {
      for (int column = 0; column < columns; column++)
        to[column] = 0.0f;
    } else {
      __global const float *from = source + block.s4 + row * block.s5;
      for (int column = 0; column < columns; column++)
        to[column] = from[column];
    }
  }
}
