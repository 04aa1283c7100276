// A library in the place of the OpenCL loader whose calls fail when they are told to.
//
// It is linked with the loader and passes every call on. It counts the calls of each function. FAULT_CALL names a
// function, and FAULT_AT the number of its call that fails, with the status FAULT_STATUS, without being passed on.
// FAULT_MODE is `once` or `good`: all later calls of that function fail too. FAULT_COUNTS names a file, to which the
// number of calls of each function is appended at the end.
#define CL_TARGET_OPENCL_VERSION 120
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#define _GNU_SOURCE
#include <CL/cl.h>
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Every function that returns a status: its name, parameters and arguments.
#define STATUS_FUNCTIONS(F)                                                                                               \
  F(clGetPlatformIDs, (cl_uint a, cl_platform_id *b, cl_uint *c), (a, b, c))                                                     \
  F(clGetPlatformInfo, (cl_platform_id a, cl_platform_info b, size_t c, void *d, size_t *e), (a, b, c, d, e))                    \
  F(clGetDeviceIDs, (cl_platform_id a, cl_device_type b, cl_uint c, cl_device_id *d, cl_uint *e), (a, b, c, d, e))               \
  F(clReleaseContext, (cl_context a), (a))                                                                                       \
  F(clReleaseCommandQueue, (cl_command_queue a), (a))                                                                            \
  F(clFinish, (cl_command_queue a), (a))                                                                                         \
  F(clFlush, (cl_command_queue a), (a))                                                                                          \
  F(clSetEventCallback, (cl_event a, cl_int b, void(CL_CALLBACK * c)(cl_event, cl_int, void *), void *d), (a, b, c, d))          \
  F(clReleaseEvent, (cl_event a), (a))                                                                                           \
  F(clGetEventInfo, (cl_event a, cl_event_info b, size_t c, void *d, size_t *e), (a, b, c, d, e))                                \
  F(clEnqueueMarkerWithWaitList, (cl_command_queue a, cl_uint b, const cl_event *c, cl_event *d), (a, b, c, d))                  \
  F(clReleaseMemObject, (cl_mem a), (a))                                                                                         \
  F(clEnqueueFillBuffer,                                                                                                         \
    (cl_command_queue a, cl_mem b, const void *c, size_t d, size_t e, size_t f, cl_uint g, const cl_event *h, cl_event *i),      \
    (a, b, c, d, e, f, g, h, i))                                                                                                 \
  F(clEnqueueReadBuffer,                                                                                                         \
    (cl_command_queue a, cl_mem b, cl_bool c, size_t d, size_t e, void *f, cl_uint g, const cl_event *h, cl_event *i),           \
    (a, b, c, d, e, f, g, h, i))                                                                                                 \
  F(clEnqueueWriteBuffer,                                                                                                        \
    (cl_command_queue a, cl_mem b, cl_bool c, size_t d, size_t e, const void *f, cl_uint g, const cl_event *h, cl_event *i),     \
    (a, b, c, d, e, f, g, h, i))                                                                                                 \
  F(clEnqueueCopyBuffer,                                                                                                         \
    (cl_command_queue a, cl_mem b, cl_mem c, size_t d, size_t e, size_t f, cl_uint g, const cl_event *h, cl_event *i),           \
    (a, b, c, d, e, f, g, h, i))                                                                                                 \
  F(clBuildProgram,                                                                                                              \
    (cl_program a, cl_uint b, const cl_device_id *c, const char *d, void(CL_CALLBACK * e)(cl_program, void *), void *f),         \
    (a, b, c, d, e, f))                                                                                                          \
  F(clGetProgramInfo, (cl_program a, cl_program_info b, size_t c, void *d, size_t *e), (a, b, c, d, e))                          \
  F(clGetProgramBuildInfo, (cl_program a, cl_device_id b, cl_program_build_info c, size_t d, void *e, size_t *f),                \
    (a, b, c, d, e, f))                                                                                                          \
  F(clReleaseProgram, (cl_program a), (a))                                                                                       \
  F(clGetKernelWorkGroupInfo, (cl_kernel a, cl_device_id b, cl_kernel_work_group_info c, size_t d, void *e, size_t *f),          \
    (a, b, c, d, e, f))                                                                                                          \
  F(clSetKernelArg, (cl_kernel a, cl_uint b, size_t c, const void *d), (a, b, c, d))                                             \
  F(clReleaseKernel, (cl_kernel a), (a))                                                                                         \
  F(clEnqueueNDRangeKernel,                                                                                                      \
    (cl_command_queue a, cl_kernel b, cl_uint c, const size_t *d, const size_t *e, const size_t *f, cl_uint g,                   \
     const cl_event *h, cl_event *i),                                                                                            \
    (a, b, c, d, e, f, g, h, i))

// Every function that returns what it makes, and its status through its last parameter.
#define MAKING_FUNCTIONS(F)                                                                                               \
  F(clCreateContext, cl_context,                                                                                                 \
    (const cl_context_properties *a, cl_uint b, const cl_device_id *c,                                                           \
     void(CL_CALLBACK * d)(const char *, const void *, size_t, void *), void *e, cl_int *status),                                \
    (a, b, c, d, e, status))                                                                                                     \
  F(clCreateCommandQueue, cl_command_queue, (cl_context a, cl_device_id b, cl_command_queue_properties c, cl_int *status),       \
    (a, b, c, status))                                                                                                           \
  F(clCreateBuffer, cl_mem, (cl_context a, cl_mem_flags b, size_t c, void *d, cl_int *status), (a, b, c, d, status))             \
  F(clCreateSubBuffer, cl_mem, (cl_mem a, cl_mem_flags b, cl_buffer_create_type c, const void *d, cl_int *status),               \
    (a, b, c, d, status))                                                                                                        \
  F(clCreateProgramWithSource, cl_program, (cl_context a, cl_uint b, const char **c, const size_t *d, cl_int *status),           \
    (a, b, c, d, status))                                                                                                        \
  F(clCreateProgramWithBinary, cl_program,                                                                                       \
    (cl_context a, cl_uint b, const cl_device_id *c, const size_t *d, const unsigned char **e, cl_int *f, cl_int *status),       \
    (a, b, c, d, e, f, status))                                                                                                  \
  F(clCreateKernel, cl_kernel, (cl_program a, const char *b, cl_int *status), (a, b, status))

enum {
#define NUMBER(name, ...) number_##name,
  STATUS_FUNCTIONS(NUMBER) MAKING_FUNCTIONS(NUMBER) number_clGetDeviceInfo, count_of_functions
#undef NUMBER
};

static const char *const names[] = {
#define NAME(name, ...) #name,
    STATUS_FUNCTIONS(NAME) MAKING_FUNCTIONS(NAME) "clGetDeviceInfo",
#undef NAME
};

static atomic_long calls[count_of_functions];

// The status with which this call fails; 0 where it does not.
static int fault(int function) {
  const long number = 1 + atomic_fetch_add(&calls[function], 1);
  const char *name = getenv("FAULT_CALL"), *at = getenv("FAULT_AT"), *mode = getenv("FAULT_MODE"),
             *status = getenv("FAULT_STATUS");
  if (!name || !at || strcmp(name, names[function]) != 0) return 0;
  const int fails = mode && strcmp(mode, "good") == 0 ? number >= atol(at) : number == atol(at);
  return fails ? (status ? atoi(status) : CL_OUT_OF_RESOURCES) : 0;
}

// The loader is a dependency of this library and already open.
static void *real(const char *name) {
  return dlsym(dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL), name);
}

#define PASS_STATUS(name, parameters, arguments)                                                                          \
  cl_int name parameters {                                                                                                       \
    static cl_int(*next) parameters;                                                                                             \
    const int status = fault(number_##name);                                                                                     \
    if (status) return status;                                                                                                   \
    if (!next) next = (cl_int(*) parameters)real(#name);                                                                         \
    return next arguments;                                                                                                       \
  }
STATUS_FUNCTIONS(PASS_STATUS)

// Says that the device is a GPU: the program then waits for it in other ways.
cl_int clGetDeviceInfo(cl_device_id a, cl_device_info b, size_t c, void *d, size_t *e) {
  static cl_int (*next)(cl_device_id, cl_device_info, size_t, void *, size_t *);
  int status = fault(number_clGetDeviceInfo);
  if (status) return status;
  if (!next) next = (cl_int(*)(cl_device_id, cl_device_info, size_t, void *, size_t *))real("clGetDeviceInfo");
  status = next(a, b, c, d, e);
  if (!status && b == CL_DEVICE_TYPE && d) *(cl_device_type *)d = CL_DEVICE_TYPE_GPU;
  return status;
}

#define PASS_MADE(name, type, parameters, arguments)                                                                      \
  type name parameters {                                                                                                         \
    static type(*next) parameters;                                                                                               \
    const int failure = fault(number_##name);                                                                                    \
    if (failure) {                                                                                                               \
      if (status) *status = failure;                                                                                             \
      return NULL;                                                                                                               \
    }                                                                                                                            \
    if (!next) next = (type(*) parameters)real(#name);                                                                           \
    return next arguments;                                                                                                       \
  }
MAKING_FUNCTIONS(PASS_MADE)

__attribute__((destructor)) static void tell(void) {
  const char *path = getenv("FAULT_COUNTS");
  FILE *file = path ? fopen(path, "a") : NULL;
  if (!file) return;
  for (int i = 0; i < count_of_functions; i++) fprintf(file, "%s %ld\n", names[i], (long)calls[i]);
  fclose(file);
}
