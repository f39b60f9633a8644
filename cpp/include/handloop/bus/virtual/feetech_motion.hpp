// A Feetech at its shaft: what its registers make it do, once a millisecond, and what it writes
// back into them (Feetech, memory tables of the STS, SCS and HLS series).
//
// All have position mode. STS has speed, PWM and steps besides. HLS has a current loop, to which it
// keeps in position and speed mode too, and stands still at a goal velocity of 0. SCS turns on at a
// PWM when both its position limits are 0, and may be told how long a way shall take.
#pragma once

#include "handloop/bus/virtual/virtual_servo.hpp"

namespace handloop::bus::virtual_servo {

class FeetechMotion : public VirtualServo {
 public:
  explicit FeetechMotion(const ServoModel& model)
      : VirtualServo(model), late_(model.command_delay) {}

  void boot() override {
    VirtualServo::boot();
    table_.set(Role::kEepromLock, 1);
    table_.keep_writes(false);
    take_initial_values();
    alarms_ = 0;
    torque_ = false;
    latch();
  }

 protected:
  bool driven() const override { return torque_; }
  double current_limit() const override {
    if (!table_.has(Role::kGoalCurrent) || controlled() == Controlled::kPwm) {
      return std::numeric_limits<double>::infinity();
    }
    return std::abs(value(Role::kGoalCurrent)) * model_.current_unit;
  }

  double control(std::int64_t, double dt) override {
    const std::int64_t errors =
        guard_.check(table_, dt, voltage_, motor_.housing(), duty_, velocity_);
    alarms_ = static_cast<std::uint8_t>(errors);
    if ((errors & table_.get(Role::kShutdown)) != 0) switch_torque(false);
    if (!torque_) return 0.0;
    const double most =
        table_.has(Role::kTorqueLimit) ? value(Role::kTorqueLimit) : value(Role::kMaxTorque);
    return std::clamp(law(), -model_.pwm_unit * most, model_.pwm_unit * most);
  }

  void publish(std::int64_t) override {
    const bool steps = controlled() == Controlled::kStep;  // then it tells how many are left
    table_.set(Role::kPresentPosition, steps ? round_to(goal_) - position() : position());
    table_.set(Role::kPresentVelocity, round_to(velocity_ / model_.velocity_unit));
    table_.set(Role::kPresentLoad, round_to(duty_ / model_.pwm_unit));
    table_.set(Role::kPresentVoltage, round_to(10.0 * voltage_));
    table_.set(Role::kPresentTemperature, round_to(motor_.housing()));
    table_.set(Role::kHardwareError, alarms_);
    table_.set(Role::kMoving, profile_.ongoing() || std::abs(velocity_) > kStandstill ? 1 : 0);
    table_.set(Role::kPositionTrajectory, round_to(profile_.position()));
    table_.set(Role::kPresentCurrent, round_to(motor_.current() / model_.current_unit));
  }

  // What writing registers sets off.
  void obey_registers(const RoleSet& written) {
    if (contains(written, Role::kEepromLock)) {
      table_.keep_writes(table_.get(Role::kEepromLock) == 0);
    }
    if (contains(written, Role::kTorqueEnable)) {
      if (table_.get(Role::kTorqueEnable) == kMiddle) centre();
      switch_torque(table_.get(Role::kTorqueEnable) == 1);
    }
    if (contains(written, Role::kOperatingMode)) latch();
    if (contains(written, Role::kGoalPosition)) {
      aim(goal());
    } else if (contains(written, Role::kGoalVelocity)) {
      aim(goal_);
    }
  }

  // Where it stands is to be the middle of its range.
  void centre() {
    table_.save(Role::kHomingOffset, static_cast<std::int64_t>(raw_) - model_.middle);
  }

  void switch_torque(bool on) {
    if (on && !torque_) latch();
    torque_ = on;
    table_.set(Role::kTorqueEnable, on ? 1 : 0);
  }

  std::uint8_t alarms() const { return alarms_; }

 private:
  // Of an encoder with 4096 counts to a turn.
  static constexpr double kGain = 0.0005;       // duty per count and unit of the P register
  static constexpr double kDamping = 0.008;     // duty per count/ms and unit of the D register
  static constexpr double kSpeedGain = 0.1;     // duty per count/ms
  static constexpr double kStandstill = 0.05;   // [counts/ms]
  static constexpr std::int64_t kMiddle = 128;  // written to torque_enable: here is the middle

  static std::int64_t round_to(double value) {
    return static_cast<std::int64_t>(std::floor(value + 0.5));
  }
  double value(Role role) const { return static_cast<double>(table_.get(role)); }
  std::int64_t position() const {
    return static_cast<std::int64_t>(raw_) - table_.get(Role::kHomingOffset);
  }
  // Both position limits are 0.
  bool unlimited() const {
    return table_.get(Role::kMinPosition) == 0 && table_.get(Role::kMaxPosition) == 0;
  }

  Controlled controlled() const {
    if (model_.modes.empty()) return unlimited() ? Controlled::kPwm : Controlled::kPosition;
    const auto mode = static_cast<std::size_t>(table_.get(Role::kOperatingMode));
    return model_.modes[std::min(mode, model_.modes.size() - 1)];
  }

  void take_initial_values() {
    constexpr std::array<std::pair<Role, Role>, 5> kPairs{
        {{Role::kMaxTorque, Role::kTorqueLimit},
         {Role::kProtectionCurrent, Role::kGoalCurrent},
         {Role::kInitialPositionP, Role::kPositionP},
         {Role::kInitialPositionD, Role::kPositionD},
         {Role::kInitialPositionI, Role::kPositionI}}};
    for (const auto& [from, to] : kPairs) {
      if (table_.has(from)) table_.set(to, table_.get(from));
    }
  }

  void latch() {
    table_.set(Role::kGoalPosition, position());
    goal_ = static_cast<double>(position());
    profile_.reset(goal_);
    late_.restart(goal_);
    integral_.reset();
  }

  // What has been written as goal position [counts]; in step mode it counts from the goal before.
  double goal() const {
    const double written = value(Role::kGoalPosition);
    if (controlled() == Controlled::kStep) return goal_ + written;
    if (unlimited()) return written;
    return std::clamp(written, value(Role::kMinPosition), value(Role::kMaxPosition));
  }

  void aim(double goal) {
    goal_ = goal;
    const double speed = std::abs(value(Role::kGoalVelocity)) * model_.velocity_unit;
    if (speed == 0.0 && model_.stands_at_zero_velocity) {
      profile_.reset(profile_.position());
    } else if (speed == 0.0 && table_.get(Role::kGoalTime) > 0) {
      profile_.aim_in_time(goal, value(Role::kGoalTime), 0.0);
    } else {
      profile_.aim(goal, speed, model_.acceleration_unit * value(Role::kProfileAcceleration));
    }
  }

  double law() {
    switch (controlled()) {
      case Controlled::kPwm:
        return late_.value(model_.pwm_unit * goal_pwm());
      case Controlled::kVelocity:
        return keep_velocity();
      case Controlled::kCurrent:  // the limit of the current does the rest
        return std::copysign(1.0, late_.value(value(Role::kGoalCurrent)));
      default:
        return keep_position();
    }
  }

  // Where it has no register of its own it is in that of the current or time, the sign in bit 10.
  double goal_pwm() const {
    if (table_.has(Role::kGoalPwm)) return value(Role::kGoalPwm);
    const Role shared = table_.has(Role::kGoalCurrent) ? Role::kGoalCurrent : Role::kGoalTime;
    const std::int64_t raw = table_.get(shared);
    return static_cast<double>((raw & 0x400) != 0 ? -(raw & 0x3FF) : raw);
  }

  double keep_velocity() {
    const double goal = late_.value(model_.velocity_unit * value(Role::kGoalVelocity));
    const double error = fine() * (goal - velocity_);
    return integral_.output(kSpeedGain * error, 0.1 * kSpeedGain, error, 1.0);
  }

  double keep_position() {
    profile_.step();
    const LateGoals::Target target = late_.target(profile_);
    const double error = fine() * (target.position - static_cast<double>(position()));
    const double slip = fine() * (target.velocity - velocity_);
    return integral_.output(
        position_p() * value(Role::kPositionP) * error + kDamping * value(Role::kPositionD) * slip,
        kGain * 1e-2 * value(Role::kPositionI), error, 1.0);
  }

  // Duty per count of such an encoder and unit of the P register.
  double position_p() const {
    constexpr double kTurn = 6.283185307179586;
    return model_.position_gain > 0.0 ? model_.position_gain * kTurn / 4096.0 : kGain;
  }
  // Counts of such an encoder in one of this.
  double fine() const { return 4096.0 / model_.counts_per_turn; }

  MotionProfile profile_;
  LateGoals late_;
  Integral integral_;
  double goal_ = 0.0;  // [counts]
  std::uint8_t alarms_ = 0;
  bool torque_ = false;
};

}  // namespace handloop::bus::virtual_servo
