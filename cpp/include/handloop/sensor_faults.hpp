// Sensors that fail on purpose, at a given time: for tests and drills.
#pragma once

#include <limits>
#include <stdexcept>
#include <vector>

#include "handloop/thermal.hpp"

namespace handloop {

enum class SensorFaultKind : std::uint8_t {
  kNotANumber,     // joint `index` reads NaN
  kFrozenJoint,    // joint `index` keeps the reading with which the fault began
  kFrozenFinger,   // finger `index` keeps the contact with which the fault began
  kStale,          // samples are `value` [s] older than they should be
  kPosition,       // `value` [rad] is added to the position of joint `index`
  kVelocity,       // `value` [rad/s] is added to the velocity of joint `index`
  kForce,          // `value` [N] is added to the normal force of finger `index`
  kTemperature,    // motor `index` reads `value` [deg C]; motors that report nothing, the room's
  kEmergencyStop,  // somebody presses the button
};

struct SensorFault {
  SensorFaultKind kind = SensorFaultKind::kNotANumber;
  int index = 0;
  double begin = 0.0, end = std::numeric_limits<double>::infinity();  // [s]
  double value = 0.0;
};

// Spoils samples on their way from a plant to the controller.
class SensorFaults {
 public:
  // Throws std::invalid_argument when the hand has no such joint, finger or motor.
  void add(const SensorFault& fault, int joint_count, int finger_count, int motor_count) {
    const bool of_finger =
        fault.kind == SensorFaultKind::kFrozenFinger || fault.kind == SensorFaultKind::kForce;
    const bool of_motor = fault.kind == SensorFaultKind::kTemperature;
    const int count = of_finger ? finger_count : of_motor ? motor_count : joint_count;
    if (fault.index < 0 || fault.index >= count) {
      throw std::invalid_argument(std::string("the hand has no ") +
                                  (of_finger  ? "finger "
                                   : of_motor ? "motor "
                                              : "joint ") +
                                  std::to_string(fault.index));
    }
    motor_count_ = motor_count;
    faults_.push_back({fault, {}, false});
  }

  void rewind() {
    for (Entry& entry : faults_) entry.began = false;
  }

  void apply(HandState& sample, double now) {
    for (Entry& entry : faults_) {
      if (now < entry.fault.begin || now >= entry.fault.end) continue;
      if (!entry.began) entry.first = sample;
      entry.began = true;
      spoil(entry, sample);
    }
  }

 private:
  struct Entry {
    SensorFault fault;
    HandState first;  // the sample it began with, as the faults before it left that
    bool began;
  };

  void spoil(const Entry& entry, HandState& sample) const {
    const SensorFault& fault = entry.fault;
    const auto joint = static_cast<Eigen::Index>(fault.index);
    const auto finger = static_cast<std::size_t>(fault.index);
    switch (fault.kind) {
      case SensorFaultKind::kNotANumber:
        sample.q[joint] = std::numeric_limits<double>::quiet_NaN();
        break;
      case SensorFaultKind::kFrozenJoint:
        sample.q[joint] = entry.first.q[joint];
        sample.dq[joint] = entry.first.dq[joint];
        break;
      case SensorFaultKind::kFrozenFinger:
        sample.contact[finger] = entry.first.contact[finger];
        break;
      case SensorFaultKind::kStale:
        sample.time -= fault.value;
        break;
      case SensorFaultKind::kPosition:
        sample.q[joint] += fault.value;
        break;
      case SensorFaultKind::kVelocity:
        sample.dq[joint] += fault.value;
        break;
      case SensorFaultKind::kForce:
        sample.contact[finger].touching = true;
        sample.contact[finger].force.x() += fault.value;
        break;
      case SensorFaultKind::kTemperature:
        if (sample.temperature.size() == 0) {
          sample.temperature = ActuatorVector::Constant(motor_count_, kCatalogueCelsius);
        }
        sample.temperature[fault.index] = fault.value;
        break;
      case SensorFaultKind::kEmergencyStop:
        sample.emergency_stop = true;
        break;
    }
  }

  std::vector<Entry> faults_;
  int motor_count_ = 0;
};

}  // namespace handloop
