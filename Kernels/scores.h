// What changes the scores of attention and what a query sees. Both compile away where they are off.

// The largest number of keys that a query sees, its own and those right before it; 0 for all keys
// before it.
#ifndef WINDOW
#define WINDOW 0
#endif

// The bits of the float c if scores s become c * tanh(s / c); 0 without a cap.
#ifndef CAP
#define CAP 0
#endif

// The score as the softmax reads it, and its derivative, from the score itself.
#if CAP
#define CAPPED(score) (as_float(CAP) * tanh((score) / as_float(CAP)))
#define CAP_SLOPE(score) ((1.0f - (score) / as_float(CAP)) * (1.0f + (score) / as_float(CAP)))
#else
#define CAPPED(score) (score)
#define CAP_SLOPE(score) 1.0f
#endif

// Whether a query at a position sees the key at another.
#define SEES(position, key) ((key) <= (position) && (!WINDOW || (key) > (position)-WINDOW))

// The first key of the first step that has a key which the query at a position sees. Steps begin at
// the same keys for all tiles, so no result depends on the tile.
#define FIRST_SEEN(position, step) (WINDOW ? max(0, (position) + 1 - WINDOW) / (step) * (step) : 0)

// Where a running maximum begins. The keys of a step may all be hidden from a query, and infinities
// have no difference.
#define LEAST_SCORE (WINDOW ? -FLT_MAX : -INFINITY)
