// An OpenCL of one GPU that computes nothing and records what it is asked to build and to launch.
//
// It takes the place of the loader (CAUSALGAP_OPENCL_LIBRARY). The GPU has RECORD_UNITS compute units. In the folder
// RECORD_FOLDER it writes the source of each program to <number>.cl, and to `record`, in lines of fields separated by
// tabs:
//
//   program  number  options
//   launch   number  kernel  work-items of a group
//
// Reads give zeros. Without RECORD_FOLDER nothing is written: what is left of a step is then the host's own work, which
// `bench --serve --queue-only` times (docs/performance.md).
#define CL_TARGET_OPENCL_VERSION 120
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#include <CL/cl.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NAMES = 4096 };

struct program {
  int number;
  char names[LONGEST_NAMES];
};

struct kernel {
  int program;
  char name[256];
};

static long long anything;
#define HANDLE(type) ((type)&anything)

// A file in RECORD_FOLDER to write to; NULL without the folder.
static FILE *open_in_folder(const char *name) {
  const char *folder = getenv("RECORD_FOLDER");
  if (!folder)
    return NULL;
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "w");
  if (!file) {
    perror(path);
    exit(1);
  }
  return file;
}

static FILE *record(void) {
  static FILE *file;
  static int isOpen;
  if (!isOpen)
    file = open_in_folder("record");
  isOpen = 1;
  return file;
}

static cl_int give(const void *value, size_t bytes, size_t room, void *out, size_t *size) {
  if (size)
    *size = bytes;
  if (out && room >= bytes)
    memcpy(out, value, bytes);
  return CL_SUCCESS;
}

static cl_int give_text(const char *text, size_t room, void *out, size_t *size) {
  return give(text, strlen(text) + 1, room, out, size);
}

static cl_int give_long(cl_ulong value, size_t room, void *out, size_t *size) {
  return give(&value, sizeof value, room, out, size);
}

static void succeed(cl_int *status) {
  if (status)
    *status = CL_SUCCESS;
}

cl_int clGetPlatformIDs(cl_uint room, cl_platform_id *platforms, cl_uint *count) {
  if (count)
    *count = 1;
  if (platforms && room > 0)
    *platforms = HANDLE(cl_platform_id);
  return CL_SUCCESS;
}

cl_int clGetPlatformInfo(cl_platform_id platform, cl_platform_info key, size_t room, void *out,
                         size_t *size) {
  return give_text(key == CL_PLATFORM_VERSION ? "OpenCL 1.2 recorder" : "recorder", room, out, size);
}

cl_int clGetDeviceIDs(cl_platform_id platform, cl_device_type type, cl_uint room,
                      cl_device_id *devices, cl_uint *count) {
  if (count)
    *count = 1;
  if (devices && room > 0)
    *devices = HANDLE(cl_device_id);
  return CL_SUCCESS;
}

// A group is no larger than AMD's drivers allow, and local memory that of NVIDIA's.
cl_int clGetDeviceInfo(cl_device_id device, cl_device_info key, size_t room, void *out,
                       size_t *size) {
  switch (key) {
  case CL_DEVICE_TYPE:
    return give_long(CL_DEVICE_TYPE_GPU, room, out, size);
  case CL_DEVICE_MAX_COMPUTE_UNITS: {
    const char *given = getenv("RECORD_UNITS");
    const cl_uint units = given ? atoi(given) : 1;
    return give(&units, sizeof units, room, out, size);
  }
  case CL_DEVICE_GLOBAL_MEM_SIZE:
    return give_long(80ull << 30, room, out, size);
  case CL_DEVICE_MAX_MEM_ALLOC_SIZE:
    return give_long(20ull << 30, room, out, size);
  case CL_DEVICE_MAX_WORK_GROUP_SIZE:
    return give_long(256, room, out, size);
  case CL_DEVICE_MAX_WORK_ITEM_SIZES: {
    const size_t items[] = {256, 256, 64};
    return give(items, sizeof items, room, out, size);
  }
  case CL_DEVICE_MEM_BASE_ADDR_ALIGN: {
    const cl_uint bits = 4096;
    return give(&bits, sizeof bits, room, out, size);
  }
  case CL_DEVICE_LOCAL_MEM_SIZE:
    return give_long(48 << 10, room, out, size);
  case CL_DEVICE_VERSION:
    return give_text("OpenCL 1.2 recorder", room, out, size);
  default:
    return give_text("recorder", room, out, size);
  }
}

cl_context clCreateContext(const cl_context_properties *properties, cl_uint count,
                           const cl_device_id *devices,
                           void(CL_CALLBACK *notify)(const char *, const void *, size_t, void *),
                           void *data, cl_int *status) {
  succeed(status);
  return HANDLE(cl_context);
}

cl_int clReleaseContext(cl_context context) {
  return CL_SUCCESS;
}

cl_command_queue clCreateCommandQueue(cl_context context, cl_device_id device,
                                      cl_command_queue_properties properties, cl_int *status) {
  succeed(status);
  return HANDLE(cl_command_queue);
}

cl_int clReleaseCommandQueue(cl_command_queue queue) {
  return CL_SUCCESS;
}

cl_int clFlush(cl_command_queue queue) {
  return CL_SUCCESS;
}

cl_int clFinish(cl_command_queue queue) {
  return CL_SUCCESS;
}

cl_mem clCreateBuffer(cl_context context, cl_mem_flags flags, size_t bytes, void *host,
                      cl_int *status) {
  succeed(status);
  return HANDLE(cl_mem);
}

cl_mem clCreateSubBuffer(cl_mem memory, cl_mem_flags flags, cl_buffer_create_type type,
                         const void *region, cl_int *status) {
  succeed(status);
  return HANDLE(cl_mem);
}

cl_int clReleaseMemObject(cl_mem memory) {
  return CL_SUCCESS;
}

// A command is over as soon as it is queued.
static void complete(cl_event *event) {
  if (event)
    *event = HANDLE(cl_event);
}

cl_int clEnqueueMarkerWithWaitList(cl_command_queue queue, cl_uint count, const cl_event *events,
                                   cl_event *event) {
  complete(event);
  return CL_SUCCESS;
}

cl_int clGetEventInfo(cl_event event, cl_event_info key, size_t room, void *out, size_t *size) {
  const cl_int state = CL_COMPLETE;
  return give(&state, sizeof state, room, out, size);
}

cl_int clSetEventCallback(cl_event event, cl_int state,
                          void(CL_CALLBACK *notify)(cl_event, cl_int, void *), void *data) {
  notify(event, CL_COMPLETE, data);
  return CL_SUCCESS;
}

cl_int clReleaseEvent(cl_event event) {
  return CL_SUCCESS;
}

cl_int clEnqueueFillBuffer(cl_command_queue queue, cl_mem memory, const void *pattern,
                           size_t patternBytes, size_t offset, size_t bytes, cl_uint count,
                           const cl_event *events, cl_event *event) {
  complete(event);
  return CL_SUCCESS;
}

cl_int clEnqueueReadBuffer(cl_command_queue queue, cl_mem memory, cl_bool blocking, size_t offset,
                           size_t bytes, void *out, cl_uint count, const cl_event *events,
                           cl_event *event) {
  complete(event);
  memset(out, 0, bytes);
  return CL_SUCCESS;
}

cl_int clEnqueueWriteBuffer(cl_command_queue queue, cl_mem memory, cl_bool blocking, size_t offset,
                            size_t bytes, const void *from, cl_uint count, const cl_event *events,
                            cl_event *event) {
  complete(event);
  return CL_SUCCESS;
}

cl_int clEnqueueCopyBuffer(cl_command_queue queue, cl_mem from, cl_mem to, size_t fromOffset,
                           size_t toOffset, size_t bytes, cl_uint count, const cl_event *events,
                           cl_event *event) {
  complete(event);
  return CL_SUCCESS;
}

// Appends the names of the kernels in a source, with semicolons between.
static void find_kernels(const char *source, char *names) {
  for (const char *place = source; (place = strstr(place, "__kernel ")); place++) {
    const char *name = strstr(place, "void");
    if (!name)
      return;
    name += strlen("void");
    while (isspace((unsigned char)*name))
      name++;
    if (*names)
      strncat(names, ";", LONGEST_NAMES - strlen(names) - 1);
    const size_t length = strcspn(name, "("), room = LONGEST_NAMES - strlen(names) - 1;
    strncat(names, name, length < room ? length : room);
  }
}

cl_program clCreateProgramWithSource(cl_context context, cl_uint count, const char **strings,
                                     const size_t *lengths, cl_int *status) {
  static int programs;
  struct program *program = calloc(1, sizeof *program);
  program->number = programs++;
  char name[32];
  snprintf(name, sizeof name, "%d.cl", program->number);
  FILE *file = open_in_folder(name);
  for (cl_uint i = 0; file && i < count; i++)
    fwrite(strings[i], 1, lengths && lengths[i] ? lengths[i] : strlen(strings[i]), file);
  if (file)
    fclose(file);
  find_kernels(strings[0], program->names);
  succeed(status);
  return (cl_program)program;
}

cl_program clCreateProgramWithBinary(cl_context context, cl_uint count, const cl_device_id *devices,
                                     const size_t *lengths, const unsigned char **binaries,
                                     cl_int *loaded, cl_int *status) {
  if (status)
    *status = CL_INVALID_BINARY;
  return NULL;
}

cl_int clBuildProgram(cl_program program, cl_uint count, const cl_device_id *devices,
                      const char *options, void(CL_CALLBACK *notify)(cl_program, void *),
                      void *data) {
  if (record())
    fprintf(record(), "program\t%d\t%s\n", ((struct program *)program)->number, options);
  return CL_SUCCESS;
}

cl_int clGetProgramInfo(cl_program program, cl_program_info key, size_t room, void *out,
                        size_t *size) {
  if (key == CL_PROGRAM_KERNEL_NAMES)
    return give_text(((struct program *)program)->names, room, out, size);
  return give_long(0, room, out, size); // There is no binary.
}

cl_int clGetProgramBuildInfo(cl_program program, cl_device_id device, cl_program_build_info key,
                             size_t room, void *out, size_t *size) {
  return give_text("", room, out, size);
}

cl_int clReleaseProgram(cl_program program) {
  free(program);
  return CL_SUCCESS;
}

cl_kernel clCreateKernel(cl_program program, const char *name, cl_int *status) {
  struct kernel *kernel = calloc(1, sizeof *kernel);
  kernel->program = ((struct program *)program)->number;
  snprintf(kernel->name, sizeof kernel->name, "%s", name);
  succeed(status);
  return (cl_kernel)kernel;
}

cl_int clReleaseKernel(cl_kernel kernel) {
  free(kernel);
  return CL_SUCCESS;
}

cl_int clGetKernelWorkGroupInfo(cl_kernel kernel, cl_device_id device,
                                cl_kernel_work_group_info key, size_t room, void *out,
                                size_t *size) {
  return give_long(256, room, out, size);
}

cl_int clSetKernelArg(cl_kernel kernel, cl_uint index, size_t bytes, const void *value) {
  return CL_SUCCESS;
}

cl_int clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                              const size_t *offset, const size_t *global, const size_t *local,
                              cl_uint count, const cl_event *events, cl_event *event) {
  complete(event);
  if (!record())
    return CL_SUCCESS;
  const struct kernel *own = (const struct kernel *)kernel;
  size_t items = 1;
  for (cl_uint i = 0; i < dimensions; i++)
    items *= local[i];
  fprintf(record(), "launch\t%d\t%s\t%zu\n", own->program, own->name, items);
  return CL_SUCCESS;
}
