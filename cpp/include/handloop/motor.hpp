// From what each motor shall do to the current and the duty it needs, and what it can deliver.
//
//   i = (effort + compensated friction) / Kt,   duty = (R(T) i + Ke w) / V
//
// In the order in which they bind: effort and current limits, heat of the winding (thermal.hpp),
// the voltage left over the back-EMF, and the common supply (rail.hpp). A limit takes away, it
// never turns an effort round: a motor that is turned faster than its voltage allows is let coast.
// All figures are those of the output shaft, so gear ratios never appear. Without a configuration a
// motor is ideal: torque constant 1, no limits.
#pragma once

#include <limits>

#include "handloop/friction.hpp"
#include "handloop/rail.hpp"
#include "handloop/tension.hpp"
#include "handloop/thermal.hpp"

namespace handloop {

inline constexpr int kMaxRails = 4;

struct Motor {
  double torque_constant = 1.0;  // [N m/A] or, pulling a tendon, [N/A]
  double resistance = 0.0;       // [ohm], at 25 deg C
  double back_emf = 0.0;         // [V s/rad] or [V s/m]
  double current_max = std::numeric_limits<double>::infinity();  // [A]
  int rail = 0;
  Friction friction;
  Thermal thermal;
};

struct MotorConfig {
  int count = 0;  // 0: all motors are ideal
  std::array<Motor, kMaxActuators> motor{};
  std::array<Rail, kMaxRails> rail{};
  double friction_compensation = 0.0;  // part of the friction that the motor makes up for, 0 to 1
  double sign_width = 0.1;             // [rad/s] or [m/s], over which compensation turns its sign
  double ambient = kCatalogueCelsius;  // [deg C]
  double housing_time = 5.0;           // [s], in which a measured housing temperature is believed
};

enum class MotorLimit : std::uint8_t { kNone, kCurrent, kHeat, kVoltage, kRail };

// The motor nearest to its limit; index -1 where no heat is modelled.
struct HottestMotor {
  int index = -1;
  double winding = 0.0;  // [deg C]
  double limit = 0.0;    // [deg C]
};

class Motors {
 public:
  // `bounds`: what no effort may pass, compensation of friction included; empty for none.
  Motors(const MotorConfig& config, double period, const EffortBounds& bounds = {})
      : config_(config), bounds_(bounds), believe_(period / (config.housing_time + period)) {
    for (int k = 0; k < config.count; ++k) {
      heat_[index(k)] = MotorHeat(motor(k).thermal, config.ambient, period);
    }
  }

  // Forgets the limits met, never the heat.
  void reset() { limit_.fill(MotorLimit::kNone); }

  // They have stood for long: for a simulation that begins anew.
  void cool_down() {
    for (MotorHeat& heat : heat_) heat.reset();
  }

  // Turns what the motors shall do, `command.effort`, into what they can do, and adds the current
  // [A] and the duty that this takes. `speed`: of their outputs; `housing` [deg C] may be empty.
  void deliver(HandCommand& command, const ActuatorVector& speed, const ActuatorVector& housing) {
    command.current = command.effort;
    command.duty = ActuatorVector::Zero(command.effort.size());
    if (ideal()) return;
    believe(housing);
    for (int k = 0; k < config_.count; ++k) {
      command.current[k] = limited_current(k, command.effort[k], speed[k]);
    }
    for (int r = 0; r < kMaxRails; ++r) {
      if (config_.rail[index(r)].known()) supply(r, speed, command.current, command.duty);
    }
    for (int k = 0; k < config_.count; ++k) {
      const double current = command.current[k];
      // What nothing limits stays as it is, to the last bit.
      if (limit(k) != MotorLimit::kNone || config_.friction_compensation != 0.0) {
        command.effort[k] = motor(k).torque_constant * current;
      }
      heat_[index(k)].advance(current, motor(k).resistance);
    }
  }

  // The same for motors that shall not be driven: neither torque nor current, whatever turns them.
  void rest(HandCommand& command, const ActuatorVector& housing) {
    command.effort.setZero();
    command.current = command.duty = command.effort;
    if (ideal()) return;
    reset();
    believe(housing);
    for (int k = 0; k < config_.count; ++k) heat_[index(k)].advance(0.0, motor(k).resistance);
    for (int r = 0; r < kMaxRails; ++r) voltage_[index(r)] = config_.rail[index(r)].voltage;
  }

  bool ideal() const { return config_.count == 0; }  // does all it is told
  MotorLimit limit(int k) const { return limit_[index(k)]; }
  double winding(int k) const { return heat_[index(k)].winding(); }  // [deg C]
  double housing(int k) const { return heat_[index(k)].housing(); }  // [deg C]
  double rail_voltage(int r) const { return voltage_[index(r)]; }    // [V]
  const MotorConfig& config() const { return config_; }

  HottestMotor hottest() const {
    HottestMotor worst;
    for (int k = 0; k < config_.count; ++k) {
      const MotorHeat& heat = heat_[index(k)];
      const bool nearer = heat.limit() - heat.winding() < worst.limit - worst.winding;
      if (heat.known() && (worst.index < 0 || nearer)) worst = {k, heat.winding(), heat.limit()};
    }
    return worst;
  }

 private:
  static constexpr int kBisections = 12;  // to 1/4096 of the sag that is possible
  static constexpr int kChords = 4;

  template <typename T>
  static constexpr std::size_t index(T i) {
    return static_cast<std::size_t>(i);
  }
  const Motor& motor(int k) const { return config_.motor[index(k)]; }
  double resistance(int k) const {
    return motor(k).resistance * copper_growth(heat_[index(k)].winding());
  }

  void believe(const ActuatorVector& housing) {
    for (int k = 0; k < config_.count && k < housing.size(); ++k) {
      heat_[index(k)].correct_housing(housing[k], believe_);
    }
  }

  // What the motor has to do besides, so that `effort` is left at its output.
  double with_friction(int k, double effort, double speed) const {
    const Friction& f = motor(k).friction;
    const double way = smooth_sign(speed, config_.sign_width);
    const double friction = f.dry_delivering(speed, effort, way) * way + f.viscous * speed;
    const double sum = effort + config_.friction_compensation * friction;
    return bounds_.max.size() > 0 ? std::clamp(sum, bounds_.min[k], bounds_.max[k]) : sum;
  }

  double limited_current(int k, double effort, double speed) {
    const Motor& m = motor(k);
    const double wanted = with_friction(k, effort, speed) / m.torque_constant;
    const double cool = heat_[index(k)].current_max(m.resistance);
    const double most = std::min(m.current_max, cool);
    limit_[index(k)] = std::abs(wanted) <= most ? MotorLimit::kNone
                       : cool < m.current_max   ? MotorLimit::kHeat
                                                : MotorLimit::kCurrent;
    return std::clamp(wanted, -most, most);
  }

  // The current nearest to the wanted one that `voltage` can drive, against the back-EMF; none
  // where that would drive it the other way.
  double within(int k, double wanted, double speed, double voltage) const {
    const double emf = motor(k).back_emf * speed, r = resistance(k);
    if (r <= 0.0) return wanted;
    const double most = (std::copysign(voltage, wanted) - emf) / r;
    return wanted < 0.0 ? std::max(wanted, std::min(most, 0.0))
                        : std::min(wanted, std::max(most, 0.0));
  }

  // Power [W] drawn from a rail when `part` of the currents flow that its voltage can drive.
  double power(int r, const ActuatorVector& speed, const ActuatorVector& current, double voltage,
               double part) const {
    double sum = 0.0;
    for (int k = 0; k < config_.count; ++k) {
      if (motor(k).rail != r) continue;
      const double i = part * within(k, current[k], speed[k], voltage);
      sum += std::max((resistance(k) * i + motor(k).back_emf * speed[k]) * i, 0.0);
    }
    return sum;
  }

  // The voltage of rail `r`, the currents it can drive, and the duty of its motors.
  void supply(int r, const ActuatorVector& speed, ActuatorVector& current, ActuatorVector& duty) {
    const Rail& rail = config_.rail[index(r)];
    const double voltage = settle(r, speed, current);
    const double part = share(r, speed, current, voltage);
    for (int k = 0; k < config_.count; ++k) {
      if (motor(k).rail != r) continue;
      const double driven = within(k, current[k], speed[k], voltage);
      if (driven != current[k]) limit_[index(k)] = MotorLimit::kVoltage;
      if (part < 1.0) limit_[index(k)] = MotorLimit::kRail;
      current[k] = part * driven;
    }
    voltage_[index(r)] = rail.under(power(r, speed, current, voltage, 1.0));
    for (int k = 0; k < config_.count; ++k) {
      if (motor(k).rail != r) continue;
      const double needed = resistance(k) * current[k] + motor(k).back_emf * speed[k];
      duty[k] = std::clamp(needed / voltage_[index(r)], -1.0, 1.0);
    }
  }

  // The largest voltage at which the rail can still drive what it then lets through. More voltage
  // lets more current through, which makes it sag more: there is one, found by bisection.
  double settle(int r, const ActuatorVector& speed, const ActuatorVector& current) const {
    const Rail& rail = config_.rail[index(r)];
    double high = rail.voltage, low = rail.floor();
    const auto holds = [&](double v) {
      const double p = power(r, speed, current, v, 1.0);
      return p <= rail.power_max() && rail.under(p) >= v;
    };
    // Most often nothing is short of voltage, and no search is needed.
    const double unlimited =
        rail.under(std::min(power(r, speed, current, high, 1.0), rail.power_max()));
    if (holds(unlimited)) return unlimited;
    for (int i = 0; i < kBisections; ++i) {
      const double middle = 0.5 * (low + high);
      (holds(middle) ? low : high) = middle;
    }
    return low;
  }

  // The part of all currents with which the rail stays at or above its floor. Power grows like a
  // convex function of it from 0, so a chord from the safe side never cuts too little.
  double share(int r, const ActuatorVector& speed, const ActuatorVector& current,
               double voltage) const {
    const double allowed = config_.rail[index(r)].power_max();
    const double whole = power(r, speed, current, voltage, 1.0);
    if (whole <= allowed) return 1.0;
    double part = 0.0, drawn = 0.0;
    for (int i = 0; i < kChords; ++i) {
      part += (1.0 - part) * (allowed - drawn) / (whole - drawn);
      drawn = power(r, speed, current, voltage, part);
    }
    return part;
  }

  MotorConfig config_;
  EffortBounds bounds_;
  double believe_;
  std::array<MotorHeat, kMaxActuators> heat_{};
  std::array<MotorLimit, kMaxActuators> limit_{};
  std::array<double, kMaxRails> voltage_{};
};

}  // namespace handloop
