// How rows are divided among the work-items of a group. KernelConstraints+Rows.swift says what the
// parameters must satisfy.

// The number of work-items that share a row.
#ifndef LANES
#define LANES 32
#endif

// The number of rows of a work-group.
#ifndef GROUP_ROWS
#define GROUP_ROWS 4
#endif
