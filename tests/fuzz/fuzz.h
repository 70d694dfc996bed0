#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H
#include <stddef.h>
#include <stdint.h>

/* A target, as libFuzzer calls it. It aborts when something is wrong. replay.c calls it for every
 * file of a corpus, so that what was found once is tried in every make check. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
