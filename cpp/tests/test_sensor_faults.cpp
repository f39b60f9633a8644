#include "handloop/sensor_faults.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::sensor_faults {
namespace {

using Kind = SensorFaultKind;

// A sample of the pinch at `time` in which everything grows, spoilt.
HandState spoilt(SensorFaults& faults, double time) {
  HandState sample = still(2, time);
  sample.q = sample.dq = joints({time, -time});
  for (FingerContact& contact : sample.contact) contact = pressed(time);
  faults.apply(sample, time);
  return sample;
}

SensorFaults failing(Kind kind, int index, double value = 0.0) {
  SensorFaults faults;
  faults.add({kind, index, 1.0, 2.0, value}, 2, 2, 3);
  return faults;
}

TEST_CASE("a fault spoils what it names, from its begin to its end") {
  SensorFaults faults = failing(Kind::kPosition, 1, 0.5);
  CHECK(spoilt(faults, 0.999).q == joints({0.999, -0.999}));
  CHECK(spoilt(faults, 1.0).q == joints({1.0, -0.5}));
  CHECK(spoilt(faults, 2.0).q == joints({2.0, -2.0}));
}

TEST_CASE("several motors may be hot, and what motors report themselves stays") {
  SensorFaults faults = failing(Kind::kTemperature, 0, 80.0);
  faults.add({Kind::kTemperature, 1, 1.0, 2.0, 90.0}, 2, 2, 3);
  CHECK(spoilt(faults, 0.5).temperature.size() == 0);
  CHECK(spoilt(faults, 1.5).temperature == joints({80.0, 90.0, 25.0}));
  HandState sample = still(2, 1.5);
  sample.temperature = joints({31.0, 32.0, 33.0});
  faults.apply(sample, 1.5);
  CHECK(sample.temperature == joints({80.0, 90.0, 33.0}));
}

TEST_CASE("frozen readings stay what they were") {
  SensorFaults joint = failing(Kind::kFrozenJoint, 0);
  spoilt(joint, 1.0);
  CHECK(spoilt(joint, 1.5).q == joints({1.0, -1.5}));
  CHECK(spoilt(joint, 1.5).dq == joints({1.0, -1.5}));
  SensorFaults finger = failing(Kind::kFrozenFinger, 1);
  spoilt(finger, 1.0);
  CHECK(spoilt(finger, 1.5).contact[1].force.x() == 1.0);
  CHECK(spoilt(finger, 1.5).contact[0].force.x() == 1.5);
  finger.rewind();
  CHECK(spoilt(finger, 1.2).contact[1].force.x() == 1.2);
}

TEST_CASE("each kind does what it says") {
  const auto at = [](Kind kind, int index, double value) {
    SensorFaults faults = failing(kind, index, value);
    return spoilt(faults, 1.0);
  };
  CHECK(std::isnan(at(Kind::kNotANumber, 1, 0.0).q[1]));
  CHECK(at(Kind::kStale, 0, 0.3).time == doctest::Approx(0.7));
  CHECK(at(Kind::kVelocity, 0, 9.0).dq[0] == 10.0);
  CHECK(at(Kind::kForce, 1, 9.0).contact[1].force.x() == 10.0);
  CHECK(at(Kind::kTemperature, 2, 90.0).temperature == joints({25.0, 25.0, 90.0}));
  CHECK(at(Kind::kEmergencyStop, 0, 0.0).emergency_stop);
}

TEST_CASE("a fault of a joint, finger or motor that is not there is refused") {
  SensorFaults faults;
  CHECK_THROWS_AS(faults.add({Kind::kPosition, 2}, 2, 3, 4), std::invalid_argument);
  CHECK_THROWS_AS(faults.add({Kind::kForce, -1}, 2, 3, 4), std::invalid_argument);
  CHECK_THROWS_WITH(faults.add({Kind::kTemperature, 4}, 2, 3, 4), "the hand has no motor 4");
  CHECK_NOTHROW(faults.add({Kind::kForce, 2}, 2, 3, 4));
  CHECK_NOTHROW(faults.add({Kind::kTemperature, 3}, 2, 3, 4));
}

}  // namespace
}  // namespace handloop::testing::sensor_faults
