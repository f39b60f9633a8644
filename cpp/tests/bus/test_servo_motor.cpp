#include "handloop/bus/servo_motor.hpp"

#include <doctest/doctest.h>

namespace handloop::testing::servo_motor {
namespace {

using bus::ServoMotor;

constexpr ServoMotor kMotor{2.78, 0.59, 5.0};

TEST_CASE("a duty is the voltage of resistance and back-EMF over the supply's") {
  CHECK(kMotor.duty(0.5, 0.0) == doctest::Approx(0.5 * 2.78 / 5.0));
  CHECK(kMotor.duty(0.0, 3.0) == doctest::Approx(3.0 * 0.59 / 5.0));
  CHECK(kMotor.duty(10.0, 0.0) == 1.0);
  CHECK(kMotor.duty(-10.0, 0.0) == -1.0);
}

TEST_CASE("at standstill the supply gives little of a small current") {
  CHECK(kMotor.supply_current(0.1, 0.0) == doctest::Approx(0.1 * 0.1 * 2.78 / 5.0));
  CHECK(kMotor.supply_current(-0.1, 0.0) == doctest::Approx(-0.1 * 0.1 * 2.78 / 5.0));
}

TEST_CASE("what the supply gives tells the current in the winding") {
  for (const double current : {-1.2, -0.05, 0.02, 0.4, 1.5}) {
    for (const double speed : {-1.0, 0.0, 0.7}) {
      if (std::abs(kMotor.duty(current, speed)) == 1.0) continue;
      if (current * kMotor.duty(current, speed) < 0.0) continue;  // it brakes: the sign is lost
      const double supply = kMotor.supply_current(current, speed);
      CHECK(kMotor.winding_current(supply, speed) == doctest::Approx(current));
    }
  }
}

TEST_CASE("without a voltage it is not known") {
  CHECK(kMotor.known());
  CHECK_FALSE(ServoMotor().known());
}

}  // namespace
}  // namespace handloop::testing::servo_motor
