// A host in lockstep with virtual servos: asks, waits and takes answers apart.
#pragma once

#include <doctest/doctest.h>

#include <initializer_list>
#include <utility>

#include "handloop/bus/virtual/dynamixel_models.hpp"
#include "handloop/bus/virtual/feetech_models.hpp"
#include "handloop/bus/virtual/pipe_wire.hpp"
#include "wire_support.hpp"

namespace handloop::testing {

// The same block of several servos; `data`: of one after the other.
inline std::vector<bus::Registers> blocks(std::uint16_t address, std::uint16_t size, bus::Bytes ids,
                                          bus::Bytes data = {}) {
  std::vector<bus::Registers> all;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    all.push_back({ids[i], address, size, data.empty() ? data : data.subspan(i * size, size)});
  }
  return all;
}

// Dynamixel's requests, with numbers where the library takes blocks of registers.
namespace dxl {
using namespace bus::dynamixel;
using BulkItem = bus::Registers;

inline bus::Bytes read(PacketWriter& w, std::uint8_t id, std::uint16_t address,
                       std::uint16_t size) {
  return bus::dynamixel::read(w, {id, address, size, {}});
}
inline bus::Bytes write(PacketWriter& w, std::uint8_t id, std::uint16_t address, bus::Bytes data) {
  return bus::dynamixel::write(w, {id, address, static_cast<std::uint16_t>(data.size()), data});
}
inline bus::Bytes reg_write(PacketWriter& w, std::uint8_t id, std::uint16_t address,
                            bus::Bytes data) {
  return bus::dynamixel::reg_write(w, {id, address, static_cast<std::uint16_t>(data.size()), data});
}
inline bus::Bytes sync_read(PacketWriter& w, std::uint16_t address, std::uint16_t size,
                            bus::Bytes ids, bool fast = false) {
  return bus::dynamixel::sync_read(w, blocks(address, size, ids), fast);
}
inline bus::Bytes sync_write(PacketWriter& w, std::uint16_t address, std::uint16_t size,
                             bus::Bytes ids, bus::Bytes data) {
  return bus::dynamixel::sync_write(w, blocks(address, size, ids, data));
}
}  // namespace dxl
namespace vs = bus::virtual_servo;
using bus::Bytes;
using vs::Role;

inline constexpr std::int64_t kMs = 1'000'000;  // [ns]
inline constexpr std::uint32_t kBaud = 1'000'000;

inline vs::VirtualBusConfig bus_of(const vs::ServoModel& model, const Octets& ids,
                                   double voltage = 12.0) {
  vs::VirtualBusConfig config;
  for (const std::uint8_t id : ids) {
    config.servos.push_back({.model = model, .id = id, .baud = kBaud, .position = 0.0});
  }
  config.supply_voltage = voltage;
  config.host_baud = kBaud;
  return config;
}
inline vs::VirtualBusConfig x430_bus(const Octets& ids) { return bus_of(vs::x430_model(), ids); }
inline vs::VirtualBusConfig x330_bus(const Octets& ids) {
  return bus_of(vs::x330_model(), ids, 5.0);
}

inline Octets number(std::int64_t value, std::size_t size) {
  Octets bytes(size);
  for (std::size_t i = 0; i < std::min(size, sizeof value); ++i) {
    bytes[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> 8 * i);
  }
  return bytes;
}

struct Status {
  int id = -1;  // -1: nobody answered
  dxl::Error error{};
  bool alert = false;
  Octets data;
};

class Host {
 public:
  explicit Host(const vs::VirtualBusConfig& config)
      : bus(world.add(std::make_unique<vs::VirtualBus>(config))), wire(world, 0) {}

  // All that comes back within `wait`.
  Octets raw(Bytes request, std::int64_t wait = 20 * kMs) {
    wire.discard();
    wire.send(request);
    world.advance(wire.now() + static_cast<std::int64_t>(request.size()) * wire.byte_time());
    Octets answer;
    std::array<std::uint8_t, 4096> room;
    const std::int64_t deadline = wire.now() + wait;
    while (wire.now() < deadline) {
      const auto count = static_cast<std::size_t>(wire.receive(room, deadline));
      answer.insert(answer.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(count));
    }
    return answer;
  }
  std::vector<Status> all(Bytes request, std::int64_t wait = 20 * kMs) {
    dxl::Parser parser;
    parser.queue().push(raw(request, wait));
    std::vector<Status> answers;
    while (const auto p = parser.next(true)) {
      answers.push_back({p->id, p->error(), p->alert(), octets(p->data())});
    }
    return answers;
  }
  Status one(Bytes request) {
    const auto answers = all(request, 3 * kMs);
    REQUIRE(answers.size() <= 1);
    return answers.empty() ? Status{} : answers[0];
  }

  const vs::RegisterSpec& spec(Role role) {
    const vs::RegisterSpec* found = bus.servo(0).table().find(role);
    REQUIRE(found != nullptr);
    return *found;
  }
  dxl::Error write(std::uint8_t id, std::size_t address, Bytes data) {
    return one(dxl::write(w, id, static_cast<std::uint16_t>(address), data)).error;
  }
  dxl::Error write(std::uint8_t id, Role role, std::int64_t value) {
    return write(id, spec(role).address, number(value, spec(role).size));
  }
  std::int64_t get(std::size_t servo, Role role) { return bus.servo(servo).table().get(role); }
  void wait(std::int64_t time) { world.advance(world.now() + time); }

  vs::VirtualWorld world;
  vs::VirtualBus& bus;
  vs::PipeWire wire;
  dxl::PacketWriter w;
};

}  // namespace handloop::testing
