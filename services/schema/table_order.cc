#include "services/schema/table_order.h"

#include <map>
#include <string>

namespace bonnie::schema {

namespace {

// A table that is not in the order yet.
struct Waiting {
  const Table* table = nullptr;
  std::set<std::string> parents;  // that are not in it either
};

// Takes tables out of those that wait, those without parents first.
class Orderer {
 public:
  explicit Orderer(const std::vector<const Table*>& tables) {
    for (const Table* table : tables) waiting_[table->name].table = table;
    for (auto& [name, waiting] : waiting_) {
      for (const ForeignKey& key : waiting.table->foreign_keys) {
        if (Counts(key, name)) waiting.parents.insert(key.referenced_table);
      }
      for (const std::string& parent : waiting.parents) children_[parent].push_back(name);
      by_parents_.emplace(waiting.parents.size(), name);
    }
  }

  TableOrder Order() {
    // In a cycle nobody is without parents: then who has the fewest goes first.
    while (!by_parents_.empty()) Take(by_parents_.begin()->second);
    return std::move(order_);
  }

 private:
  bool Counts(const ForeignKey& key, const std::string& table) const {
    return key.referenced_schema.empty() && key.referenced_table != table && waiting_.count(key.referenced_table) > 0;
  }

  void Take(const std::string name) {
    const auto taken = waiting_.find(name);
    for (const ForeignKey& key : taken->second.table->foreign_keys) {
      if (Counts(key, name)) order_.closing.insert(&key);
    }
    order_.parents_first.push_back(taken->second.table);
    by_parents_.erase({taken->second.parents.size(), name});
    waiting_.erase(taken);
    for (const std::string& child : children_[name]) {
      const auto waits = waiting_.find(child);
      if (waits == waiting_.end()) continue;
      by_parents_.erase({waits->second.parents.size(), child});
      waits->second.parents.erase(name);
      by_parents_.emplace(waits->second.parents.size(), child);
    }
  }

  std::map<std::string, Waiting> waiting_;
  std::map<std::string, std::vector<std::string>> children_;
  std::set<std::pair<size_t, std::string>> by_parents_;
  TableOrder order_;
};

}  // namespace

TableOrder OrderTables(const std::vector<const Table*>& tables) { return Orderer(tables).Order(); }

}  // namespace bonnie::schema
