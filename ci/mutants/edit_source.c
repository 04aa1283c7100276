// A library in the place of the OpenCL loader that hands the driver another source for one kernel file.
//
// It is linked with the loader, so that every function but this one is found there. CAUSALGAP_MUTANT_FROM and
// CAUSALGAP_MUTANT_TO name files: where a program's source contains the text of the first, that of the second is put in
// its place. Each time that happens, CAUSALGAP_MUTANT_LOG grows by a line.
#define CL_TARGET_OPENCL_VERSION 120
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#define _GNU_SOURCE
#include <CL/cl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The text of the file that an environment variable names, ended by a zero; null where there is none.
static char *text_of(const char *variable) {
  const char *path = getenv(variable);
  FILE *file = path ? fopen(path, "rb") : NULL;
  if (!file)
    return NULL;
  fseek(file, 0, SEEK_END);
  const long size = ftell(file);
  rewind(file);
  char *text = calloc(size + 1, 1);
  if (text && fread(text, 1, size, file) != (size_t)size)
    abort();
  fclose(file);
  return text;
}

static void log_change(void) {
  const char *path = getenv("CAUSALGAP_MUTANT_LOG");
  FILE *log = path ? fopen(path, "a") : NULL;
  if (!log)
    return;
  fputs("changed a source\n", log);
  fclose(log);
}

// All strings of a source as one.
static char *joined(cl_uint count, const char **strings, const size_t *lengths) {
  size_t total = 0;
  for (cl_uint i = 0; i < count; i++)
    total += lengths && lengths[i] ? lengths[i] : strlen(strings[i]);
  char *all = calloc(total + 1, 1), *end = all;
  for (cl_uint i = 0; all && i < count; i++) {
    const size_t length = lengths && lengths[i] ? lengths[i] : strlen(strings[i]);
    memcpy(end, strings[i], length);
    end += length;
  }
  return all;
}

typedef cl_program (*create_program)(cl_context, cl_uint, const char **, const size_t *, cl_int *);

cl_program clCreateProgramWithSource(cl_context context, cl_uint count, const char **strings,
                                     const size_t *lengths, cl_int *status) {
  // The loader is a dependency of this library and already open.
  void *loader = dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
  const create_program create = (create_program)dlsym(loader, "clCreateProgramWithSource");
  char *source = joined(count, strings, lengths);
  char *from = text_of("CAUSALGAP_MUTANT_FROM"), *to = text_of("CAUSALGAP_MUTANT_TO");
  const char *place = source && from && to ? strstr(source, from) : NULL;
  if (!place)
    return create(context, count, strings, lengths, status);

  char *changed = calloc(strlen(source) + strlen(to) + 1, 1);
  memcpy(changed, source, place - source);
  strcat(changed, to);
  strcat(changed, place + strlen(from));
  log_change();
  const char *text = changed;
  return create(context, 1, &text, NULL, status);
}
