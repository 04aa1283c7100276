// What follows a product's sum: bits of a kernel's `epilogue`. Matmul.swift in OpenCLDevice sets
// them.

#define HAS_BIAS 1
#define HAS_GELU 2
#define HAS_RESIDUAL 4
#define KEEPS_PRE_ACTIVATION 8
