// The motor of a servo as its host has to know it where the servo does not control the current in
// the winding itself. Figures of the servo's output shaft.
//
//   duty = (R i + Ke w) / V,   supply current = duty i       (as motor.hpp)
//
// X330 servos sense and limit what they take of their supply: at standstill that is i^2 R / V, a
// tenth of the current in the winding where that is small, and so is the torque that one gets who
// takes one for the other.
#pragma once

#include <algorithm>
#include <cmath>

namespace handloop::bus {

struct ServoMotor {
  double resistance = 0.0;  // [ohm]
  double back_emf = 0.0;    // [V s/rad]
  double voltage = 0.0;     // [V], of the supply

  bool known() const { return resistance > 0.0 && back_emf >= 0.0 && voltage > 0.0; }

  // Part of the supply's voltage, -1 to 1, that makes a current [A] at a speed [rad/s].
  double duty(double current, double speed) const {
    return std::clamp((resistance * current + back_emf * speed) / voltage, -1.0, 1.0);
  }
  // [A], with the sign of the current in the winding.
  double supply_current(double current, double speed) const {
    return std::copysign(duty(current, speed) * current, current);
  }
  // The current in the winding [A] that takes this much of the supply: R i^2 + Ke w i = V s.
  double winding_current(double supply, double speed) const {
    const double emf = std::copysign(1.0, supply) * back_emf * speed;
    const double root = std::sqrt(emf * emf + 4.0 * resistance * voltage * std::abs(supply));
    return std::copysign((root - emf) / (2.0 * resistance), supply);
  }
};

}  // namespace handloop::bus
