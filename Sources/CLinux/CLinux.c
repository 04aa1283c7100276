#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>

int holdToProcessors(const int *numbers, size_t count) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (size_t i = 0; i < count; i++) {
    if (numbers[i] >= 0 && numbers[i] < CPU_SETSIZE) CPU_SET(numbers[i], &set);
  }
  return sched_setaffinity(0, sizeof set, &set) == 0 ? 0 : errno;
}

int signalWhenParentEnds(int signal) { return prctl(PR_SET_PDEATHSIG, signal) == 0 ? 0 : errno; }

static void *waitAtGate(void *gate) {
  pthread_mutex_lock(gate);
  pthread_mutex_unlock(gate);
  return NULL;
}

int canMakeThreads(int count) {
  // They wait for one another, so that all exist at once.
  pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
  pthread_t threads[64];
  int made = 0, error = 0;
  pthread_mutex_lock(&gate);
  while (made < count && made < 64 && error == 0) {
    error = pthread_create(&threads[made], NULL, waitAtGate, &gate);
    if (error == 0) made++;
  }
  pthread_mutex_unlock(&gate);
  for (int i = 0; i < made; i++) pthread_join(threads[i], NULL);
  return error;
}
