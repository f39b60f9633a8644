// A Dynamixel at its shaft: what its registers make it do, once a millisecond, and what it writes
// back into them (e-Manual, "Control Table Description" of the X series).
#pragma once

#include "handloop/bus/virtual/table_backup.hpp"
#include "handloop/bus/virtual/virtual_servo.hpp"

namespace handloop::bus::virtual_servo {

class DynamixelMotion : public VirtualServo {
 public:
  using VirtualServo::VirtualServo;

  void boot() override {
    VirtualServo::boot();
    shutdown_ = torque_ = false;
    load_mode();
    start_up();
  }

 protected:
  bool driven() const override { return torque_; }
  double current_limit() const override {
    if (!table_.has(Role::kCurrentLimit)) return std::numeric_limits<double>::infinity();
    return static_cast<double>(table_.get(Role::kCurrentLimit)) * model_.current_unit;
  }

  double control(std::int64_t now, double dt) override {
    const std::int64_t watch = table_.get(Role::kBusWatchdog);
    if (torque_ && watchdog_.expired(watch, now)) stop();
    guard(dt);
    return torque_ ? direction() * controller_.step(table_, feedback()) : 0.0;
  }

  void publish(std::int64_t now) override {
    table_.set(Role::kRealtimeTick, uptime(now) / kMillisecond % 32768);
    table_.set(Role::kPresentPwm, round_to(direction() * duty_ / model_.pwm_unit));
    table_.set(Role::kPresentCurrent, sensed());
    table_.set(Role::kPresentLoad, round_to(direction() * duty_ / kLoadUnit));
    table_.set(Role::kPresentVelocity, round_to(velocity() / model_.velocity_unit));
    table_.set(Role::kPresentPosition, position());
    table_.set(Role::kPresentVoltage, round_to(10.0 * voltage_));
    table_.set(Role::kPresentTemperature, round_to(motor_.housing()));
    table_.set(Role::kVelocityTrajectory, round_to(controller_.velocity_trajectory()));
    table_.set(Role::kPositionTrajectory, round_to(controller_.profile().position()));
    publish_moving();
  }

  // What writing registers sets off.
  void obey_registers(const RoleSet& written) {
    if (contains(written, Role::kOperatingMode)) load_mode();
    if (contains(written, Role::kHomingOffset) || contains(written, Role::kDriveMode)) wrap();
    for (const Role limit : {Role::kPwmLimit, Role::kCurrentLimit, Role::kVelocityLimit,
                             Role::kMinPosition, Role::kMaxPosition}) {
      if (contains(written, limit)) table_.clamp_goals();
    }
    const bool goal = contains(written, Role::kGoalPosition);
    const bool by_goal = goal && (table_.get(Role::kDriveMode) & kTorqueOnByGoal) != 0;
    if (by_goal) table_.set(Role::kTorqueEnable, 1);
    if (by_goal || contains(written, Role::kTorqueEnable)) switch_torque(!by_goal);
    if (goal) controller_.aim(table_);
  }

  // Brings the position back within one turn.
  void wrap() {
    turns_ = -model_.counts_per_turn * std::floor(direction() * raw_ / model_.counts_per_turn);
    table_.set(Role::kPresentPosition, position());
    latch();
  }

  // Takes whole turns off the position.
  Error clear(Bytes p) {
    constexpr std::array<std::uint8_t, 5> kTurns{0x01, 'D', 'X', 'L', '"'};
    if (!std::equal(p.begin(), p.end(), kTurns.begin(), kTurns.end())) return Error::kDataRange;
    if (moving()) return Error::kResultFail;
    wrap();
    return Error::kNone;
  }

  // Stores its registers or fetches them back, for which it wants to reboot.
  Error back_up(Bytes p) {
    constexpr std::array<std::uint8_t, 4> kKey{'C', 'T', 'R', 'L'};
    if (!table_.has(Role::kBackupReady)) return Error::kInstruction;
    if (p.size() != 1 + kKey.size()) return Error::kDataLength;
    if (!std::equal(kKey.begin(), kKey.end(), p.begin() + 1)) return Error::kDataRange;
    if (p[0] != kStore && p[0] != kRestore) return Error::kDataRange;
    if (torque_ || (p[0] == kRestore && !backup_.there())) return Error::kResultFail;
    if (p[0] == kStore) backup_.store(table_);
    if (p[0] == kRestore) backup_.restore(table_, Area::kEeprom);
    table_.set(Role::kBackupReady, 1);
    return Error::kNone;
  }

  bool alert() const { return table_.get(Role::kHardwareError) != 0; }
  bool eeprom_locked() const { return table_.get(Role::kTorqueEnable) != 0; }

  static constexpr std::uint8_t kStore = 1, kRestore = 2;  // of a backup

  BusWatchdog watchdog_;

 private:
  static constexpr std::int64_t kReverse = 0x01, kTorqueOnByGoal = 0x08;
  static constexpr std::int64_t kTorqueAtStart = 0x01, kRamFromBackup = 0x02;
  static constexpr double kLoadUnit = 1e-3;         // [1], of those that sense no current
  static constexpr double kInPosition = 20.0;       // [counts], "a predefined value" of the manual
  static constexpr double kFollowingError = 200.0;  // [counts], likewise

  static std::int64_t round_to(double value) {
    return static_cast<std::int64_t>(std::floor(value + 0.5));
  }
  bool moving() const { return table_.get(Role::kMoving) != 0; }
  Mode mode() const { return static_cast<Mode>(table_.get(Role::kOperatingMode)); }
  bool positions() const {
    const Mode m = mode();
    return m == Mode::kPosition || m == Mode::kExtendedPosition || m == Mode::kCurrentBasedPosition;
  }
  double direction() const { return (table_.get(Role::kDriveMode) & kReverse) != 0 ? -1.0 : 1.0; }
  double velocity() const { return direction() * velocity_; }  // [counts/ms]
  std::int64_t position() const {
    return round_to(direction() * raw_ + turns_) + table_.get(Role::kHomingOffset);
  }
  std::int64_t sensed() const {  // [current units]
    return round_to(direction() * motor_.sensed_current() / model_.current_unit);
  }
  Feedback feedback() const {
    return {static_cast<double>(position()), velocity(), static_cast<double>(sensed()), voltage_};
  }

  // What its startup configuration asks for.
  void start_up() {
    const std::int64_t wanted = table_.get(Role::kStartupConfiguration);
    if ((wanted & kRamFromBackup) != 0) backup_.restore(table_, Area::kRam);
    table_.set(Role::kBackupReady, backup_.there() ? 1 : 0);
    table_.set(Role::kTorqueEnable, wanted & kTorqueAtStart);
    switch_torque(true);
  }

  // The goal is where it stands, or its limit next to there; it holds where it stands.
  void latch() {
    table_.set(Role::kGoalPosition, position());
    table_.clamp_goals();
    controller_.restart(static_cast<double>(position()));
  }

  void load_mode() {
    for (const Role gain : {Role::kVelocityI, Role::kVelocityP, Role::kPositionD, Role::kPositionI,
                            Role::kPositionP}) {
      if (const RegisterSpec* r = table_.find(gain)) table_.set(gain, r->initial);
    }
    table_.set(Role::kProfileVelocity, 0);
    table_.set(Role::kProfileAcceleration, 0);
    table_.set(Role::kGoalVelocity, 0);
    table_.set(Role::kGoalPwm, table_.get(Role::kPwmLimit));
    table_.set(Role::kGoalCurrent, table_.get(Role::kCurrentLimit));
    wrap();
  }

  // `latches`: torque that comes by a new goal keeps that goal.
  void switch_torque(bool latches) {
    const bool wanted = table_.get(Role::kTorqueEnable) != 0 && !shutdown_;
    table_.set(Role::kTorqueEnable, wanted ? 1 : 0);
    if (wanted && !torque_) {
      const std::int64_t goal = table_.get(Role::kGoalPosition);
      if (mode() == Mode::kPosition) wrap();
      latch();
      if (!latches) table_.set(Role::kGoalPosition, goal);
    }
    torque_ = wanted;
  }

  // A bus that has gone silent: the servo stops and its goals refuse until the host says so.
  void stop() {
    table_.set(Role::kBusWatchdog, -1);
    table_.set(Role::kProfileVelocity, 0);
    table_.set(Role::kProfileAcceleration, 0);
    table_.set(Role::kGoalVelocity, 0);
    if (mode() == Mode::kCurrent) table_.set(Role::kGoalCurrent, 0);
    if (mode() == Mode::kPwm) table_.set(Role::kGoalPwm, 0);
    latch();
  }

  void guard(double dt) {
    const std::int64_t errors =
        table_.get(Role::kHardwareError) |
        guard_.check(table_, dt, voltage_, motor_.housing(), duty_, velocity_);
    table_.set(Role::kHardwareError, errors);
    if ((errors & table_.get(Role::kShutdown)) == 0) return;
    shutdown_ = true;
    torque_ = false;
    table_.set(Role::kTorqueEnable, 0);
  }

  void publish_moving() {
    const bool ongoing = torque_ && positions() && controller_.profile().ongoing();
    const double speed = std::abs(velocity_) / model_.velocity_unit;
    const bool fast = speed > static_cast<double>(table_.get(Role::kMovingThreshold));
    table_.set(Role::kMoving, ongoing || fast ? 1 : 0);
    std::int64_t status = 0;
    if (positions()) {
      const auto here = static_cast<double>(position());
      const double left = static_cast<double>(table_.get(Role::kGoalPosition)) - here;
      const double behind = controller_.profile().position() - here;
      status = (std::abs(left) < kInPosition ? 0x01 : 0) | (ongoing ? 0x02 : 0) |
               (std::abs(behind) > kFollowingError ? 0x08 : 0) |
               static_cast<int>(controller_.profile().shape()) << 4;
    }
    table_.set(Role::kMovingStatus, status);
  }

  TableBackup backup_;
  double turns_ = 0.0;  // [counts], whole turns taken off
  bool torque_ = false, shutdown_ = false;
};

}  // namespace handloop::bus::virtual_servo
