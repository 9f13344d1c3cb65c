#ifndef BONNIE_SERVICES_DATA_ACCESS_DELIVERY_H_
#define BONNIE_SERVICES_DATA_ACCESS_DELIVERY_H_

#include "absl/functional/function_ref.h"

namespace bonnie::data_access {

// How the answers of one batch leave: whoever sends them may want to hold them together. Thread-safe.
class Delivery {
 public:
  virtual ~Delivery() = default;

  // Calls `answers` once, at once, on this thread; it answers each member of the batch.
  virtual void Deliver(absl::FunctionRef<void()> answers) = 0;
  // This thread has no further batch to go on with: answers that are held back leave now.
  virtual void Flush() = 0;
};

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_DELIVERY_H_
