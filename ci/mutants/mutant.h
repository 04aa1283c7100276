// Which planted fault is active: the number in CAUSALGAP_MUTANT. All faults are compiled in at once, each behind a question
// to this function.
#include <stdbool.h>
#include <stdlib.h>

static inline bool isMutant(int number) {
  static int active = -1;
  if (active < 0) {
    const char *text = getenv("CAUSALGAP_MUTANT");
    active = text ? atoi(text) : 0;
  }
  return active == number;
}
