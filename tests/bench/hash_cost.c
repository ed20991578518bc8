// What one verification of a benchmark's cheap row costs by itself, in the reference library on one
// thread: no daemon that verifies each request can be faster than the cores divided by this.
// Usage: hash_cost COUNT MEMORY_KIB PASSES. Built with: gcc -O2, -largon2
// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <argon2.h>

#include "measure.h"

int main(int argc, char** argv) {
  static const char password[] = "abcd-efgh-ijkl-mnop";
  static const char salt[] = "0123456789abcdef";
  char stored[256];
  if (argc != 4) return 2;
  const long count = atol(argv[1]);
  const size_t size = sizeof password - 1;
  if (argon2id_hash_encoded((uint32_t)atol(argv[3]), (uint32_t)atol(argv[2]), 1, password, size,
                            salt, sizeof salt - 1, 32, stored, sizeof stored) != ARGON2_OK)
    die("argon2id_hash_encoded");
  const double begin = now();
  for (long i = 0; i < count; i++)
    if (argon2id_verify(stored, password, size) != ARGON2_OK) die("argon2id_verify");
  const double seconds = now() - begin;
  printf("count=%ld rate=%.1f us=%.2f\n", count, (double)count / seconds,
         seconds / (double)count * 1e6);
  return 0;
}
