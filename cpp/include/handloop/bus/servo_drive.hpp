// How one servo moves one joint, and what it is told and asked for that.
//
// A joint's angle is (servo angle - zero) / ratio, its torque ratio times the servo's; a negative
// ratio turns the servo the other way. What a servo is told depends on what it understands:
//   current            the current that the motor stage asks for
//   current, position  the same as a bound on the current towards a goal far ahead in its direction
//   position           a goal ahead of the joint by torque / stiffness (Hogan 1985, read backwards)
//   voltage            the part of its supply that makes the current, back-EMF made up for
#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>

#include "handloop/bus/derating.hpp"
#include "handloop/bus/group.hpp"
#include "handloop/bus/raw_field.hpp"
#include "handloop/bus/servo_motor.hpp"
#include "handloop/types.hpp"

namespace handloop::bus {

enum class ServoMode : std::uint8_t { kCurrent, kCurrentPosition, kPosition, kVoltage };

// One byte of a servo, and what is to stand there.
struct ByteSetting {
  std::uint16_t address = 0;
  std::uint8_t value = 0;
};

// What is asked of a servo now and then.
struct HealthBlock {
  Registers block;  // of size 0: nothing
  RawField temperature, voltage, error;
  double voltage_unit = 0.1;  // [V]
};

struct ServoHealth {
  double temperature = std::numeric_limits<double>::quiet_NaN();  // [deg C]; no number: not known
  double voltage = std::numeric_limits<double>::quiet_NaN();      // [V], likewise
  std::int64_t error = 0;                                         // bits of the servo's family
};

struct ServoDrive {
  std::uint8_t id = 0;
  int line = 0;
  ServoMode mode = ServoMode::kCurrent;
  double ratio = 1.0;          // servo angle per joint angle
  double zero = 0.0;           // [rad], servo angle where the joint is at zero
  double current_limit = 0.0;  // [A], as the servo counts
  double stiffness = 0.0;  // [N m/rad], of the joint, with which a position servo holds its goal
  double lead = 0.35;      // [rad], how far ahead of the joint a goal may be
  Registers read, write;   // the blocks of every cycle; `write` with what it says at first
  RawField position, velocity, current, temperature;  // in what is read
  RawField goal_position, goal_current, goal_pwm;     // in what is written
  double position_unit = 0.0, velocity_unit = 0.0;    // [rad], [rad/s] of the servo, per raw unit
  double current_unit = 0.0, temperature_unit = 1.0;  // [A], [deg C]
  double pwm_unit = 0.0;                              // part of the supply's voltage, per raw unit
  ServoMotor motor;                                   // for voltage mode, and where the next is so
  double emf_compensation = 1.0;          // part of the back-EMF that a voltage makes up for
  bool senses_supply = false;             // its currents are those of its supply
  std::optional<std::uint16_t> torque;    // address of the byte that switches its torque on and off
  std::optional<ByteSetting> watchdog;    // with which it stops by itself when nobody speaks
  std::uint8_t distrusted_alarms = 0xFF;  // bits after which it counts as gone, see Reply
  HealthBlock health;
};

class ServoJoint {
 public:
  // Throws std::invalid_argument where the parts of a drive do not fit each other.
  ServoJoint(const ServoDrive& d, std::size_t lines, const DeratingConfig& derating)
      : drive_(d), derating_(derating) {
    check(lines);
    drive_.read.id = drive_.write.id = d.id;
    std::copy(d.write.data.begin(), d.write.data.end(), block_.begin());
    drive_.write.data = {};
  }

  // Whether it holds a posture by itself.
  bool holds() const {
    return drive_.mode == ServoMode::kPosition || drive_.mode == ServoMode::kCurrentPosition;
  }

  const ServoDrive& drive() const { return drive_; }
  std::size_t line() const { return static_cast<std::size_t>(drive_.line); }
  std::uint8_t id() const { return drive_.id; }
  // [ns], the wire's clock, of the last reading of a servo that was well; 0: never.
  std::int64_t sound_at() const { return sound_at_; }

  // `dt` [s] after the sample before. What was never answered is no number, which the controller's
  // safety knows what to do with.
  void sense(const Reading& answer, double dt, Eigen::Index k, HandState& state) {
    if ((answer.alarms & drive_.distrusted_alarms) == 0) sound_at_ = answer.time;
    const double known = answer.time > 0 ? 1.0 : std::numeric_limits<double>::quiet_NaN();
    const Bytes data(answer.data);
    const auto value = [&](const RawField& f, double unit) {
      return known * unit * static_cast<double>(decode(f, data));
    };
    state.q[k] = q_ = (value(drive_.position, drive_.position_unit) - drive_.zero) / drive_.ratio;
    const double speed = value(drive_.velocity, drive_.velocity_unit);
    state.dq[k] = speed / drive_.ratio;
    speed_ = std::isfinite(speed) ? speed : 0.0;
    const double amps = value(drive_.current, drive_.current_unit);
    state.current[k] =
        way() * (drive_.senses_supply ? drive_.motor.winding_current(amps, speed_) : amps);
    if (drive_.temperature.size > 0) {
      health_.temperature = value(drive_.temperature, drive_.temperature_unit);
    }
    if (answer.outcome == Outcome::kAnswered) feel(amps, dt);
  }

  void note_health(Bytes data) {
    const HealthBlock& h = drive_.health;
    const auto number = [&](const RawField& f) { return static_cast<double>(decode(f, data)); };
    if (h.temperature.size > 0) {
      health_.temperature = drive_.temperature_unit * number(h.temperature);
    }
    if (h.voltage.size > 0) health_.voltage = h.voltage_unit * number(h.voltage);
    health_.error = decode(h.error, data);
  }
  const ServoHealth& health() const { return health_; }
  double allowance() const { return derating_.allowance(); }  // part of its torque

  // `amps` and `torque` are the joint's way round; what is no number is nothing.
  Registers goal(double amps, double torque) {
    amps = std::isfinite(amps) ? limited(amps) : 0.0;
    const double lead = allowance() * drive_.lead;
    torque = std::isfinite(torque) ? torque : 0.0;
    switch (drive_.mode) {
      case ServoMode::kCurrent:
        put(drive_.goal_current, sensed(way() * amps) / drive_.current_unit);
        break;
      case ServoMode::kCurrentPosition:
        put(drive_.goal_current, std::abs(sensed(way() * amps)) / drive_.current_unit);
        put_angle(amps == 0.0 ? 0.0 : std::copysign(drive_.lead, amps));
        break;
      case ServoMode::kPosition:
        put_angle(std::clamp(torque / drive_.stiffness, -lead, lead));
        break;
      case ServoMode::kVoltage:
        put(drive_.goal_pwm,
            drive_.motor.duty(way() * amps, drive_.emf_compensation * speed_) / drive_.pwm_unit);
        break;
    }
    return written();
  }
  // Nothing that pushes, whatever it does meanwhile.
  Registers rest() {
    speed_ = 0.0;
    return goal(0.0, 0.0);
  }

  // The posture where it is, with the bound on the current that was told last.
  Registers stay() {
    if (!holds()) return rest();
    put_angle(0.0);
    return written();
  }
  // Whether a copy of the block that is written has these goals.
  bool has_goals(Bytes block) const {
    for (const RawField& f : {drive_.goal_position, drive_.goal_current, drive_.goal_pwm}) {
      if (decode(f, block) != decode(f, block_)) return false;
    }
    return true;
  }

 private:
  // `current`: as the servo counts.
  void feel(double current, double dt) {
    derating_.feel(current, drive_.current_limit, health_.temperature, dt);
  }

  // Limits count as the servo does.
  double limited(double amps) const {
    double most = allowance() * drive_.current_limit;
    if (drive_.senses_supply && amps != 0.0) {
      const double speed = std::copysign(speed_, way() * amps * speed_);
      most = drive_.motor.winding_current(most, speed);
    }
    return std::clamp(amps, -most, most);
  }
  // What the servo takes for a current in its winding.
  double sensed(double amps) const {
    return drive_.senses_supply ? drive_.motor.supply_current(amps, speed_) : amps;
  }
  double way() const { return std::copysign(1.0, drive_.ratio); }

  Registers written() const {
    Registers registers = drive_.write;
    registers.data = Bytes(block_).first(drive_.write.size);
    return registers;
  }

  void put_angle(double ahead) {
    if (!std::isfinite(q_)) return;  // the goal stays what it was
    put(drive_.goal_position, (drive_.ratio * (q_ + ahead) + drive_.zero) / drive_.position_unit);
  }
  // Cut off rather than rounded: never more than was asked for.
  void put(const RawField& f, double raw) { encode(f, static_cast<std::int64_t>(raw), block_); }

  void check(std::size_t lines) const {
    const ServoDrive& d = drive_;
    demand(d.line >= 0 && line() < lines, ": there is no such line");
    demand(std::isfinite(d.ratio) && d.ratio != 0.0, ": ratio must not be 0");
    demand(std::isfinite(d.zero), ": zero must be a number");
    demand(d.position.size > 0 && d.position_unit > 0.0, ": position must be read");
    demand(d.read.size <= kMaxBlock, ": reads 1 to 64 bytes");
    demand(d.write.size > 0 && d.write.size <= kMaxBlock, ": writes 1 to 64 bytes");
    demand(d.write.data.size() == d.write.size, ": give the data that are written");
    check_mode();
    check_fields();
  }

  void check_mode() const {
    const ServoDrive& d = drive_;
    const bool pushed = d.mode == ServoMode::kPosition, voltage = d.mode == ServoMode::kVoltage;
    demand(pushed || voltage || (d.goal_current.size > 0 && d.current_unit > 0.0),
           ": has no goal current; use position mode");
    demand(!voltage || (d.goal_pwm.size > 0 && d.pwm_unit > 0.0), ": has no goal PWM");
    demand(!(voltage || d.senses_supply) || d.motor.known(),
           ": give the resistance, back-EMF and voltage of its motor");
    demand(pushed || d.current_limit > 0.0, ": current_limit must be > 0");
    demand(!pushed || d.stiffness > 0.0, ": stiffness must be > 0 in position mode");
    demand(!holds() || d.goal_position.size > 0, ": has no goal position");
    demand(d.lead > 0.0, ": lead must be > 0");
  }

  void check_fields() const {
    const ServoDrive& d = drive_;
    for (const RawField& f : {d.position, d.velocity, d.current, d.temperature}) {
      demand(fits(f, d.read.size), ": a field is not in what is read");
    }
    for (const RawField& f : {d.health.temperature, d.health.voltage, d.health.error}) {
      demand(fits(f, d.health.block.size), ": a field is not in the block of its health");
    }
    for (const RawField& f : {d.goal_position, d.goal_current, d.goal_pwm}) {
      demand(fits(f, d.write.size), ": a goal is not in what is written");
    }
  }

  static bool fits(const RawField& f, std::size_t block) {
    return f.size <= sizeof(std::int64_t) && std::size_t{f.offset} + f.size <= block;
  }
  void demand(bool kept, const char* what) const {
    if (!kept) throw std::invalid_argument("servo " + std::to_string(drive_.id) + what);
  }

  ServoDrive drive_;
  double q_ = std::numeric_limits<double>::quiet_NaN();  // [rad], at the last sample
  double speed_ = 0.0;                                   // [rad/s] of the servo, at the last sample
  std::int64_t sound_at_ = 0;
  ServoHealth health_;
  Derating derating_;
  std::array<std::uint8_t, kMaxBlock> block_{};
};

}  // namespace handloop::bus
