#include "handloop/bus/servo_drive.hpp"

#include <doctest/doctest.h>

#include <array>

namespace handloop::testing::servo_drive {
namespace {

using namespace bus;

constexpr double kAmp = 1e-3, kSpeed = 0.024, kPwm = 1.0 / 885.0;
constexpr std::array<std::uint8_t, 2> kNothing{};

// Current, velocity and position in one block, as an X330 has them; one goal of two bytes.
ServoDrive drive(ServoMode mode) {
  ServoDrive d;
  d.id = 1;
  d.mode = mode;
  d.read = {1, 126, 10, {}};
  d.write = {1, 100, 2, kNothing};
  d.current = {0, 2};
  d.velocity = {2, 4};
  d.position = {6, 4};
  d.position_unit = 2.0 * 3.14159265 / 4096.0;
  d.velocity_unit = kSpeed;
  d.current_unit = kAmp;
  d.pwm_unit = kPwm;
  d.current_limit = 2.0;
  d.motor = {2.78, 0.59, 5.0};
  (mode == ServoMode::kVoltage ? d.goal_pwm : d.goal_current) = {0, 2};
  return d;
}

// What the servo says of a current [A] and a velocity [rad/s].
Reading says(double current, double velocity) {
  Reading r;
  r.outcome = Outcome::kAnswered;
  r.time = 1;
  encode({0, 2}, std::llround(current / kAmp), r.data);
  encode({2, 4}, std::llround(velocity / kSpeed), r.data);
  return r;
}

struct OneJoint {
  explicit OneJoint(const ServoDrive& d) : joint(d, 1, DeratingConfig()) {
    state.q.resize(1);
    state.dq.resize(1);
    state.current.resize(1);
  }
  double goal(double amps) {
    return static_cast<double>(decode({0, 2}, joint.goal(amps, 0.0).data));
  }
  ServoJoint joint;
  HandState state;
};

TEST_CASE("by voltage: resistance and the part of the back-EMF that is to be made up for") {
  ServoDrive d = drive(ServoMode::kVoltage);
  d.emf_compensation = 0.25;
  d.ratio = -2.0;
  OneJoint one(d);
  one.joint.sense(says(0.0, 3.0), 0.001, 0, one.state);
  const double speed = kSpeed * std::round(3.0 / kSpeed);
  CHECK(one.state.dq[0] == doctest::Approx(-0.5 * speed));
  const double duty = (-0.4 * 2.78 + 0.25 * 0.59 * speed) / 5.0;
  CHECK(one.goal(0.4) == std::trunc(duty / kPwm));
  CHECK(decode({0, 2}, one.joint.rest().data) == 0);  // no speed is known to one that lets go
}

TEST_CASE("a servo that counts the current of its supply is told, and understood, so") {
  ServoDrive d = drive(ServoMode::kCurrent);
  d.senses_supply = true;
  OneJoint one(d);
  one.joint.sense(says(0.1, 0.0), 0.001, 0, one.state);
  CHECK(one.state.current[0] == doctest::Approx(std::sqrt(0.1 * 5.0 / 2.78)));
  CHECK(one.goal(0.5) == std::trunc(0.5 * 0.5 * 2.78 / 5.0 / kAmp));
  CHECK(one.goal(-0.5) == -one.goal(0.5));
}

TEST_CASE("its limit counts as it does, also while it turns") {
  ServoDrive d = drive(ServoMode::kCurrent);
  d.senses_supply = true;
  d.current_limit = 0.2;
  OneJoint one(d);
  for (const double velocity : {-2.0, 0.0, 2.0}) {
    one.joint.sense(says(0.0, velocity), 0.001, 0, one.state);
    for (const double amps : {-3.0, 3.0}) {
      CHECK(std::abs(one.goal(amps)) <= 200.0);
      CHECK(std::abs(one.goal(amps)) >= 198.0);
    }
  }
}

TEST_CASE("what is missing is named") {
  ServoDrive d = drive(ServoMode::kVoltage);
  d.motor = {};
  CHECK_THROWS_WITH(ServoJoint(d, 1, DeratingConfig()),
                    "servo 1: give the resistance, back-EMF and voltage of its motor");
  d = drive(ServoMode::kVoltage);
  d.goal_pwm = {};
  CHECK_THROWS_WITH(ServoJoint(d, 1, DeratingConfig()), "servo 1: has no goal PWM");
}

}  // namespace
}  // namespace handloop::testing::servo_drive
