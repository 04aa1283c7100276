// Powers for kernels whose work-items hold vectors of 16.

// 2^-s for s >= 0, to 1e-7; the result does not fall below 2^-126. The integer part of s goes into
// the exponent bits; the rest, in -1/2...1/2, goes through a minimax polynomial. The function takes
// a third of the time of exp() on the CPU drivers that were tried. It calls select(), because
// oclgrind 21.10 evaluates `s > 126.0f ? ... : s` wrongly.
static float16 power_of_half(float16 s) {
  const float16 bounded = select(s, (float16)(126.0f), s > 126.0f);
  // Adding 1.5 * 2^23 leaves the nearest integer in the low bits.
  const float16 shifted = bounded + 12582912.0f;
  const float16 rest = (shifted - 12582912.0f) - bounded;
  float16 r = (float16)(1.53533620e-04f);
  r = fma(r, rest, (float16)(1.33988750e-03f));
  r = fma(r, rest, (float16)(9.61843692e-03f));
  r = fma(r, rest, (float16)(5.55033237e-02f));
  r = fma(r, rest, (float16)(2.40226477e-01f));
  r = fma(r, rest, (float16)(6.93147182e-01f));
  r = fma(r, rest, (float16)(1.0f));
  return as_float16(as_int16(r) - (as_int16(shifted) << 23));
}
