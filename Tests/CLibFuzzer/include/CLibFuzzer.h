#pragma once

#include <stddef.h>
#include <stdint.h>

/// Runs libFuzzer with the options of a command line. `examine` gets each input and returns 0, or -1 for one that is not to
/// become part of the corpus.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*examine)(const uint8_t *bytes, size_t count));
