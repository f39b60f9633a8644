// The blocks of registers that several servos are asked for, cycle after cycle, and their answers.
#pragma once

#include <stdexcept>

#include "handloop/bus/registers.hpp"

namespace handloop::bus {

inline constexpr std::size_t kMaxBlock = 64;  // bytes of each servo of a group

enum class Outcome : std::uint8_t {
  kAnswered,
  kSilent,    // no answer in time
  kDamaged,   // an answer came, but not in one piece
  kSkipped,   // was silent before, and is asked again only now and then
  kNotAsked,  // too many others were silent, or the family cannot say it
  kGone       // the line is gone: unplugged
};

// One servo's answer. The data stay those of the last good one, which came at `time`.
struct Reading {
  Outcome outcome = Outcome::kNotAsked;
  std::uint8_t refusal = 0, alarms = 0;  // see Reply
  std::int64_t time = 0;                 // [ns], the wire's clock; 0: never
  std::array<std::uint8_t, kMaxBlock> data{};
};

class Group {
 public:
  // Throws std::invalid_argument where there are too many servos, twice the same, or too long
  // blocks.
  explicit Group(std::span<const Registers> servos) : size_(servos.size()) {
    if (size_ == 0 || size_ > kMaxServos) {
      throw std::invalid_argument("a group has 1 to 64 servos");
    }
    for (std::size_t i = 0; i < size_; ++i) {
      if (servos[i].size == 0 || servos[i].size > kMaxBlock) {
        throw std::invalid_argument("a group reads 1 to 64 bytes of each servo");
      }
      if (find(servos[i].id, i) < i) {
        throw std::invalid_argument("a group has each servo once");
      }
      servo_[i] = {servos[i].id, servos[i].address, servos[i].size, {}};
    }
  }

  std::size_t size() const { return size_; }
  const Registers& servo(std::size_t i) const { return servo_[i]; }
  const Reading& reading(std::size_t i) const { return reading_[i]; }
  Bytes data(std::size_t i) const { return Bytes(reading_[i].data).first(servo_[i].size); }
  // Those that are skipped are asked again.
  void forgive() {
    silences_.fill(0);
    mute_ = false;
  }

 private:
  friend class Line;

  // The one with this id among the first `count`; `count` where there is none.
  std::size_t find(std::uint8_t id, std::size_t count) const {
    std::size_t i = 0;
    while (i < count && servo_[i].id != id) ++i;
    return i;
  }

  std::size_t size_;
  std::array<Registers, kMaxServos> servo_{};
  std::array<Reading, kMaxServos> reading_{};
  std::array<int, kMaxServos> silences_{};  // in a row, while others were heard
  std::size_t first_ = 0;                   // who is asked first
  bool mute_ = false;                       // nobody answered in the last cycle
};

}  // namespace handloop::bus
