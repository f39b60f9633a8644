// A half-duplex line in simulated time: who talks when, byte by byte, and what two at once do to
// each other. A byte takes ten bits (8N1) and is heard at its end.
#pragma once

#include <cstdint>
#include <vector>

#include "handloop/bus/byte_queue.hpp"
#include "handloop/bus/virtual/line_faults.hpp"
#include "handloop/bus/virtual/virtual_servo.hpp"

namespace handloop::bus::virtual_servo {

inline constexpr std::int64_t byte_time(std::uint32_t baud) { return 10'000'000'000 / baud; }

class Line {
 public:
  static constexpr int kHost = -1;

  struct Heard {
    int speaker = kHost;
    std::uint8_t byte = 0;
    std::uint32_t baud = 0;
    std::int64_t begin = 0, end = 0;  // [ns]
    bool last = false;                // of what the speaker has to say
    bool clean = true;                // nothing of it, up to here, has met another's byte
    Bytes said;                       // all of it so far, as it was meant
  };

  explicit Line(std::size_t servos) : talks_(servos + 1) {
    for (Talk& talk : talks_) talk.bytes.reserve(kReserved);
    talking_.reserve(servos + 1);
  }

  // From `now` on, or behind what the same speaker is still saying.
  void talk(int speaker, Bytes bytes, std::uint32_t baud, std::int64_t now) {
    if (bytes.empty()) return;
    Talk& t = of(speaker);
    if (!t.active()) {
      t = {.bytes = std::move(t.bytes), .begin = now, .time = byte_time(baud), .baud = baud};
      t.bytes.clear();
      talking_.push_back(speaker);
    }
    t.bytes.insert(t.bytes.end(), bytes.begin(), bytes.end());
  }

  // In the middle of a byte, as one who loses its power does. Nobody hears an end.
  void hang_up(int speaker, std::int64_t now) {
    if (!of(speaker).active()) return;
    of(speaker).bytes.resize(of(speaker).said);
    stop_talking(speaker, now);
  }

  // When the next byte ends.
  std::int64_t next() const {
    std::int64_t first = kNever;
    for (const int speaker : talking_) first = std::min(first, of(speaker).byte_end());
    return first;
  }

  // The byte that ends next. There must be one.
  Heard hear(LineFaults& faults) {
    const int speaker = earliest();
    Talk& t = of(speaker);
    const std::int64_t end = t.byte_end(), begin = end - t.time;
    const bool met = meets(speaker, begin, end);
    t.clean = t.clean && !met;
    const std::uint8_t byte = t.bytes[t.said];
    ++t.said;
    const bool last = !t.active();
    if (last) stop_talking(speaker, end);
    return {speaker, met ? faults.collide(byte) : byte, t.baud, begin, end, last,
            t.clean, Bytes(t.bytes).first(t.said)};
  }

 private:
  static constexpr std::size_t kReserved = 8192;

  struct Talk {
    std::vector<std::uint8_t> bytes;
    std::int64_t begin = 0, time = 0;  // [ns], time: of one byte
    std::uint32_t baud = 0;
    std::size_t said = 0;
    bool clean = true;

    bool active() const { return said < bytes.size(); }
    std::int64_t byte_end() const { return begin + static_cast<std::int64_t>(said + 1) * time; }
    std::int64_t end() const { return begin + static_cast<std::int64_t>(bytes.size()) * time; }
  };

  Talk& of(int speaker) { return talks_[static_cast<std::size_t>(speaker + 1)]; }
  const Talk& of(int speaker) const { return talks_[static_cast<std::size_t>(speaker + 1)]; }

  int earliest() const {
    return *std::min_element(talking_.begin(), talking_.end(),
                             [this](int a, int b) { return of(a).byte_end() < of(b).byte_end(); });
  }

  bool meets(int speaker, std::int64_t begin, std::int64_t end) const {
    if (stopped_ != speaker && stopped_at_ > begin) return true;
    return std::any_of(talking_.begin(), talking_.end(), [&](int other) {
      return other != speaker && of(other).begin < end && of(other).end() > begin;
    });
  }

  void stop_talking(int speaker, std::int64_t at) {
    std::erase(talking_, speaker);
    stopped_ = speaker;
    stopped_at_ = at;
  }

  std::vector<Talk> talks_;
  std::vector<int> talking_;
  int stopped_ = kHost;          // who fell silent last
  std::int64_t stopped_at_ = 0;  // [ns]
};

}  // namespace handloop::bus::virtual_servo
