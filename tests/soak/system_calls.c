/* Lets system calls on the files of a journal fail. Preloaded into a training by system_calls.py.
 *
 * FAULT names the call: write, short (a write of half the bytes), fsync, fdatasync, close, rename, unlink, read, or link
 * (no hard links at all). It fails FAULT_TIMES times with FAULT_ERROR, after FAULT_AFTER calls that worked. A file is
 * one of a journal if its path contains JOURNAL. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define JOURNAL "envcfg-soak/"
#define REAL(name) __typeof__(name) *real = dlsym(RTLD_NEXT, #name)

static const char *fault;
static long calls, after, times;
static int error;

__attribute__((constructor)) static void begin(void) {
    fault = getenv("FAULT");
    if (!fault) return;
    after = atol(getenv("FAULT_AFTER"));
    times = atol(getenv("FAULT_TIMES"));
    error = atoi(getenv("FAULT_ERROR"));
}

static int is_ours(int file) {
    char path[512], link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, JOURNAL) != NULL;
}

static int fails(const char *call) {
    if (!fault || strcmp(fault, call)) return 0;
    long number = calls++;
    if (number < after || number >= after + times) return 0;
    errno = error;
    return 1;
}

static int is(const char *call) { return fault && !strcmp(fault, call); }

ssize_t write(int file, const void *bytes, size_t count) {
    REAL(write);
    if (count && is("write") && is_ours(file) && fails("write")) return -1;
    if (count && is("short") && is_ours(file) && fails("short")) return real(file, bytes, count / 2);
    return real(file, bytes, count);
}

ssize_t read(int file, void *bytes, size_t count) {
    REAL(read);
    return is("read") && is_ours(file) && fails("read") ? -1 : real(file, bytes, count);
}

int fsync(int file) {
    REAL(fsync);
    return is("fsync") && is_ours(file) && fails("fsync") ? -1 : real(file);
}

int fdatasync(int file) {
    REAL(fdatasync);
    return is("fdatasync") && is_ours(file) && fails("fdatasync") ? -1 : real(file);
}

int close(int file) {
    REAL(close);
    int is_hit = is("close") && is_ours(file) && fails("close");
    int status = real(file);
    if (!is_hit) return status;
    errno = error;
    return -1;
}

int rename(const char *from, const char *to) {
    REAL(rename);
    return strstr(to, JOURNAL) && fails("rename") ? -1 : real(from, to);
}

int unlink(const char *path) {
    REAL(unlink);
    return strstr(path, JOURNAL) && fails("unlink") ? -1 : real(path);
}

int link(const char *from, const char *to) {
    REAL(link);
    return fails("link") ? -1 : real(from, to);
}
