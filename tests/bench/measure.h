// What the load clients share: a clock, a loud end, and the one line of figures that run reads.
// SPDX-License-Identifier: MIT
#pragma once

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline void die(const char* what) {
  fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
  exit(1);
}

// Seconds on a clock that nobody sets.
static inline double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline int compare_doubles(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

// Requests per second over `seconds`, and percentiles of the latencies, which it sorts.
static inline void print_figures(double seconds, double* latencies, long count) {
  qsort(latencies, (size_t)count, sizeof *latencies, compare_doubles);
  const long last = count - 1;
  printf("count=%ld rate=%.1f p50_us=%.1f p95_us=%.1f p99_us=%.1f max_us=%.1f\n", count,
         (double)count / seconds, latencies[last / 2] * 1e6, latencies[last * 95 / 100] * 1e6,
         latencies[last * 99 / 100] * 1e6, latencies[last] * 1e6);
}

// Puts the digits of `number` where the run of `mark` is, if there is one.
static inline void number_it(char* text, char mark, long number) {
  char* first = strchr(text, mark);
  if (!first) return;
  char* end = first;
  while (*end == mark) end++;
  for (; end > first; number /= 10) *--end = (char)('0' + number % 10);
}
