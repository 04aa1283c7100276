// Where the keys and values of attention lie. Compiles away where they lie in rows of their own.

// 1 if `keyRows` has the row of each key, which sequences may share; else 0.
#ifndef KEY_ROWS
#define KEY_ROWS 0
#endif

// FIRST_ROW: where a sequence's pointers to keys and values begin, from its first key. KEY_ROW: the
// row of a key from those pointers on; keys are counted from where `keyRows` points.
#if KEY_ROWS
#define FIRST_ROW(key) 0
#define KEY_ROW(key) keyRows[key]
#else
#define FIRST_ROW(key) (key)
#define KEY_ROW(key) (key)
#endif
