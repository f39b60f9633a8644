// What the fingertips feel, told from what the motors do: for hands without a tactile skin.
#pragma once

#include "handloop/contact_estimate.hpp"
#include "handloop/momentum_observer.hpp"
#include "handloop/motor.hpp"

namespace handloop {

enum class ForceSource : std::uint8_t { kSensors, kMotors };

struct ObserverConfig : MomentumObserverConfig, ContactEstimateConfig {
  ForceSource force_source = ForceSource::kSensors;
};

class ForceEstimate {
 public:
  ForceEstimate(const ObserverConfig& config, const MotorConfig& motors, const HandModel& hand)
      : observer_(config, hand.joint_count), contact_(config, hand), motors_(motors.count) {
    torque_constant_ = JointVector::Ones(hand.joint_count);
    for (int k = 0; k < std::min(motors.count, hand.joint_count); ++k) {
      const auto i = static_cast<std::size_t>(k);
      torque_constant_[k] = motors.motor[i].torque_constant;
      friction_[i] = motors.motor[i].friction;
    }
    for (Command& command : commanded_) command.torque = JointVector::Zero(hand.joint_count);
  }

  void reset() {
    observer_.reset();
    contact_.reset();
  }

  // Notes the torques [N m] that the motors deliver from `time` [s] on.
  void remember(double time, const JointVector& torque) {
    newest_ = (newest_ + 1) % kMemory;
    commanded_[newest_] = {time, torque};
  }

  // Replaces the contacts of a sample; the kinematics must stand at it.
  void update(HandKinematics& hand, HandState& sample) {
    observer_.update(hand, sample, motor_torque(sample), friction_.data());
    contact_.update(hand, observer_, sample.contact);
  }

  const MomentumObserver& observer() const { return observer_; }

 private:
  static constexpr std::size_t kMemory = 64;  // [ticks], the largest delay of a sample
  struct Command {
    double time = 0.0;
    JointVector torque;
  };

  // That acted before the sample: as the motors report, else as they were told.
  JointVector motor_torque(const HandState& sample) const {
    const bool reported = sample.current.size() == torque_constant_.size();
    if (motors_ > 0 && reported && sample.current.allFinite()) {
      return torque_constant_.cwiseProduct(JointVector(sample.current));
    }
    std::size_t i = newest_;
    for (std::size_t k = 1; k < kMemory && commanded_[i].time > sample.time - kSameTime; ++k) {
      i = (i + kMemory - 1) % kMemory;
    }
    return commanded_[i].torque;
  }

  // A command made at the time of a sample acts after it, however the clock rounds.
  static constexpr double kSameTime = 1e-6;  // [s]

  MomentumObserver observer_;
  ContactEstimate contact_;
  int motors_;
  JointVector torque_constant_;  // [N m/A]
  std::array<Friction, kMaxJoints> friction_{};
  std::array<Command, kMemory> commanded_{};
  std::size_t newest_ = 0;
};

}  // namespace handloop
