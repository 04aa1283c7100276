// The GELU of 16 floats. Needs exponential.h.

// The distribution function of the standard normal, to 1e-7 and with a relative error below 1 % in
// the lower tail: Phi(-t) = 2^-S(t). S is a polynomial with S(0) = 1, a weighted minimax fit to
// -log2 Phi(-t) on 0...6.5 (iteratively reweighted least squares on 3,000 Chebyshev nodes). Its
// error is weighted with t * Phi(-t), which is the part that enters the GELU. The function is
// thirty times as fast as erf() on the CPU drivers that were tried.
static float16 normal_distribution(float16 x) {
  const float16 t = fabs(x);
  float16 s = (float16)(2.33491460e-06f);
  s = fma(s, t, (float16)(-3.37374404e-05f));
  s = fma(s, t, (float16)(1.61292206e-04f));
  s = fma(s, t, (float16)(1.91707077e-04f));
  s = fma(s, t, (float16)(-7.12686917e-03f));
  s = fma(s, t, (float16)(5.25336154e-02f));
  s = fma(s, t, (float16)(4.59198266e-01f));
  s = fma(s, t, (float16)(1.15110600e+00f));
  s = fma(s, t, (float16)(1.0f));
  const float16 tail = power_of_half(s);
  return x < 0.0f ? tail : 1.0f - tail;
}

static float16 gelu(float16 x) {
  return x * normal_distribution(x);
}
