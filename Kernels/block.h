// The block that a work-item owns, in kernels that go through a matrix element by element.

// The number of columns; at least 1. CPUs use many, GPUs use 1.
#ifndef COLUMNS
#define COLUMNS 16
#endif

// The number of rows; at least 1.
#ifndef ROWS
#define ROWS 1
#endif
