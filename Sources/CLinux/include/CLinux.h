#ifndef CLINUX_H
#define CLINUX_H

// What Swift can't ask of Linux, or not simply: calls that are hidden behind _GNU_SOURCE or take any number of arguments, and
// whether threads can be made.

#include <stddef.h>

/// Holds the calling thread, and the threads that it makes from now on, to processors.
///
/// Returns 0, or an error number: EINVAL where none of them may be used.
int holdToProcessors(const int *_Nonnull numbers, size_t count);

/// Asks for a signal at the moment at which the thread that made this process ends.
///
/// Returns 0, or an error number.
int signalWhenParentEnds(int signal);

/// Whether this number of threads can be made beside those that exist: they are made, and end.
///
/// Returns 0, or an error number: EAGAIN where a limit on processes or memory forbids it.
int canMakeThreads(int count);

#endif
