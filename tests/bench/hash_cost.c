// What verifications cost by themselves, in the reference library on one thread or several: no
// daemon that verifies each request can be faster than all cores are here. Usage: hash_cost COUNT
// MEMORY_KIB PASSES [THREADS]; each thread verifies COUNT / THREADS times. Built with: gcc -O2
// -pthread, -largon2 SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <argon2.h>
#include <pthread.h>

#include "measure.h"

enum { max_threads = 256 };

static const char password[] = "abcd-efgh-ijkl-mnop";
static const char salt[] = "0123456789abcdef";
static char stored[256];
static long each;

static void* verify(void* nothing) {
  for (long i = 0; i < each; i++)
    if (argon2id_verify(stored, password, sizeof password - 1) != ARGON2_OK) die("argon2id_verify");
  return nothing;
}

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) return 2;
  const int threads = argc == 5 ? atoi(argv[4]) : 1;
  if (threads < 1 || threads > max_threads) return 2;
  each = atol(argv[1]) / threads;
  if (argon2id_hash_encoded((uint32_t)atol(argv[3]), (uint32_t)atol(argv[2]), 1, password,
                            sizeof password - 1, salt, sizeof salt - 1, 32, stored,
                            sizeof stored) != ARGON2_OK)
    die("argon2id_hash_encoded");
  pthread_t others[max_threads];
  const double begin = now();
  for (int i = 1; i < threads; i++)
    if (pthread_create(&others[i], NULL, verify, NULL) != 0) die("pthread_create");
  verify(NULL);
  for (int i = 1; i < threads; i++) pthread_join(others[i], NULL);
  const double seconds = now() - begin;
  printf("count=%ld rate=%.1f us=%.2f\n", each * threads, (double)(each * threads) / seconds,
         seconds / (double)each * 1e6);
  return 0;
}
