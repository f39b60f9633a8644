// Who was silent in one cycle on a line. It is theirs only where others are heard in the same
// cycle: else it may be the silence of the line, or of a busy machine.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace handloop::bus {

class Suspects {
 public:
  void clear() {
    count_ = 0;
    heard_ = false;
  }
  void hear() { heard_ = true; }
  // Servo `i` of the group, with those behind it, did not answer.
  void add(std::size_t i) { servo_[count_++] = i; }

  bool heard() const { return heard_; }  // anybody
  // Whether to ask no further. Where nobody is heard one is left out, because it may have silenced
  // all others; not even that where the line was silent in the cycle before.
  bool full(bool was_silent) const { return count_ >= (heard_ ? kMost : was_silent ? 1 : 2); }
  std::span<const std::size_t> all() const { return {servo_.data(), count_}; }

 private:
  // Each costs the cycle the patience: enough for a finger of four that is unplugged.
  static constexpr std::size_t kMost = 5;

  std::array<std::size_t, kMost> servo_{};
  std::size_t count_ = 0;
  bool heard_ = false;
};

}  // namespace handloop::bus
