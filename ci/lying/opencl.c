// A library in the place of the OpenCL loader that says of its devices what the environment tells it to, and holds the
// program to it: what goes beyond a limit fails as it does on a device that has the limit.
//
// It is linked with the loader, which has all functions that are not here.
//
//   LIE_GPU           the device is a GPU
//   LIE_GROUP         the largest work-group of the device, LIE_KERNEL_GROUP that of any kernel
//   LIE_ITEMS         the largest numbers of work-items in three dimensions: 64,1,1
//   LIE_LOCAL         the bytes of local memory
//   LIE_BUFFER        the bytes of the largest buffer
//   LIE_MEMORY        the bytes of all buffers together, found out when a kernel is launched
//   LIE_PEAK          a file, which receives the most bytes that all buffers together had when a kernel was launched
//   LIE_BUILD         crash or hang: what happens when a program is built
//   LIE_NANOSECONDS   for which a product in groups with more than one work-item is delayed, for each work-item
#define CL_TARGET_OPENCL_VERSION 120
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#define _GNU_SOURCE
#include <CL/cl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The function of the loader.
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

// A number that the environment has; `otherwise` if it has none.
static size_t told(const char *name, size_t otherwise) {
  const char *text = getenv(name);
  return text ? strtoull(text, NULL, 10) : otherwise;
}

static cl_int answer(const void *value, size_t size, size_t room, void *out, size_t *needed) {
  if (needed)
    *needed = size;
  if (out) {
    if (room < size)
      return CL_INVALID_VALUE;
    memcpy(out, value, size);
  }
  return CL_SUCCESS;
}

static int limits_of_items(size_t limits[3]) {
  const char *text = getenv("LIE_ITEMS");
  return text && sscanf(text, "%zu,%zu,%zu", &limits[0], &limits[1], &limits[2]) == 3;
}

cl_int clGetDeviceInfo(cl_device_id device, cl_device_info key, size_t room, void *out, size_t *needed) {
  static const struct {
    cl_device_info key;
    const char *name;
  } sizes[] = {
      {CL_DEVICE_MAX_WORK_GROUP_SIZE, "LIE_GROUP"},
      {CL_DEVICE_LOCAL_MEM_SIZE, "LIE_LOCAL"},
      {CL_DEVICE_MAX_MEM_ALLOC_SIZE, "LIE_BUFFER"},
  };
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    const size_t size = told(sizes[i].name, 0);
    if (key == sizes[i].key && size)
      return answer(&size, sizeof size, room, out, needed);
  }
  size_t items[3];
  if (key == CL_DEVICE_MAX_WORK_ITEM_SIZES && limits_of_items(items))
    return answer(items, sizeof items, room, out, needed);
  const cl_device_type gpu = CL_DEVICE_TYPE_GPU;
  if (key == CL_DEVICE_TYPE && getenv("LIE_GPU"))
    return answer(&gpu, sizeof gpu, room, out, needed);
  return REAL(clGetDeviceInfo)(device, key, room, out, needed);
}

cl_int clGetKernelWorkGroupInfo(cl_kernel kernel, cl_device_id device, cl_kernel_work_group_info key, size_t room,
                                void *out, size_t *needed) {
  const size_t size = told("LIE_KERNEL_GROUP", 0);
  if (key == CL_KERNEL_WORK_GROUP_SIZE && size)
    return answer(&size, sizeof size, room, out, needed);
  return REAL(clGetKernelWorkGroupInfo)(kernel, device, key, room, out, needed);
}

cl_int clBuildProgram(cl_program program, cl_uint count, const cl_device_id *devices, const char *options,
                      void(CL_CALLBACK *notify)(cl_program, void *), void *data) {
  const char *end = getenv("LIE_BUILD");
  if (end && !strcmp(end, "crash"))
    abort();
  if (end && !strcmp(end, "hang"))
    for (;;)
      pause();
  return REAL(clBuildProgram)(program, count, devices, options, notify, data);
}

// The buffers and the memory that they would take.
static struct {
  cl_mem buffer;
  size_t bytes;
} held[1 << 16];
static size_t total, peak;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void account(cl_mem buffer, size_t bytes) {
  pthread_mutex_lock(&lock);
  size_t place = 0;
  while (place < sizeof held / sizeof *held - 1 && held[place].buffer != (bytes ? NULL : buffer))
    place++;
  total += bytes - held[place].bytes;
  held[place].buffer = bytes ? buffer : NULL;
  held[place].bytes = bytes;
  pthread_mutex_unlock(&lock);
}

cl_mem clCreateBuffer(cl_context context, cl_mem_flags flags, size_t bytes, void *host, cl_int *status) {
  if (bytes > told("LIE_BUFFER", -1)) {
    *status = CL_INVALID_BUFFER_SIZE;
    return NULL;
  }
  cl_mem buffer = REAL(clCreateBuffer)(context, flags, bytes, host, status);
  if (buffer)
    account(buffer, bytes);
  return buffer;
}

cl_int clReleaseMemObject(cl_mem buffer) {
  account(buffer, 0);
  return REAL(clReleaseMemObject)(buffer);
}

cl_int clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions, const size_t *offset,
                              const size_t *global, const size_t *local, cl_uint count, const cl_event *list,
                              cl_event *event) {
  size_t items[3] = {-1, -1, -1}, group = 1, all = 1;
  limits_of_items(items);
  for (cl_uint i = 0; i < dimensions; i++) {
    group *= local[i];
    all *= global[i];
    if (local[i] > items[i])
      return CL_INVALID_WORK_ITEM_SIZE;
    if (i > 0 && global[i] / local[i] > 65535)
      return CL_INVALID_GLOBAL_WORK_SIZE;
  }
  if (group > told("LIE_GROUP", -1) || group > told("LIE_KERNEL_GROUP", -1))
    return CL_INVALID_WORK_GROUP_SIZE;
  if (total > told("LIE_MEMORY", -1))
    return CL_OUT_OF_RESOURCES;
  if (total > peak)
    peak = total;
  char name[64] = "";
  clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof name - 1, name, NULL);
  if (group > 1 && !strncmp(name, "matmul", 6))
    usleep(all * told("LIE_NANOSECONDS", 0) / 1000);
  return REAL(clEnqueueNDRangeKernel)(queue, kernel, dimensions, offset, global, local, count, list, event);
}

__attribute__((destructor)) static void tell_peak(void) {
  FILE *file = getenv("LIE_PEAK") ? fopen(getenv("LIE_PEAK"), "w") : NULL;
  if (file) {
    fprintf(file, "%zu\n", peak);
    fclose(file);
  }
}
