// A serial port that somebody else has opened and set up (pyserial, in Python), driven natively.
#pragma once

#include <poll.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "handloop/bus/wire.hpp"

namespace handloop::bus {

class SerialWire final : public Wire {
 public:
  // The descriptor stays its owner's, must outlive the wire, and is to be non-blocking.
  SerialWire(int descriptor, int baud)
      : descriptor_(descriptor), byte_time_(10'000'000'000LL / std::max(baud, 1)) {}

  std::int64_t now() const override {
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
  }
  std::int64_t byte_time() const override { return byte_time_; }

  bool send(Bytes bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
      if (count > 0) {
        bytes = bytes.subspan(static_cast<std::size_t>(count));
      } else if (count < 0 && errno != EAGAIN && errno != EINTR) {
        return false;
      } else if (!ready(POLLOUT, now() + kSendPatience)) {
        return false;
      }
    }
    return true;
  }

  std::ptrdiff_t receive(std::span<std::uint8_t> room, std::int64_t deadline) override {
    while (true) {
      const bool due = ready(POLLIN, deadline);
      const ssize_t count = ::read(descriptor_, room.data(), room.size());
      if (count > 0) return count;
      // An unplugged adapter is always ready, and has nothing to say.
      if (count == 0 ? due : errno != EAGAIN && errno != EINTR) return -1;
      if (!due) return 0;
    }
  }

  bool real_time() const override { return true; }
  void discard() override { ::tcflush(descriptor_, TCIFLUSH); }

 private:
  static constexpr std::int64_t kSendPatience = 100'000'000;  // [ns]

  // Waits for the event; false: the deadline came first.
  bool ready(short event, std::int64_t deadline) const {
    while (true) {
      const std::int64_t left = std::max<std::int64_t>(deadline - now(), 0);
      const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
      pollfd p{descriptor_, event, 0};
      const int count = ::ppoll(&p, 1, &timeout, nullptr);
      if (count >= 0) return count > 0;
      if (errno != EINTR) return true;  // the call that follows says what is wrong
    }
  }

  int descriptor_;
  std::int64_t byte_time_;
};

}  // namespace handloop::bus
