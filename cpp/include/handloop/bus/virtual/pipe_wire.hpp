// A wire to virtual servos in lockstep: the clock is theirs, and moves only while the host waits.
#pragma once

#include "handloop/bus/virtual/virtual_world.hpp"
#include "handloop/bus/wire.hpp"

namespace handloop::bus::virtual_servo {

class PipeWire final : public Wire {
 public:
  PipeWire(VirtualWorld& world, std::size_t bus) : world_(world), bus_(world.bus(bus)) {}

  std::int64_t now() const override { return world_.now(); }
  std::int64_t byte_time() const override { return virtual_servo::byte_time(bus_.host_baud()); }

  // Comes back at once, as a serial port does; the bytes take their time on the line.
  bool send(Bytes bytes) override {
    bus_.send(bytes);
    return true;
  }

  std::ptrdiff_t receive(std::span<std::uint8_t> room, std::int64_t deadline) override {
    world_.advance_to_answer(bus_, deadline);
    return static_cast<std::ptrdiff_t>(bus_.take(room));
  }

  void pass_until(std::int64_t time) override { world_.advance(time); }
  void discard() override { bus_.forget_answers(); }

 private:
  VirtualWorld& world_;
  VirtualBus& bus_;
};

}  // namespace handloop::bus::virtual_servo
