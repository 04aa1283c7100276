// Sums and maxima over a row that LANES work-items share, as a binary tree. Kernels define LANES.

// The sum or the maximum of `value` over the work-items of a row. Each call of a kernel has a line
// of its own, [LANES], so that no work-item writes what another still reads.
static float join_row(float value, __local float *line, int isSum) {
  const int lane = get_local_id(0);
  line[lane] = value;
  for (int step = LANES / 2; step > 0; step /= 2) {
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane < step) {
      const float other = line[lane + step];
      line[lane] = isSum ? line[lane] + other : fmax(line[lane], other);
    }
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  return line[0];
}

static float sum_row(float value, __local float *line) {
  return join_row(value, line, 1);
}

static float max_row(float value, __local float *line) {
  return join_row(value, line, 0);
}
