// Who was silent in one cycle on a line, and of whom that is proven.
//
// A servo's silence is its own where others are heard right before it or at any time after it. Else
// it may be that of the line, or of a busy machine.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace handloop::bus {

class Suspects {
 public:
  void clear() {
    count_ = quiet_ = 0;
    heard_ = false;
  }
  void hear() {
    heard_ = true;
    quiet_ = 0;
  }
  // Servo `i` of the group, with those behind it, did not answer.
  void add(std::size_t i) {
    servo_[count_++] = i;
    ++quiet_;
  }

  bool heard() const { return heard_; }  // anybody
  // Whether to ask no further. Where nobody is heard one is left out, because it may have silenced
  // all others; not even that where the line was silent in the cycle before.
  bool full(bool was_silent) const { return count_ >= (heard_ ? kMost : was_silent ? 1 : 2); }

  std::span<const std::size_t> all() const { return {servo_.data(), count_}; }
  std::span<const std::size_t> proven() const {
    if (!heard_) return {};
    return all().first(count_ - (quiet_ > 1 ? quiet_ - 1 : 0));
  }

 private:
  static constexpr std::size_t kMost = 4;  // that are worked around in one cycle

  std::array<std::size_t, kMost> servo_{};
  std::size_t count_ = 0, quiet_ = 0;  // all; the last ones, with nobody heard between
  bool heard_ = false;
};

}  // namespace handloop::bus
