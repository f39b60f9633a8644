// A servo as its bus sees it: hears requests and other servos' answers, says when it will answer
// itself, and turns a shaft. What it understands and obeys is its protocol's.
#pragma once

#include <limits>
#include <memory>

#include "handloop/bus/virtual/control_table.hpp"
#include "handloop/bus/virtual/servo_controller.hpp"
#include "handloop/bus/virtual/servo_guard.hpp"

namespace handloop::bus::virtual_servo {

inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t kMillisecond = 1'000'000;  // [ns]

// A packet of the host, of either protocol.
struct Request {
  std::uint8_t id = 0;
  std::uint8_t instruction = 0;
  Bytes parameters;
  bool damaged = false;  // its checksum is wrong: nothing but the id is believed
};

class VirtualServo {
 public:
  explicit VirtualServo(const ServoModel& model)
      : model_(model),
        table_(model.registers, model.indirect),
        motor_(model.motor),
        controller_(model),
        guard_(model.overload_time, model.overload_error),
        late_shaft_(milliseconds(model.sensing_delay)) {}
  VirtualServo(const VirtualServo&) = delete;
  VirtualServo& operator=(const VirtualServo&) = delete;
  virtual ~VirtualServo() = default;

  // -- on the line --------------------------------------------------------------------------------
  virtual void hear(const Request& request, std::int64_t now) = 0;
  // Another servo's answer has passed, undamaged.
  virtual void hear_answer(std::uint8_t id, Bytes bytes, std::int64_t now) = 0;
  std::int64_t answer_at() const { return answer_at_; }  // [ns], kNever: it has nothing to say
  struct Answer {
    std::uint8_t id = 0;  // under which it speaks
    Bytes bytes;          // good until the next answer
  };
  virtual Answer answer() = 0;
  virtual void answered(std::int64_t now) = 0;
  bool listening() const { return on_ && plugged_; }
  std::uint32_t baud() const { return baud_; }  // [bit/s]
  std::uint8_t id() const { return static_cast<std::uint8_t>(table_.get(Role::kId)); }

  // -- at the shaft -------------------------------------------------------------------------------
  // One step of `dt` [s] from `now` [ns] on; returns the torque [N m].
  double step(std::int64_t now, double dt, double voltage, const Shaft& shaft) {
    voltage_ = voltage;
    measure(shaft);
    motor_.rub(dt, shaft.rubbed);
    supervise_power(now);
    if (!on_) return motor_.step(dt, false, 0.0, voltage, shaft.velocity);
    const double wanted = control(now, dt);
    const double most = current_limit();
    duty_ = driven() ? motor_.limited(wanted, most, voltage, shaft.velocity) : 0.0;
    duty_ = std::clamp(duty_, -model_.duty_max, model_.duty_max);
    const double torque = motor_.step(dt, driven(), duty_, voltage, shaft.velocity);
    publish(now);
    return torque;
  }
  double supply_current() const {  // [A]
    return on_ ? motor_.supply_current() + model_.motor.standby_current : 0.0;
  }

  // -- by whom it tests ---------------------------------------------------------------------------
  // Electronics that never come back, until they are mended.
  void kill() {
    dead_ = true;
    power_off(0, 0);
  }
  void mend() { dead_ = false; }
  // The data line, not the supply.
  void plug(bool plugged) {
    plugged_ = plugged;
    if (!plugged) be_silent();
  }
  ControlTable& table() { return table_; }
  const ControlTable& table() const { return table_; }
  VirtualMotor& motor() { return motor_; }
  const ServoModel& model() const { return model_; }
  bool on() const { return on_; }
  double duty() const { return duty_; }

  // Takes over what stands in its registers: the factory's values, or those a test has put there.
  virtual void boot() {
    table_.power_on();
    guard_.reset();
    load_baud();
    on_ = true;
  }

 protected:
  virtual double control(std::int64_t now, double dt) = 0;  // the duty it would like
  virtual bool driven() const = 0;
  virtual double current_limit() const = 0;  // [A]
  virtual void publish(std::int64_t now) = 0;

  void be_silent() { answer_at_ = kNever; }
  void answer_after(std::int64_t now) { answer_at_ = now + model_.turnaround + return_delay(); }
  std::int64_t return_delay() const { return 2000 * table_.get(Role::kReturnDelay); }  // [ns]
  // A broadcast ping is answered in slots by id; the status of one takes 14 bytes.
  std::int64_t ping_slot() const { return 14 * (10'000'000'000 / baud_) + kMillisecond; }

  void power_off(std::int64_t now, std::int64_t time) {
    on_ = false;
    duty_ = 0.0;
    boot_at_ = now + time;
    be_silent();
  }
  std::int64_t uptime(std::int64_t now) const { return now - booted_at_; }
  void load_baud() {
    const auto code = static_cast<std::size_t>(table_.get(Role::kBaud));
    baud_ = model_.bauds[std::min(code, model_.bauds.size() - 1)];
  }

  ServoModel model_;
  ControlTable table_;
  VirtualMotor motor_;
  ServoController controller_;
  ServoGuard guard_;
  double voltage_ = 0.0, duty_ = 0.0;
  double raw_ = 0.0, velocity_ = 0.0;  // [counts], [counts/ms], as the encoder sees them
  std::int64_t answer_at_ = kNever;

 private:
  static constexpr double kVelocityFilter = 1.0 / 8.0;  // per millisecond

  void measure(const Shaft& shaft) {
    const double place = model_.encoder_at_motor ? shaft.motor : shaft.position;
    if (!measured_) late_shaft_.reset(place);
    const double now = seen(late_shaft_.pass(place));
    if (!measured_) raw_ = now;
    measured_ = true;
    velocity_ += kVelocityFilter * (now - raw_ - velocity_);
    raw_ = now;
  }

  double seen(double position) const {  // [counts]
    const auto middle = static_cast<double>(model_.middle);
    const double counts = model_.counts_per_turn;
    const double grain = std::max(1.0, std::round(model_.resolution / (2.0 * kPi) * counts));
    const double raw = grain * std::floor(position / (2.0 * kPi) * counts / grain) + middle;
    // A potentiometer has two ends; an encoder turns on.
    return 2.0 * middle < counts ? std::clamp(raw, 0.0, 2.0 * middle - 1.0) : raw;
  }

  void supervise_power(std::int64_t now) {
    if (dead_ || voltage_ < model_.motor.brown_out_voltage) {
      power_off(now, model_.reboot_time);
    } else if (!on_ && now >= boot_at_) {
      booted_at_ = now;
      boot();
    }
  }

  static constexpr double kPi = 3.14159265358979323846;

  actuator::DelayLine late_shaft_;
  std::uint32_t baud_ = 57600;
  std::int64_t boot_at_ = 0, booted_at_ = 0;  // [ns]
  bool on_ = false, dead_ = false, plugged_ = true, measured_ = false;
};

}  // namespace handloop::bus::virtual_servo
