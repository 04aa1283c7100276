// Vectors of 16 floats, for kernels whose work-items walk a row 16 columns at a time.

// Loads the first `count` of 16 floats; the other lanes are `rest`.
static float16 load_lanes(__global const float *p, int count, float rest) {
  if (count >= 16)
    return vload16(0, p);
  float lanes[16];
  for (int i = 0; i < 16; i++)
    lanes[i] = i < count ? p[i] : rest;
  return vload16(0, lanes);
}

// Stores the first `count` of 16 floats.
static void store_lanes(float16 value, __global float *p, int count) {
  if (count >= 16) {
    vstore16(value, 0, p);
  } else {
    float lanes[16];
    vstore16(value, 0, lanes);
    for (int i = 0; i < count; i++)
      p[i] = lanes[i];
  }
}

// The sum of the lanes, in pairs.
static float sum_lanes(float16 lanes) {
  const float8 a = lanes.lo + lanes.hi;
  const float4 b = a.lo + a.hi;
  const float2 c = b.lo + b.hi;
  return c.lo + c.hi;
}
