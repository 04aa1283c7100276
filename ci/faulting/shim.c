// Stands between a program and the system, and makes calls that change files fail, kill the program, or be written down.
//
// Loaded with LD_PRELOAD. It counts the calls that change something below a folder: opening to write, writing, cutting,
// flushing, renaming, linking, removing and making folders. What happens at call number AT depends on MODE.
//
//   FAULT_ROOT      the folder, absolute and without symbolic links
//   FAULT_AT        the number of the call, from 1; 0 for none
//   FAULT_MODE      before: killed before it; after: killed after it; torn: killed with half of its bytes written;
//                   once: it fails; good: it and all later ones fail
//   FAULT_ERRNO     with what they fail
//   FAULT_LOG       grows by a line for each call: its number, its kind and its path
//   FAULT_JOURNAL   grows by each change, with its bytes: what journal.py reads
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long counted, at;
static int fault, log_file = -1, journal_file = -1, has_begun;
static const char *mode = "", *root;
static size_t root_length;

// Straight to the system: our own writing is not counted.
static void put(int file, const void *bytes, size_t count) {
  const char *rest = bytes;
  while (file >= 0 && count > 0) {
    const long done = syscall(SYS_write, file, rest, count);
    if (done <= 0)
      return;
    rest += done;
    count -= done;
  }
}

static int append_to(const char *variable) {
  const char *path = getenv(variable);
  return path ? syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
}

static void begin(void) {
  if (has_begun)
    return;
  has_begun = 1;
  root = getenv("FAULT_ROOT");
  root_length = root ? strlen(root) : 0;
  at = getenv("FAULT_AT") ? atol(getenv("FAULT_AT")) : 0;
  fault = getenv("FAULT_ERRNO") ? atoi(getenv("FAULT_ERRNO")) : EIO;
  if (getenv("FAULT_MODE"))
    mode = getenv("FAULT_MODE");
  log_file = append_to("FAULT_LOG");
  journal_file = append_to("FAULT_JOURNAL");
}

// The path below the root, "." for the root itself; null for what lies elsewhere.
static const char *below(const char *path) {
  if (!root || strncmp(path, root, root_length) != 0)
    return NULL;
  return path[root_length] == '\0' ? "." : path[root_length] == '/' ? path + root_length + 1 : NULL;
}

static const char *place(int folder, const char *path, char *whole) {
  if (path[0] == '/')
    return below(path);
  char base[PATH_MAX] = "";
  if (folder == AT_FDCWD) {
    if (!getcwd(base, sizeof base))
      return NULL;
  } else {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    if (readlink(link, base, sizeof base - 1) < 0)
      return NULL;
  }
  return snprintf(whole, PATH_MAX, "%s/%s", base, path) < PATH_MAX ? below(whole) : NULL;
}

static const char *place_of_descriptor(int file, char *whole) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t count = readlink(link, whole, PATH_MAX - 1);
  if (count <= 0)
    return NULL;
  whole[count] = '\0';
  return below(whole);
}

static void die(void) {
  syscall(SYS_kill, getpid(), SIGKILL);
  pause();
}

// What a call does: 0 it runs, 1 it fails, 2 it writes half of its bytes.
static int meet(const char *kind, const char *path) {
  counted++;
  char line[PATH_MAX + 64];
  put(log_file, line, snprintf(line, sizeof line, "%ld %s %s\n", counted, kind, path));
  if (at == 0 || counted < at)
    return 0;
  if (!strcmp(mode, "good") || (counted == at && !strcmp(mode, "once"))) {
    errno = fault;
    return 1;
  }
  if (counted == at && !strcmp(mode, "before"))
    die();
  return counted == at && !strcmp(mode, "torn") ? 2 : 0;
}

static void leave(void) {
  const int code = errno;
  if (at > 0 && counted == at && (!strcmp(mode, "after") || !strcmp(mode, "torn")))
    die();
  errno = code;
}

// One change: a letter, two numbers, and two texts with their lengths.
static void note(char kind, long first, long second, const char *path, const void *bytes, size_t count) {
  char head[128];
  const int length = snprintf(head, sizeof head, "%c %ld %ld %zu %zu\n", kind, first, second, strlen(path), count);
  put(journal_file, head, length);
  put(journal_file, path, strlen(path));
  put(journal_file, bytes, count);
}

static long inode(int file) {
  struct stat status;
  return fstat(file, &status) == 0 ? (long)status.st_ino : -1;
}

static int open_below(const char *path, const char *name, int folder, int flags, mode_t permissions) {
  struct stat status;
  const int exists = fstatat(folder, path, &status, 0) == 0;
  if (meet("open", name))
    return -1;
  const int file = syscall(SYS_openat, folder, path, flags, permissions);
  if (file >= 0) {
    note(exists ? 'O' : 'C', inode(file), 0, name, "", 0);
    if (exists && flags & O_TRUNC)
      note('T', inode(file), 0, name, "", 0);
  }
  leave();
  return file;
}

static int open_any(int folder, const char *path, int flags, mode_t permissions) {
  char whole[PATH_MAX];
  pthread_mutex_lock(&lock);
  begin();
  const char *name = place(folder, path, whole);
  const int writes = (flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT;
  const int file = name && writes ? open_below(path, name, folder, flags, permissions)
                                  : (int)syscall(SYS_openat, folder, path, flags, permissions);
  const int code = errno;
  pthread_mutex_unlock(&lock);
  errno = code;
  return file;
}

#define PERMISSIONS                                                                                                   \
  mode_t permissions = 0;                                                                                             \
  if (flags & (O_CREAT | __O_TMPFILE)) {                                                                              \
    va_list list;                                                                                                     \
    va_start(list, flags);                                                                                            \
    permissions = va_arg(list, mode_t);                                                                               \
    va_end(list);                                                                                                     \
  }

int open(const char *path, int flags, ...) { PERMISSIONS return open_any(AT_FDCWD, path, flags, permissions); }
int open64(const char *path, int flags, ...) { PERMISSIONS return open_any(AT_FDCWD, path, flags, permissions); }
int openat(int folder, const char *path, int flags, ...) { PERMISSIONS return open_any(folder, path, flags, permissions); }
int openat64(int folder, const char *path, int flags, ...) { PERMISSIONS return open_any(folder, path, flags, permissions); }
int creat(const char *path, mode_t permissions) { return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, permissions); }

static ssize_t write_any(int file, const void *bytes, size_t count, off_t offset, int has_offset) {
  char whole[PATH_MAX];
  pthread_mutex_lock(&lock);
  begin();
  const char *name = place_of_descriptor(file, whole);
  ssize_t done = -1;
  const int fate = name ? meet(has_offset ? "pwrite" : "write", name) : 0;
  if (fate != 1) {
    struct stat status;
    const int appends = fcntl(file, F_GETFL) & O_APPEND;
    off_t begins = has_offset ? offset : lseek(file, 0, SEEK_CUR);
    if (name && appends && fstat(file, &status) == 0)
      begins = status.st_size;
    if (fate == 2)
      count /= 2;
    done = has_offset ? syscall(SYS_pwrite64, file, bytes, count, offset) : syscall(SYS_write, file, bytes, count);
    const int code = errno;
    if (name && done > 0)
      note('W', inode(file), begins, name, bytes, done);
    errno = code;
    if (name)
      leave();
  }
  const int code = errno;
  pthread_mutex_unlock(&lock);
  errno = code;
  return done;
}

ssize_t write(int file, const void *bytes, size_t count) { return write_any(file, bytes, count, 0, 0); }
ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) { return write_any(file, bytes, count, offset, 1); }
ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) { return write_any(file, bytes, count, offset, 1); }

ssize_t writev(int file, const struct iovec *pieces, int count) {
  ssize_t total = 0;
  for (int i = 0; i < count; i++) {
    const ssize_t done = write_any(file, pieces[i].iov_base, pieces[i].iov_len, 0, 0);
    if (done < 0)
      return total > 0 ? total : -1;
    total += done;
    if ((size_t)done < pieces[i].iov_len)
      break;
  }
  return total;
}

// A call on a descriptor that writes no bytes.
#define ON_DESCRIPTOR(kind, call, letter, number)                                                                     \
  char whole[PATH_MAX];                                                                                               \
  pthread_mutex_lock(&lock);                                                                                          \
  begin();                                                                                                            \
  const char *name = place_of_descriptor(file, whole);                                                                \
  int result = -1;                                                                                                    \
  if (!name || !meet(kind, name)) {                                                                                   \
    result = call;                                                                                                    \
    if (name && result == 0)                                                                                          \
      note(letter, inode(file), number, name, "", 0);                                                                 \
    if (name)                                                                                                         \
      leave();                                                                                                        \
  }                                                                                                                   \
  const int code = errno;                                                                                             \
  pthread_mutex_unlock(&lock);                                                                                        \
  errno = code;                                                                                                       \
  return result;

int fsync(int file) { ON_DESCRIPTOR("fsync", (int)syscall(SYS_fsync, file), 'F', 0) }
int fdatasync(int file) { ON_DESCRIPTOR("fsync", (int)syscall(SYS_fdatasync, file), 'F', 0) }
int ftruncate(int file, off_t size) { ON_DESCRIPTOR("ftruncate", (int)syscall(SYS_ftruncate, file, size), 'T', size) }
int ftruncate64(int file, off64_t size) { ON_DESCRIPTOR("ftruncate", (int)syscall(SYS_ftruncate, file, size), 'T', size) }

// A call on one or two paths.
static int on_paths(const char *kind, char letter, int folder, const char *path, int folder2, const char *path2, int call,
                    long option) {
  char whole[PATH_MAX], whole2[PATH_MAX];
  pthread_mutex_lock(&lock);
  begin();
  const char *name = place(folder, path, whole);
  const char *name2 = path2 ? place(folder2, path2, whole2) : "";
  int result = -1;
  if (!name || !name2 || !meet(kind, name)) {
    result = path2 ? syscall(call, folder, path, folder2, path2, option) : syscall(call, folder, path, option);
    if (name && name2) {
      if (result == 0)
        note(letter, 0, 0, name, name2, strlen(name2));
      leave();
    }
  }
  const int code = errno;
  pthread_mutex_unlock(&lock);
  errno = code;
  return result;
}

int rename(const char *from, const char *to) { return on_paths("rename", 'R', AT_FDCWD, from, AT_FDCWD, to, SYS_renameat2, 0); }
int renameat(int a, const char *from, int b, const char *to) { return on_paths("rename", 'R', a, from, b, to, SYS_renameat2, 0); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) { return on_paths("rename", 'R', a, from, b, to, SYS_renameat2, flags); }
int link(const char *from, const char *to) { return on_paths("link", 'L', AT_FDCWD, from, AT_FDCWD, to, SYS_linkat, 0); }
int unlink(const char *path) { return on_paths("unlink", 'U', AT_FDCWD, path, 0, NULL, SYS_unlinkat, 0); }
int unlinkat(int folder, const char *path, int flags) { return on_paths("unlink", 'U', folder, path, 0, NULL, SYS_unlinkat, flags); }
int rmdir(const char *path) { return on_paths("unlink", 'U', AT_FDCWD, path, 0, NULL, SYS_unlinkat, AT_REMOVEDIR); }
int remove(const char *path) {
  const int result = unlink(path);
  return result != 0 && errno == EISDIR ? rmdir(path) : result;
}
int mkdir(const char *path, mode_t permissions) { return on_paths("mkdir", 'D', AT_FDCWD, path, 0, NULL, SYS_mkdirat, permissions); }
int mkdirat(int folder, const char *path, mode_t permissions) { return on_paths("mkdir", 'D', folder, path, 0, NULL, SYS_mkdirat, permissions); }
