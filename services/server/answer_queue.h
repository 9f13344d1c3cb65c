#ifndef BONNIE_SERVICES_SERVER_ANSWER_QUEUE_H_
#define BONNIE_SERVICES_SERVER_ANSWER_QUEUE_H_

#include <atomic>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "services/data_access/delivery.h"

namespace bonnie::server {

class UnaryCall;

// Answers of merged reads on their way out: finished by a database thread, sent by gRPC's own threads.
//
// Sending from a foreign thread costs twice what it costs a polling thread, which has the connection's state at hand
// and need not be woken for each answer. So the database thread sends the first answer of a batch, which brings a
// polling thread here (UnaryCall::OnDone), and reads the next batch meanwhile. Every call that arrives or ends sends
// what is held; before its next batch is answered, and before it sleeps, the database thread sends what is still there,
// so that no answer waits longer than one statement for anybody.
//
// Thread-safe. Calls that are held live until they are sent.
class AnswerQueue final : public data_access::Delivery {
 public:
  ~AnswerQueue() override = default;

  // Holds the answers that UnaryCall::Finish is given within `answers`.
  void Deliver(absl::FunctionRef<void()> answers) override ABSL_LOCKS_EXCLUDED(mu_);
  // Sends all that are held, on this thread.
  void Flush() override ABSL_LOCKS_EXCLUDED(mu_);

  // For UnaryCall::Finish: takes the call when this thread is within Deliver. False: send it now.
  static bool Hold(UnaryCall* call);

 private:
  std::atomic<int> held_{0};  // lets a call that finds none go by without the lock
  absl::Mutex mu_;
  std::vector<UnaryCall*> calls_ ABSL_GUARDED_BY(mu_);
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_ANSWER_QUEUE_H_
