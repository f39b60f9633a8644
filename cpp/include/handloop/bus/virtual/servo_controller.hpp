// The control loops inside a Dynamixel, once a millisecond (e-Manual, "Operating Mode", "Position
// PID Gain", "Velocity PI Gain"):
//
//   position   PWM     = P e + I sum(e) + D e' + F1 v + F2 a,   e against the profile's position
//   velocity   PWM     = P e + I sum(e),                        e against the profile's velocity
//   current    duty   += (goal - sensed) R / 2 V                halves the error each time
//   mode 5     the position law gives a current, which the goal current limits
//
// P / 128, I / 65536 and D / 16 are the manual's scales; it leaves the times open: sums and
// differences here are per millisecond, feed-forward gains per count/ms and count/ms2.
#pragma once

#include "handloop/bus/virtual/control_table.hpp"
#include "handloop/bus/virtual/late_goals.hpp"
#include "handloop/bus/virtual/servo_model.hpp"

namespace handloop::bus::virtual_servo {

enum class Mode : std::int64_t {
  kCurrent = 0,
  kVelocity = 1,
  kPosition = 3,
  kExtendedPosition = 4,
  kCurrentBasedPosition = 5,
  kPwm = 16,
};

// What the servo knows of itself, in its own units.
struct Feedback {
  double position = 0.0;  // [counts]
  double velocity = 0.0;  // [counts/ms]
  double current = 0.0;   // [current units]
  double voltage = 0.0;   // [V]
};

// A sum that stops growing where the output is at its limit.
class Integral {
 public:
  void reset() { sum_ = 0.0; }
  // The output with one more sample in the sum, within +-limit.
  double output(double rest, double gain, double error, double limit) {
    const double next = gain > 0.0 ? sum_ + gain * error : 0.0;
    const double wanted = rest + next, bounded = std::clamp(wanted, -limit, limit);
    if (wanted == bounded || std::abs(next) < std::abs(sum_) || gain <= 0.0) sum_ = next;
    return bounded;
  }

 private:
  double sum_ = 0.0;
};

class ServoController {
 public:
  explicit ServoController(const ServoModel& model)
      : model_(model), late_(model.command_delay), position_p_(position_p(model)) {}

  // Torque goes on, or the mode changes: nothing is remembered.
  void restart(double position) {
    profile_.reset(position);
    late_.restart(position);
    integral_.reset();
    duty_ = velocity_ = 0.0;
  }

  // The goal position was written, which is when a new profile is laid.
  void aim(const ControlTable& t) {
    const auto goal = static_cast<double>(t.get(Role::kGoalPosition));
    const auto v = static_cast<double>(t.get(Role::kProfileVelocity));
    const auto a = static_cast<double>(t.get(Role::kProfileAcceleration));
    const bool by_time = (t.get(Role::kDriveMode) & kTimeBased) != 0;
    if (by_time) {
      profile_.aim_in_time(goal, v, a);
    } else {
      profile_.aim(goal, v * model_.velocity_unit, a * model_.acceleration_unit);
    }
  }

  // The duty of the next millisecond, -1 to 1.
  double step(const ControlTable& t, const Feedback& f) {
    const auto mode = static_cast<Mode>(t.get(Role::kOperatingMode));
    if (mode == Mode::kPwm) return late_.value(duty_of(t, Role::kGoalPwm));
    const double most = std::min(duty_of(t, Role::kGoalPwm), duty_of(t, Role::kPwmLimit));
    if (mode == Mode::kCurrent) return current(late_.value(value(t, Role::kGoalCurrent)), f, most);
    if (mode == Mode::kVelocity) return velocity(t, f, most / model_.pwm_unit) * model_.pwm_unit;
    profile_.step();
    if (mode == Mode::kCurrentBasedPosition) {
      return current(position(t, f, std::abs(value(t, Role::kGoalCurrent))), f, most);
    }
    return position(t, f, most / model_.pwm_unit) * model_.pwm_unit;
  }

  const MotionProfile& profile() const { return profile_; }
  double velocity_trajectory() const {  // [velocity units]
    return velocity_ != 0.0 ? velocity_ : profile_.velocity() / model_.velocity_unit;
  }

 private:
  static constexpr std::int64_t kTimeBased = 0x04;
  static constexpr double kCurrentGain = 0.5;  // part of the error made good in one step

  static double position_p(const ServoModel& m) {  // [PWM units] per count and unit of the gain
    constexpr double kTurn = 6.283185307179586;
    if (m.position_gain <= 0.0) return 1.0 / 128.0;
    return m.position_gain * kTurn / m.counts_per_turn / m.pwm_unit;
  }
  static double value(const ControlTable& t, Role role) { return static_cast<double>(t.get(role)); }
  double duty_of(const ControlTable& t, Role role) const {
    return std::clamp(value(t, role) * model_.pwm_unit, -1.0, 1.0);
  }

  double position(const ControlTable& t, const Feedback& f, double limit) {
    const LateGoals::Target target = late_.target(profile_);
    const double error = target.position - f.position;
    const double rest = value(t, Role::kPositionP) * position_p_ * error +
                        value(t, Role::kPositionD) / 16.0 * (target.velocity - f.velocity) +
                        value(t, Role::kFeedforward1) / 4.0 * target.velocity +
                        value(t, Role::kFeedforward2) / 4.0 * target.acceleration;
    return integral_.output(rest, value(t, Role::kPositionI) / 65536.0, error, limit);
  }

  double velocity(const ControlTable& t, const Feedback& f, double limit) {
    const double goal = late_.value(value(t, Role::kGoalVelocity));
    const double ramp =
        value(t, Role::kProfileAcceleration) * model_.acceleration_unit / model_.velocity_unit;
    velocity_ = ramp > 0.0 ? std::clamp(goal, velocity_ - ramp, velocity_ + ramp) : goal;
    const double error = velocity_ - f.velocity / model_.velocity_unit;
    return integral_.output(value(t, Role::kVelocityP) / 128.0 * error,
                            value(t, Role::kVelocityI) / 65536.0, error, limit);
  }

  double current(double goal, const Feedback& f, double limit) {
    if (f.voltage <= 0.0) return duty_ = 0.0;
    const double error = (goal - f.current) * model_.current_unit;
    duty_ += kCurrentGain * error * model_.motor.resistance / (f.voltage * slope());
    return duty_ = std::clamp(duty_, -std::abs(limit), std::abs(limit));
  }

  // By how much V / R the sensed current grows with the duty: in the supply it is duty^2 V / R.
  double slope() const {
    constexpr double kLeast = 0.1;
    return model_.motor.senses_supply ? std::max(2.0 * std::abs(duty_), kLeast) : 1.0;
  }

  ServoModel model_;
  MotionProfile profile_;
  LateGoals late_;
  double position_p_;
  Integral integral_;
  double duty_ = 0.0;      // of the current loop
  double velocity_ = 0.0;  // [velocity units], ramped goal
};

}  // namespace handloop::bus::virtual_servo
