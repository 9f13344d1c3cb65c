#ifndef BONNIE_TESTS_FUZZ_CHECK_H_
#define BONNIE_TESTS_FUZZ_CHECK_H_

#include <cstdlib>
#include <iostream>

// Ends a fuzz target's program when something that always holds does not.
#define FUZZ_CHECK(condition)                                                                  \
  do {                                                                                         \
    if (!(condition)) {                                                                        \
      std::cerr << __FILE__ << ":" << __LINE__ << ": does not hold: " #condition << std::endl; \
      std::abort();                                                                            \
    }                                                                                          \
  } while (false)

#endif  // BONNIE_TESTS_FUZZ_CHECK_H_
