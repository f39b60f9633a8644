// Says who works with a plant or a controller, so that no two threads ever do at once.
#pragma once

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "handloop/controller.hpp"
#include "handloop/plant.hpp"

namespace handloop {

// Held by a loop from its start until its thread is joined, by an episode while it runs, and by a
// caller who changes or copies something for as long as that takes. Never taken inside a tick.
class Claim {
 public:
  enum class By { kLoop, kCaller };

  // Throw std::runtime_error when another claim is held on the same object.
  Claim(const Plant& plant, By by) : Claim(&plant, "plant", by) {}
  Claim(const Controller& controller, By by) : Claim(&controller, "controller", by) {}
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

  ~Claim() {
    Register& all = held();
    const std::lock_guard lock(all.mutex);
    std::erase_if(all.entries, [this](const Entry& e) { return e.object == object_; });
  }

 private:
  struct Entry {
    const void* object;
    By by;
  };
  struct Register {
    std::mutex mutex;
    std::vector<Entry> entries;
  };

  Claim(const void* object, const char* name, By by) : object_(object) {
    Register& all = held();
    const std::lock_guard lock(all.mutex);
    const auto other = std::find_if(all.entries.begin(), all.entries.end(),
                                    [object](const Entry& e) { return e.object == object; });
    if (other == all.entries.end()) {
      all.entries.push_back({object, by});
      return;
    }
    throw std::runtime_error(std::string("the ") + name +
                             (other->by == By::kLoop
                                  ? " is driven by a running loop; stop() the loop first"
                                  : " is in use by another thread; wait until that is done"));
  }

  static Register& held() {
    static Register all;
    return all;
  }

  const void* object_;
};

// On both ends of a loop.
struct Claims {
  Claims(const Plant& p, const Controller& c, Claim::By by) : plant(p, by), controller(c, by) {}
  Claim plant, controller;
};

}  // namespace handloop
