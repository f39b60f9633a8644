// What keeps a hand on servos safe, with faults in the servos, on the line and in the host.

#include <doctest/doctest.h>

#include "handloop/safety.hpp"
#include "servo_hand.hpp"

namespace handloop::testing::bus_safety {
namespace {

using bus::ServoMode;

constexpr ServoMode kCurrent = ServoMode::kCurrent, kBounded = ServoMode::kCurrentPosition,
                    kPosition = ServoMode::kPosition;

// The controller's safety stage, on the samples of a hand.
struct Judge {
  explicit Judge(ServoHand& h) : hand(h), safety(config(h.command.torque.size()), 0.01) {
    hand.sampled = [this] { safety.inspect(hand.state, hand.plant.now()); };
  }

  static SafetyConfig config(Eigen::Index joints) {
    SafetyConfig config;
    config.position_min.setConstant(joints, -10.0);
    config.position_max.setConstant(joints, 10.0);
    config.torque_max.setConstant(joints, 1.0);
    return config;
  }
  // -1: it never comes to that.
  int ticks_until(SafetyState state) {
    for (int n = 0; n < 100; ++n) {
      if (safety.state() == state) return n;
      hand.cycle();
    }
    return -1;
  }

  ServoHand& hand;
  Safety safety;
};

TEST_CASE("a limp command takes torque from servos of any mode, and only engage gives it back") {
  ServoHand hand({kCurrent, kBounded, kPosition});
  REQUIRE(hand.plant.engage().none());
  hand.command.current << 0.1, 0.1, 0.0;
  hand.cycle(3);
  hand.command.limp = true;
  hand.cycle();
  for (std::size_t i = 0; i < 3; ++i) CHECK(hand.torque(i) == 0);
  CHECK_FALSE(hand.plant.engaged());
  hand.command.limp = false;  // the controller was reset
  hand.cycle(3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(hand.torque(i) == 0);
  CHECK(hand.goal_current(0) == 0);
  CHECK_THROWS_AS(hand.plant.check_ready(), std::runtime_error);
  REQUIRE(hand.plant.engage().none());
  hand.cycle();
  CHECK(hand.goal_current(0) == 100);
}

TEST_CASE("zero torque is not limp: servos that hold a position go on") {
  ServoHand hand({kBounded, kPosition});
  REQUIRE(hand.plant.engage().none());
  hand.cycle(5);
  CHECK(hand.torque(0) == 1);
  CHECK(hand.torque(1) == 1);
}

TEST_CASE("no servo pushes 100 ms after the host has died") {
  ServoHand hand({kCurrent, kCurrent});
  REQUIRE(hand.plant.engage().none());
  hand.command.current << 0.3, -0.3;
  hand.cycle(5);
  CHECK(hand.goal_current(0) == 300);
  hand.host.wait(100 * kMs);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(hand.goal_current(i) == 0);
    CHECK(hand.host.get(i, Role::kBusWatchdog) == -1);
  }
}

TEST_CASE("a host that was away wakes the servos up again, and torque grows from nothing") {
  bus::BusPlantConfig config = prompt_config();
  config.ramp = 0.1;
  ServoHand hand({kCurrent}, config);
  REQUIRE(hand.plant.engage().none());
  hand.host.wait(200 * kMs);  // slow to begin
  hand.command.current << 0.3;
  hand.cycle(20);
  CHECK(hand.goal_current(0) == 300);
  hand.host.wait(200 * kMs);
  CHECK(hand.goal_current(0) == 0);
  hand.cycle();
  CHECK(hand.host.get(0, Role::kBusWatchdog) == 3);
  CHECK(hand.goal_current(0) <= 10);
  hand.cycle(15);
  CHECK(hand.goal_current(0) == 300);
}

TEST_CASE("a servo that shuts down says so, and the hand goes to HOLD and LIMP") {
  ServoHand hand({kCurrent, kCurrent});
  Judge judge(hand);
  REQUIRE(hand.plant.engage().none());
  hand.command.current << 0.05, 0.05;
  hand.cycle(3);
  CHECK(judge.safety.state() == SafetyState::kOk);
  hand.host.bus.servo(1).motor().set_temperature(72.0);  // its own limit is 70
  const int hold = judge.ticks_until(SafetyState::kHold);
  const int limp = judge.ticks_until(SafetyState::kLimp);
  CHECK(hold > 0);
  CHECK(hold * 10 <= 50);  // [ms]
  CHECK(limp > 0);
  CHECK((hold + limp) * 10 <= 150);
  CHECK(judge.safety.fault() == Fault::kStale);
  CHECK(hand.torque(1) == 0);
  CHECK(hand.plant.readings().drive[1].alarms != 0);
  CHECK(hand.plant.readings().drive[1].age > 0.1);
  CHECK(hand.plant.readings().drive[0].age < 0.02);
}

TEST_CASE("a servo that reboots is noticed by its silence") {
  ServoHand hand({kCurrent, kCurrent});
  Judge judge(hand);
  REQUIRE(hand.plant.engage().none());
  hand.cycle(3);
  CHECK(judge.safety.state() == SafetyState::kOk);
  hand.host.one(dxl::reboot(hand.host.w, 2));
  CHECK(judge.ticks_until(SafetyState::kLimp) > 0);
}

TEST_CASE("health is asked of one servo after the other, and told once all are known") {
  bus::BusPlantConfig config = prompt_config();
  config.health_every = 2;
  ServoHand hand({kCurrent, kCurrent, kCurrent}, config);
  REQUIRE(hand.plant.engage().none());
  hand.host.bus.servo(2).motor().set_temperature(40.0);
  hand.cycle(5);
  CHECK(hand.state.temperature.size() == 0);
  hand.cycle(2);
  REQUIRE(hand.state.temperature.size() == 3);
  CHECK(hand.state.temperature[0] == doctest::Approx(25.0));
  CHECK(hand.state.temperature[2] == doctest::Approx(40.0).epsilon(0.05));
  CHECK(hand.plant.readings().drive[1].health.voltage == doctest::Approx(5.0).epsilon(0.03));
}

TEST_CASE("a silent servo is not asked for its health") {
  bus::BusPlantConfig config = prompt_config();
  config.health_every = 1;
  ServoHand hand({kCurrent, kCurrent}, config);
  hand.cycle(4);
  CHECK(hand.state.temperature.size() == 2);
  hand.host.bus.servo(1).kill();
  hand.cycle(3);  // until it is skipped
  const std::int64_t before = hand.host.wire.now();
  hand.plant.read(hand.state);
  hand.plant.advance();
  CHECK(hand.host.wire.now() - before <= 11 * kMs);
  CHECK(hand.plant.readings().drive[1].outcome == bus::Outcome::kSkipped);
}

TEST_CASE("a hot servo gets less than it is asked for, before the controller holds the hand") {
  bus::BusPlantConfig config = prompt_config();
  config.health_every = 1;
  config.derating = {.full_until = 45.0, .half_at = 55.0};
  ServoHand hand({kCurrent, kPosition}, config);
  REQUIRE(hand.plant.engage().none());
  for (std::size_t i = 0; i < 2; ++i) hand.host.bus.servo(i).motor().set_temperature(55.0);
  hand.cycle(4);
  hand.command.current << 0.5, 0.0;
  hand.command.torque << 0.0, 10.0;
  hand.plant.read(hand.state);
  const double angle = hand.state.q[1];
  hand.plant.write(hand.command);
  hand.host.wait(kMs);
  CHECK(hand.goal_current(0) == doctest::Approx(250).epsilon(0.06));
  const double ahead =
      static_cast<double>(hand.host.get(1, Role::kGoalPosition) - kServoCentre) * kServoTick -
      angle;
  CHECK(ahead == doctest::Approx(0.175).epsilon(0.06));
  CHECK(hand.plant.readings().drive[0].allowance == doctest::Approx(0.5).epsilon(0.06));
}

}  // namespace
}  // namespace handloop::testing::bus_safety
