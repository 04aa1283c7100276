#pragma once

/// Asks the processor to bring the cache line at an address into its first-level cache, while the program goes
/// on. Any address is allowed. Swift has no name for this instruction.
static inline void prefetchLine(const void *_Nonnull address) { __builtin_prefetch(address, 0, 3); }

/// The same for a line that will be written: it comes alone, without copies in other cores' caches.
static inline void prefetchLineForWriting(const void *_Nonnull address) { __builtin_prefetch(address, 1, 3); }
