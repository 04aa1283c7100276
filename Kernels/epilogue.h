// The bits of a kernel's argument `epilogue`: what is done with the sum of a product before it is
// stored. Matmul.swift in OpenCLDevice sets them.

#define HAS_BIAS 1
#define HAS_GELU 2
#define HAS_RESIDUAL 4
#define KEEPS_PRE_ACTIVATION 8
