#include "host/clock.h"

#include "host/libc.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#ifdef __aarch64__
#define KERNELS_NAME "__kernel_clock_gettime"
#else
#define KERNELS_NAME "__vdso_clock_gettime"
#endif

typedef int (*reader)(clockid_t clock, struct timespec *now);

/* The kernel's, where it has one: libfaketime's clock may stand still, and a
 * wait on it would never end. */
static reader choose_reader(void) {
  void *found = libc_kernel_function(KERNELS_NAME);
  reader chosen = clock_gettime;

  if (found)
    memcpy(&chosen, &found, sizeof(chosen));
  return chosen;
}

/* A sandbox may refuse it, where there is no vDSO: then the date, or nothing
 * would ever be due. */
static int64_t read_ms(clockid_t clock) {
  static _Atomic(reader) known;
  reader read = atomic_load_explicit(&known, memory_order_relaxed);
  struct timespec now;

  if (!read) {
    read = choose_reader();
    atomic_store_explicit(&known, read, memory_order_relaxed);
  }
  if (read(clock, &now))
    return (int64_t)time(NULL) * 1000;
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_now_ms(void) { return read_ms(CLOCK_MONOTONIC); }

int64_t clock_about_now_ms(void) { return read_ms(CLOCK_MONOTONIC_COARSE); }

int64_t clock_date_s(void) { return time(NULL); }
