// OpenCL's slow functions by way of NVIDIA's libdevice, as NVIDIA's driver has them; the others come from libclc.
#define OVERLOAD __attribute__((overloadable))

float __nv_expf(float);
float __nv_logf(float);
float __nv_erfcf(float);

#define DEFINE(NAME, OF_ONE)                                                                       \
  OVERLOAD float NAME(float x) {                                                                   \
    return OF_ONE(x);                                                                              \
  }                                                                                                \
  OVERLOAD float4 NAME(float4 x) {                                                                 \
    return (float4)(OF_ONE(x.x), OF_ONE(x.y), OF_ONE(x.z), OF_ONE(x.w));                           \
  }

DEFINE(exp, __nv_expf)
DEFINE(log, __nv_logf)
DEFINE(erfc, __nv_erfcf)
