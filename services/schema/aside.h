#ifndef BONNIE_SERVICES_SCHEMA_ASIDE_H_
#define BONNIE_SERVICES_SCHEMA_ASIDE_H_

#include <future>
#include <system_error>
#include <utility>

namespace bonnie::schema {

// Runs `work` on a thread of its own while this one goes on; on this one, once its answer is wanted, where the system
// has no more threads. The future's destructor waits for it.
template <class Work>
auto Aside(Work work) {
  try {
    return std::async(std::launch::async, work);
  } catch (const std::system_error&) {
    return std::async(std::launch::deferred, std::move(work));
  }
}

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ASIDE_H_
