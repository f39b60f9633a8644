// A request on a wire and what comes back: when it has left, and until when an answer is waited
// for.
#pragma once

#include <algorithm>

#include "handloop/bus/protocol.hpp"
#include "handloop/bus/wire.hpp"

namespace handloop::bus {

enum class Wait : std::uint8_t { kBytes, kTimeout, kGone };

class Exchange {
 public:
  // `pause`: [ns], the longest between two bytes of an answer, or before its first one.
  Exchange(Wire& wire, Protocol& protocol, std::int64_t pause)
      : wire_(wire), protocol_(protocol), pause_(pause) {}

  Wire& wire() { return wire_; }
  Protocol& protocol() { return protocol_; }

  // False: the line is gone. A port takes bytes at once and sends them one after the other, also
  // those of earlier requests.
  bool send(Bytes request) {
    const auto size = static_cast<std::int64_t>(request.size());
    left_ = std::max(left_, wire_.now()) + size * wire_.byte_time();
    return wire_.send(request);
  }

  // Sends what these servos are to answer. What came in before is forgotten.
  bool ask(Bytes request, std::span<const Registers> asked, bool fast) {
    wire_.discard();
    protocol_.expect(asked, fast);
    const bool sent = send(request);
    const auto theirs = static_cast<std::int64_t>(protocol_.reply_size(asked, fast));
    deadline_ = left_ + pause_;
    // Noise without an end must not hold the loop for ever; twice the bytes allows for stuffing.
    last_deadline_ =
        left_ + 2 * theirs * wire_.byte_time() + static_cast<std::int64_t>(asked.size()) * pause_;
    return sent;
  }

  // Every byte that comes renews the patience: the next one follows at once, or after the delay of
  // the next servo.
  Wait wait() {
    const Wait end = wait_until(deadline_);
    const std::int64_t now = wire_.now();
    deadline_ = std::min(now + pause_, last_deadline_);
    return end == Wait::kBytes && now >= last_deadline_ ? Wait::kTimeout : end;
  }

  Wait wait_until(std::int64_t deadline) {
    ByteQueue& queue = protocol_.queue();
    const std::ptrdiff_t count = wire_.receive(queue.room(), deadline);
    if (count < 0) return Wait::kGone;
    if (count == 0) return Wait::kTimeout;
    queue.filled(static_cast<std::size_t>(count));
    return Wait::kBytes;
  }

 private:
  Wire& wire_;
  Protocol& protocol_;
  std::int64_t pause_;
  std::int64_t left_ = 0;  // [ns], when the last byte of ours has left
  std::int64_t deadline_ = 0, last_deadline_ = 0;
};

}  // namespace handloop::bus
