// Types and constants of OpenCL. The functions are looked up at run time (OpenCLLibrary.swift), so
// nothing links libOpenCL and the program starts on machines without it.

#ifndef COPENCL_SHIM_H
#define COPENCL_SHIM_H

#define CL_TARGET_OPENCL_VERSION 300
#include <CL/cl.h>
#include <CL/cl_icd.h>

#endif
