// A wire to virtual servos in lockstep: the clock is theirs, and moves only while the host sends or
// waits.
#pragma once

#include "handloop/bus/virtual/virtual_bus.hpp"
#include "handloop/bus/wire.hpp"

namespace handloop::bus::virtual_servo {

class PipeWire final : public Wire {
 public:
  explicit PipeWire(VirtualBus& bus) : bus_(bus) {}

  std::int64_t now() const override { return bus_.now(); }
  std::int64_t byte_time() const override { return virtual_servo::byte_time(bus_.host_baud()); }

  // Comes back when the last byte has left.
  bool send(Bytes bytes) override {
    const auto size = static_cast<std::int64_t>(bytes.size());
    const std::int64_t sent = bus_.now() + size * byte_time();
    bus_.send(bytes);
    bus_.advance(sent);
    return true;
  }

  std::ptrdiff_t receive(std::span<std::uint8_t> room, std::int64_t deadline) override {
    bus_.advance_to_answer(deadline);
    return static_cast<std::ptrdiff_t>(bus_.take(room));
  }

  void discard() override { bus_.forget_answers(); }

 private:
  VirtualBus& bus_;
};

}  // namespace handloop::bus::virtual_servo
