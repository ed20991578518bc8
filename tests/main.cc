// The unit suite: doctest's main(), and nothing else. Tests mirror the tree:
// tests/<room>/<file>_test.cc.
// SPDX-License-Identifier: MIT

#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
