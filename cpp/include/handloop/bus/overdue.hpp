// An answer of several servos that was given up. No packet says which request it answers, so one
// that comes after all must be told from the answer to the next request by who speaks in it.
#pragma once

#include <cstdint>

namespace handloop::bus {

class Overdue {
 public:
  // It would begin with the servo that was not waited for any longer, and end with the last one.
  // Of several in one cycle the oldest comes first.
  void begin(std::uint8_t first, std::uint8_t last) {
    if (state_ != State::kNone && !old_) return;
    old_ = false;
    first_ = first;
    last_ = last;
    state_ = State::kAwaited;
  }

  // A cycle is over.
  void age() { old_ = true; }
  // Another request ends what has begun to come.
  void cut() {
    if (state_ == State::kComes) state_ = State::kNone;
  }

  // Whether what this servo says belongs to it. `asked`: who is to answer first now; where it is
  // the same one, nobody can tell.
  bool takes(std::uint8_t id, std::uint8_t asked) {
    if (state_ == State::kNone) return false;
    const bool comes = state_ == State::kComes || (id == first_ && id != asked);
    state_ = comes && id != last_ ? State::kComes : State::kNone;
    return comes;
  }

 private:
  enum class State : std::uint8_t { kNone, kAwaited, kComes };
  State state_ = State::kNone;
  bool old_ = false;
  std::uint8_t first_ = 0, last_ = 0;  // ids
};

}  // namespace handloop::bus
