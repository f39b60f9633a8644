#include "handloop/bus/virtual/virtual_world.hpp"

#include <doctest/doctest.h>

#include <array>

#include "handloop/bus/virtual/pipe_wire.hpp"
#include "virtual_support.hpp"

namespace handloop::testing::virtual_world {
namespace {

// Two lines with a servo 1 each.
struct TwoLines {
  vs::VirtualWorld world;
  vs::VirtualBus& left = world.add(std::make_unique<vs::VirtualBus>(x430_bus({1})));
  vs::VirtualBus& right = world.add(std::make_unique<vs::VirtualBus>(x430_bus({1})));
  std::array<vs::PipeWire, 2> wire{vs::PipeWire(world, 0), vs::PipeWire(world, 1)};
  dxl::PacketWriter w;
};

std::size_t hear(vs::PipeWire& wire, std::int64_t deadline) {
  std::array<std::uint8_t, 64> room;
  std::size_t all = 0;
  while (wire.now() < deadline) {
    all += static_cast<std::size_t>(wire.receive(room, deadline));
  }
  return all;
}

TEST_CASE("lines speak at the same time") {
  TwoLines two;
  // One line answers when its request, its delay and its answer are through; so do two.
  const auto answered = [&](auto& wires) {
    const std::int64_t begin = two.world.now();
    for (vs::PipeWire& wire : wires) wire.send(dxl::ping(two.w, 1));
    std::array<std::uint8_t, 64> room;
    for (vs::PipeWire& wire : wires) {
      for (std::size_t heard = 0; heard < 14;) {
        heard += static_cast<std::size_t>(wire.receive(room, begin + 50 * kMs));
      }
    }
    return two.world.now() - begin;
  };
  two.world.advance(10 * kMs);
  auto alone = std::span(two.wire).first(1);
  const std::int64_t one = answered(alone);
  two.world.advance(20 * kMs);
  CHECK(answered(two.wire) == one);
}

TEST_CASE("a wire sends without waiting, and what waits moves the clock of all lines") {
  TwoLines two;
  two.wire[0].send(dxl::ping(two.w, 1));
  CHECK(two.world.now() == 0);
  CHECK(hear(two.wire[1], 5 * kMs) == 0);
  CHECK(two.left.now() == 5 * kMs);
  CHECK(hear(two.wire[0], 5 * kMs + 1) == 14);  // came while the other one was listened to
}

TEST_CASE("all lines are there from the beginning") {
  TwoLines two;
  two.world.advance(kMs);
  CHECK_THROWS_AS(two.world.add(std::make_unique<vs::VirtualBus>(x430_bus({1}))), std::logic_error);
}

}  // namespace
}  // namespace handloop::testing::virtual_world
