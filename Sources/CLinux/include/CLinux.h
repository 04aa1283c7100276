#ifndef CLINUX_H
#define CLINUX_H

// Two calls of Linux that Swift can't make: one is hidden behind _GNU_SOURCE, the other takes any number of arguments.

#include <stddef.h>

/// Holds the calling thread, and the threads that it makes from now on, to processors.
///
/// Returns 0, or an error number: EINVAL where none of them may be used.
int holdToProcessors(const int *_Nonnull numbers, size_t count);

/// Asks for a signal at the moment at which the thread that made this process ends.
///
/// Returns 0, or an error number.
int signalWhenParentEnds(int signal);

#endif
