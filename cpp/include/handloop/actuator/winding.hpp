// The electrical half of an actuator: from what it is told to current, torque and heat.
//
//   L di/dt = v - R(T) i - Ke w,   tau = Kt i,   R(T) = R25 (1 + 0.00393 (T - 25 deg C))
//
// The circuit of a direct current motor, as MuJoCo's `dcmotor` has it, with Kt and Ke apart. A
// drive that is told a torque puts on the voltage which drives the current for it, as far as the
// supply goes. The current is integrated exactly over a step in which voltage and speed stay the
// same.
#pragma once

#include <algorithm>
#include <cmath>

#include "handloop/actuator/figures.hpp"

namespace handloop::actuator {

class Winding {
 public:
  Winding(const Figures& figures, double ambient, double step)
      : f_(figures), heat_(unprotected(figures.thermal), ambient, step), step_(step) {}

  void reset() {
    heat_.reset();
    current_ = voltage_ = slope_ = 0.0;
  }

  // The torque [N m] of the next step: for what it is told, at a speed [rad/s] and a supply [V].
  double drive(double told, double speed, double supply) {
    const double r = resistance(), emf = f_.back_emf * speed;
    const double wanted = voltage_for(told, emf, supply);
    const bool given = f_.command == Command::kVoltage;
    voltage_ = given ? wanted : std::clamp(wanted, -supply, supply);
    const bool decides = f_.command != Command::kTorque || voltage_ != wanted;
    const double approach = f_.inductance > 0.0 ? -std::expm1(-step_ * r / f_.inductance) : 1.0;
    const double free = current_ + approach * ((voltage_ - emf) / r - current_);
    current_ = std::clamp(free, -f_.current_max, f_.current_max);
    slope_ = decides && current_ == free ? approach * f_.torque_constant * f_.back_emf / r : 0.0;
    heat_.advance(current_, f_.resistance);
    return f_.torque_constant * current_;
  }

  // What friction turned into heat in that step [W]; it warms the housing.
  void rub(double power) { heat_.rub(power); }

  double torque() const { return f_.torque_constant * current_; }  // [N m]
  double current() const { return current_; }                      // [A]
  // What a faster turn takes off the torque at once [N m s/rad]. A drive that controls its current
  // makes up for it as long as it has the voltage.
  double slope() const { return slope_; }
  // [W], from the supply; one that brakes feeds nobody.
  double power() const { return std::max(voltage_ * current_, 0.0); }
  double resistance() const { return f_.resistance * copper_growth(heat_.winding()); }  // [ohm]
  double winding() const { return heat_.winding(); }                                    // [deg C]
  double housing() const { return heat_.housing(); }                                    // [deg C]

 private:
  // [V]. Who sets a voltage knows neither how warm the winding is nor how far the supply has
  // sagged.
  double voltage_for(double told, double emf, double supply) const {
    switch (f_.command) {
      case Command::kTorque:
        return resistance() * told / f_.torque_constant + emf;
      case Command::kStandstillTorque:
        return f_.resistance * told / f_.torque_constant * supply / f_.voltage;
      case Command::kVoltage:
        return told * supply / f_.voltage;
    }
    return 0.0;
  }

  // A real winding knows no limit; without one its estimate of heat does not err to the hot side.
  static Thermal unprotected(Thermal thermal) {
    thermal.winding_max = -std::numeric_limits<double>::max();
    return thermal;
  }

  Figures f_;
  MotorHeat heat_;
  double step_;
  double current_ = 0.0, voltage_ = 0.0, slope_ = 0.0;
};

}  // namespace handloop::actuator
