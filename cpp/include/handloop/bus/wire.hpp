// A half-duplex line to servos, as the bus sees it: a serial port, or virtual servos in lockstep.
#pragma once

#include <cstddef>

#include "handloop/bus/byte_queue.hpp"

namespace handloop::bus {

class Wire {
 public:
  Wire() = default;
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  virtual ~Wire() = default;

  // The clock of what is at the other end: monotonic on hardware, simulated in lockstep.
  virtual std::int64_t now() const = 0;  // [ns]
  // How long one byte takes on the line; 0 where that is not known.
  virtual std::int64_t byte_time() const = 0;  // [ns]
  // Hands over all bytes, at once or not at all. False: the line is gone.
  virtual bool send(Bytes bytes) = 0;
  // Waits until at least one byte is there or `deadline` has passed, and takes what is there.
  // Returns how many; -1: the line is gone.
  virtual std::ptrdiff_t receive(std::span<std::uint8_t> room, std::int64_t deadline) = 0;
  // Lets time pass where it is simulated; a real clock goes on by itself.
  virtual void pass_until(std::int64_t /*time*/) {}
  virtual bool real_time() const { return false; }
  // Forgets what has come in and nobody has taken.
  virtual void discard() = 0;
};

}  // namespace handloop::bus
