// The motor of a virtual servo: from the duty of its bridge to torque, current and heat.
//
//   i = (duty V - Ke w) / (R(T) + Rs duty^2),   tau = Kt i,   supply current = duty i
//
// The inductance of so small a motor settles within a fraction of a step and is left out. All
// figures are those of the output shaft. Heat: winding and housing, the two-body model of a motor's
// data sheet, as in thermal.hpp, which needs Eigen; the gear's friction warms the housing.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace handloop::bus::virtual_servo {

struct HeatFigures {
  double winding_resistance = 8.0;  // [K/W], winding to housing
  double housing_resistance = 7.0;  // [K/W], housing to room
  double winding_capacity = 3.0;    // [J/K]
  double housing_capacity = 60.0;   // [J/K]
  double ambient = 25.0;            // [deg C]
};

struct MotorFigures {
  double resistance = 5.2;         // [ohm], at 25 deg C
  double torque_constant = 1.78;   // [N m/A]
  double back_emf = 2.4;           // [V s/rad]
  double supply_resistance = 0.0;  // [ohm], Rs, between its plug's supply and the bridge
  double standby_current = 0.04;   // [A], of the electronics
  double brown_out_voltage = 4.5;  // [V], below which the electronics stop
  // Whether the current sensor sits in the supply of the bridge, as in the X330 series, instead of
  // in the winding.
  bool senses_supply = false;
  HeatFigures heat;
};

class VirtualMotor {
 public:
  explicit VirtualMotor(const MotorFigures& figures)
      : f_(figures), winding_(figures.heat.ambient), housing_(figures.heat.ambient) {}

  // Torque [N m] of the next `dt` [s] at `duty`, the part of `voltage` [V] that the bridge puts on
  // the winding, at an output speed [rad/s]. Not `driven`: the bridge is open, nothing flows.
  double step(double dt, bool driven, double duty, double voltage, double speed) {
    const double ohms = resistance() + f_.supply_resistance * duty * duty;
    current_ = driven ? (duty * voltage - f_.back_emf * speed) / ohms : 0.0;
    supply_current_ = driven ? duty * current_ : 0.0;
    warm(dt, current_ * current_ * resistance());
    return f_.torque_constant * current_;
  }

  // For the same step: a power [W] that arises in the housing, as friction of the gear does.
  void rub(double dt, double power) { housing_ += dt * power / f_.heat.housing_capacity; }

  // The part of a duty with which no more than `most` [A] will be sensed.
  double limited(double duty, double most, double voltage, double speed) const {
    if (voltage <= 0.0) return 0.0;
    if (std::isinf(most)) return duty;
    const double emf = f_.back_emf * speed, drop = resistance() * most;
    const double sag = f_.supply_resistance * most;
    if (!f_.senses_supply) {
      return std::clamp(duty, -reached(drop - emf, voltage, sag),
                        reached(drop + emf, voltage, sag));
    }
    // duty (duty V - Ke w) = (R + Rs duty^2) most, solved for the duty to either side.
    const double left = voltage - sag;
    if (left <= 0.0) return duty;
    const double root = std::sqrt(emf * emf + 4.0 * left * drop);
    return std::clamp(duty, 0.5 * (emf - root) / left, 0.5 * (emf + root) / left);
  }

  double current() const { return current_; }                // [A], in the winding
  double supply_current() const { return supply_current_; }  // [A], into the bridge
  // What its sensor sees [A], with the sign of the torque.
  double sensed_current() const {
    return f_.senses_supply ? std::copysign(supply_current_, current_) : current_;
  }
  double winding() const { return winding_; }  // [deg C]
  double housing() const { return housing_; }  // [deg C], where the sensor is
  void set_temperature(double celsius) { winding_ = housing_ = celsius; }
  const MotorFigures& figures() const { return f_; }

 private:
  static constexpr double kCopper = 0.00393;  // [1/K], growth of the resistance of copper

  // Where duty V = volts + sag duty^2; infinite: nowhere, so nothing limits it.
  static double reached(double volts, double voltage, double sag) {
    constexpr double kNone = std::numeric_limits<double>::infinity();
    const double square = voltage * voltage - 4.0 * sag * volts;
    return square > 0.0 ? 2.0 * volts / (voltage + std::sqrt(square)) : kNone;
  }

  double resistance() const { return f_.resistance * (1.0 + kCopper * (winding_ - 25.0)); }

  void warm(double dt, double power) {
    const double inner = (winding_ - housing_) / f_.heat.winding_resistance;
    const double outer = (housing_ - f_.heat.ambient) / f_.heat.housing_resistance;
    winding_ += dt * (power - inner) / f_.heat.winding_capacity;
    housing_ += dt * (inner - outer) / f_.heat.housing_capacity;
  }

  MotorFigures f_;
  double current_ = 0.0, supply_current_ = 0.0;
  double winding_, housing_;
};

// The supply that all servos of a bus share, with the resistance of its cable. The current is
// averaged over two steps, so that many motors on a thin cable do not make it ring.
class Supply {
 public:
  Supply(double voltage, double resistance) : source_(voltage), resistance_(resistance) {}

  void set_source(double voltage) { source_ = voltage; }
  void draw(double current) { current_ += 0.5 * (current - current_); }
  double voltage() const { return std::max(source_ - resistance_ * current_, 0.0); }  // [V]
  double current() const { return current_; }                                         // [A]

 private:
  double source_, resistance_, current_ = 0.0;
};

}  // namespace handloop::bus::virtual_servo
