#include "handloop/bus/torque_switch.hpp"

#include <doctest/doctest.h>

#include "handloop/bus/feetech_protocol.hpp"
#include "servo_hand.hpp"

namespace handloop::testing::torque_switch {
namespace {

using bus::ServoMode;

constexpr ServoMode kCurrent = ServoMode::kCurrent, kBounded = ServoMode::kCurrentPosition,
                    kPosition = ServoMode::kPosition;

TEST_CASE(
    "torque comes on without a push, whatever the mode: goals first, read back, then torque") {
  ServoHand hand({kCurrent, kBounded, kPosition});
  CHECK(hand.goal_current(0) > 1000);  // the mode begins at its limit
  CHECK(hand.plant.engage().none());
  hand.host.wait(40 * kMs);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(hand.torque(i) == 1);
    CHECK(hand.host.get(i, Role::kBusWatchdog) == 3);
    CHECK(std::abs(hand.current(i)) < 0.02);
    CHECK(std::abs(hand.host.get(i, Role::kPresentPosition) - kServoCentre) <= 1);
  }
  CHECK(hand.goal_current(0) == 0);
  CHECK(hand.goal_current(1) == 0);
}

TEST_CASE("a goal that does not arrive keeps torque off") {
  ServoHand hand({kCurrent, kCurrent});
  hand.host.bus.servo(1).kill();
  CHECK(hand.plant.engage() == bus::ServoSet(0b10));
  hand.host.wait(10 * kMs);
  CHECK(hand.torque(0) == 0);
  CHECK_THROWS_WITH(hand.plant.check_ready(), doctest::Contains("call engage() first"));
  hand.host.bus.servo(1).mend();
  hand.host.wait(500 * kMs);
  CHECK(hand.plant.engage().none());
}

TEST_CASE("a servo that has shut down is named, and nobody gets torque") {
  ServoHand hand({kCurrent, kCurrent});
  hand.host.bus.servo(0).motor().set_temperature(90.0);
  hand.host.wait(10 * kMs);
  CHECK(hand.plant.engage() == bus::ServoSet(0b01));
  CHECK(hand.torque(1) == 0);
}

TEST_CASE("noise on the line delays torque on and off, and prevents neither") {
  ServoHand hand({kCurrent, kBounded, kPosition});
  hand.plant.read(hand.state);
  hand.host.bus.faults().set_noise({.bit_flip = 2e-4, .byte_loss = 0.0});
  int engaged = 0;
  for (int n = 0; n < 20; ++n) {
    const bool on = hand.plant.engage().none();
    engaged += on;
    for (std::size_t i = 0; i < 3 && on; ++i) CHECK(hand.torque(i) == 1);
    const bool off = hand.plant.release().none();
    for (std::size_t i = 0; i < 3 && off; ++i) CHECK(hand.torque(i) == 0);
  }
  CHECK(engaged > 10);
}

TEST_CASE("release says who did not confirm, and takes torque from the others") {
  ServoHand hand({kCurrent, kCurrent, kPosition});
  REQUIRE(hand.plant.engage().none());
  hand.host.bus.servo(1).kill();
  CHECK(hand.plant.release() == bus::ServoSet(0b010));
  CHECK(hand.torque(0) == 0);
  CHECK(hand.torque(2) == 0);
}

TEST_CASE("hold keeps a posture where servos can, and outlives the host") {
  ServoHand hand({kCurrent, kBounded, kPosition});
  REQUIRE(hand.plant.engage().none());
  hand.command.current << 0.05, 0.2, 0.0;
  hand.cycle(20);
  CHECK(hand.plant.hold().none());
  hand.plant.write(hand.command);  // which nobody hears any more
  hand.host.wait(300 * kMs);
  CHECK(hand.torque(0) == 0);
  CHECK(hand.torque(1) == 1);
  CHECK(hand.torque(2) == 1);
  CHECK(hand.goal_current(1) == 200);
  hand.host.wait(300 * kMs);
  const std::int64_t held = hand.host.get(1, Role::kGoalPosition);
  CHECK(held > kServoCentre + 100);
  CHECK(std::abs(hand.host.get(1, Role::kPresentPosition) - held) <= 20);
  hand.plant.let_go();
  CHECK(hand.torque(2) == 1);
  CHECK(hand.plant.release().none());
  CHECK(hand.torque(1) == 0);
  CHECK(hand.torque(2) == 0);
}

TEST_CASE("Feetech servos: no watchdog, no current, the temperature in every cycle") {
  static const Octets nothing(2, 0);
  Host host(bus_of(vs::sts3215_model(), {1, 2}, 7.4));
  bus::FeetechProtocol protocol;
  bus::Line line(host.wire, protocol, {});
  std::vector<bus::ServoDrive> drives(2);
  for (bus::ServoDrive& d : drives) {
    d.id = static_cast<std::uint8_t>(&d == &drives[0] ? 1 : 2);
    d.mode = ServoMode::kPosition;
    d.read = {0, 56, 15, {}};
    d.position = {0, 2, bus::Encoding::kSignMagnitude};
    d.temperature = {7, 1, bus::Encoding::kUnsigned};
    d.write = {0, 42, 2, nothing};
    d.goal_position = {0, 2, bus::Encoding::kSignMagnitude};
    d.position_unit = kServoTick;
    d.stiffness = 1.0;
    d.torque = 40;
  }
  bus::BusPlant plant({&line}, drives, prompt_config());
  REQUIRE(plant.engage().none());
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(host.get(i, Role::kTorqueEnable) == 1);
    CHECK(std::abs(host.get(i, Role::kGoalPosition) - host.get(i, Role::kPresentPosition)) <= 1);
  }
  HandState state;
  plant.read(state);
  REQUIRE(state.temperature.size() == 2);
  CHECK(state.temperature[0] == doctest::Approx(25.0));
  HandCommand command;
  command.limp = true;
  plant.write(command);
  host.wait(10 * kMs);
  for (std::size_t i = 0; i < 2; ++i) CHECK(host.get(i, Role::kTorqueEnable) == 0);
  CHECK(plant.release().none());
}

}  // namespace
}  // namespace handloop::testing::torque_switch
