// A Feetech STS servo (Feetech, "STS/SMS communication protocol manual" and "Magnetic encoded STS
// servo: memory table"). Unlike a Dynamixel it refuses nothing; its error byte holds alarms only.
// It has no current mode: position, speed, and PWM.
#pragma once

#include "handloop/bus/feetech_packet.hpp"
#include "handloop/bus/virtual/virtual_servo.hpp"

namespace handloop::bus::virtual_servo {

class FeetechServo final : public VirtualServo {
 public:
  using VirtualServo::VirtualServo;

  void boot() override {
    VirtualServo::boot();
    table_.set(Role::kEepromLock, 1);
    table_.keep_writes(false);
    alarms_ = 0;
    torque_ = false;
    latch();
  }

  void hear(const Request& request, std::int64_t now) override {
    be_silent();
    waits_ = false;
    size_ = 0;
    id_heard_ = id();
    const bool all = request.id == feetech::kBroadcast;
    if (request.damaged || (request.id != id() && !all)) return;
    obey(request, all, now);
  }

  void hear_answer(std::uint8_t from, Bytes, std::int64_t now) override {
    if (!waits_ || from != before_) return;
    waits_ = false;
    answer_after(now);
  }

  Answer answer() override {
    be_silent();
    std::array<std::uint8_t, 256> data;
    const auto out = std::span(data).first(size_);
    table_.peek(address_, out);
    return {id_heard_, feetech::status(writer_, id_heard_, alarms_, out)};
  }

  void answered(std::int64_t) override { load_baud(); }

 protected:
  bool driven() const override { return torque_; }
  double current_limit() const override { return std::numeric_limits<double>::infinity(); }

  double control(std::int64_t, double dt) override {
    const std::int64_t errors =
        guard_.check(table_, dt, voltage_, motor_.housing(), duty_, velocity_);
    alarms_ = static_cast<std::uint8_t>(errors);
    if ((errors & table_.get(Role::kShutdown)) != 0) switch_torque(false);
    if (!torque_) return 0.0;
    const double most = 1e-3 * value(Role::kTorqueLimit);
    return std::clamp(law(), -most, most);
  }

  void publish(std::int64_t) override {
    const auto rounded = [](double v) { return static_cast<std::int64_t>(std::floor(v + 0.5)); };
    table_.set(Role::kPresentPosition, position());
    table_.set(Role::kPresentVelocity, rounded(1000.0 * velocity_));
    table_.set(Role::kPresentLoad, rounded(1000.0 * duty_));
    table_.set(Role::kPresentVoltage, rounded(10.0 * voltage_));
    table_.set(Role::kPresentTemperature, rounded(motor_.housing()));
    table_.set(Role::kStatus, alarms_);
    table_.set(Role::kMoving, profile_.ongoing() || std::abs(velocity_) > 0.05 ? 1 : 0);
    table_.set(Role::kPresentCurrent, rounded(motor_.current() / model_.current_unit));
  }

 private:
  using Instruction = feetech::Instruction;
  enum Mode : std::int64_t { kPosition = 0, kSpeed = 1, kPwm = 2 };
  static constexpr double kGain = 0.0005;        // duty per count and unit of the P register
  static constexpr double kDamping = 0.008;      // duty per count/ms and unit of the D register
  static constexpr double kSpeedGain = 0.1;      // duty per count/ms
  static constexpr double kAcceleration = 1e-4;  // [counts/ms2], 100 counts/s2
  static constexpr std::int64_t kMiddle = 128;   // written to torque_enable: this is 2048

  double value(Role role) const { return static_cast<double>(table_.get(role)); }
  std::int64_t position() const {
    return static_cast<std::int64_t>(raw_) - table_.get(Role::kHomingOffset);
  }

  void obey(const Request& r, bool all, std::int64_t now) {
    const Bytes p = r.parameters;
    switch (static_cast<Instruction>(r.instruction)) {
      case Instruction::kPing:
        return answer_after(all ? now + id() * ping_slot() : now);
      case Instruction::kRead:
        if (p.size() == 2 && !all) reads(p[0], p[1], now);
        return;
      case Instruction::kSyncRead:
        return sync_read(p, now);
      case Instruction::kSyncWrite:
        return sync_write(p);
      case Instruction::kReboot:
        return power_off(now, model_.reboot_time);
      default:
        change(static_cast<Instruction>(r.instruction), p);
        // At the lower level only what is asked for is answered.
        if (!all && table_.get(Role::kStatusReturnLevel) > 0) answer_after(now);
        if (answer_at() == kNever) load_baud();
    }
  }

  void change(Instruction instruction, Bytes p) {
    switch (instruction) {
      case Instruction::kWrite:
        if (p.size() > 1) write(p[0], p.subspan(1));
        return;
      case Instruction::kRegWrite:
        remembered_size_ = std::min(p.size(), remembered_.size());
        std::copy_n(p.begin(), remembered_size_, remembered_.begin());
        return;
      case Instruction::kAction:
        if (remembered_size_ > 1) {
          write(remembered_[0], Bytes(remembered_).subspan(1, remembered_size_ - 1));
        }
        remembered_size_ = 0;
        return;
      case Instruction::kFactoryReset:
        table_.factory_reset(FactoryReset::kAllButId);
        return switch_torque(false);
      case Instruction::kCalibrate:
        return centre();
      default:
        return;
    }
  }

  void reads(std::uint8_t address, std::uint8_t size, std::int64_t now) {
    address_ = address;
    size_ = size;
    answer_after(now);
  }

  void sync_read(Bytes p, std::int64_t now) {
    if (p.size() < 3) return;
    const Bytes ids = p.subspan(2);
    const auto mine =
        static_cast<std::size_t>(std::find(ids.begin(), ids.end(), id()) - ids.begin());
    if (mine == ids.size()) return;
    reads(p[0], p[1], now);
    if (mine == 0) return;
    be_silent();
    waits_ = true;
    before_ = ids[mine - 1];
  }

  void sync_write(Bytes p) {
    if (p.size() < 2) return;
    const std::size_t size = p[1];
    for (std::size_t at = 2; at + 1 + size <= p.size(); at += 1 + size) {
      if (p[at] == id()) write(p[0], p.subspan(at + 1, size));
    }
  }

  void write(std::size_t address, Bytes data) {
    const RoleSet written = table_.force(address, data);
    if (contains(written, Role::kEepromLock)) {
      table_.keep_writes(table_.get(Role::kEepromLock) == 0);
    }
    if (contains(written, Role::kTorqueEnable)) {
      if (table_.get(Role::kTorqueEnable) == kMiddle) centre();
      switch_torque(table_.get(Role::kTorqueEnable) == 1);
    }
    if (contains(written, Role::kOperatingMode)) latch();
    if (contains(written, Role::kGoalPosition)) aim();
  }

  // Where it stands is to be the middle of its range.
  void centre() { table_.save(Role::kHomingOffset, static_cast<std::int64_t>(raw_) - 2048); }

  void switch_torque(bool on) {
    if (on && !torque_) latch();
    torque_ = on;
    table_.set(Role::kTorqueEnable, on ? 1 : 0);
  }
  void latch() {
    table_.set(Role::kGoalPosition, position());
    profile_.reset(static_cast<double>(position()));
    integral_.reset();
  }
  void aim() {
    std::int64_t goal = table_.get(Role::kGoalPosition);
    const std::int64_t low = table_.get(Role::kMinPosition), high = table_.get(Role::kMaxPosition);
    if (low < high) goal = std::clamp(goal, low, high);  // both 0: several turns
    profile_.aim(static_cast<double>(goal), 1e-3 * std::abs(value(Role::kGoalVelocity)),
                 kAcceleration * value(Role::kProfileAcceleration));
  }

  double law() {
    const double full = 1.0;
    if (table_.get(Role::kOperatingMode) == kPwm) return 1e-3 * value(Role::kGoalPwm);
    if (table_.get(Role::kOperatingMode) == kSpeed) {
      const double error = 1e-3 * value(Role::kGoalVelocity) - velocity_;
      return integral_.output(kSpeedGain * error, 0.1 * kSpeedGain, error, full);
    }
    profile_.step();
    const double error = profile_.position() - static_cast<double>(position());
    const double damping = kDamping * value(Role::kPositionD) * (profile_.velocity() - velocity_);
    return integral_.output(kGain * value(Role::kPositionP) * error + damping,
                            kGain * 1e-2 * value(Role::kPositionI), error, full);
  }

  feetech::PacketWriter writer_;
  MotionProfile profile_;
  Integral integral_;
  std::array<std::uint8_t, 256> remembered_{};
  std::size_t remembered_size_ = 0;
  std::size_t address_ = 0, size_ = 0;
  std::uint8_t id_heard_ = 0, before_ = 0, alarms_ = 0;
  bool waits_ = false, torque_ = false;
};

}  // namespace handloop::bus::virtual_servo
