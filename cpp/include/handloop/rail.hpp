// A supply that sags: every motor on a rail draws through one resistance.
//
//   V = V0 - R sum_k max(duty_k i_k, 0),   duty_k = (R_k i_k + Ke_k w_k) / V
//
// duty times winding current is what a bridge draws from its supply. A motor that brakes feeds
// nobody here, which keeps the estimate on the safe side. For given currents the motors' power P
// does not depend on V, so that V = (V0 + sqrt(V0^2 - 4 R P)) / 2 needs no iteration.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace handloop {

struct Rail {
  double voltage = 0.0;      // [V], without load; 0: any voltage there may be need of
  double resistance = 0.0;   // [ohm], of supply, cables and plugs
  double voltage_min = 0.0;  // [V], below which its servos reset

  bool known() const { return voltage > 0.0; }

  // The lowest voltage [V] with which this rail is still to be used; below half of V0 more current
  // brings less power.
  double floor() const { return std::max(voltage_min, 0.5 * voltage); }

  // The power [W] at which it sags to its floor.
  double power_max() const {
    return resistance > 0.0 ? floor() * (voltage - floor()) / resistance
                            : std::numeric_limits<double>::infinity();
  }

  // Its voltage [V] under a power [W] of at most `power_max`.
  double under(double power) const {
    const double root = voltage * voltage - 4.0 * resistance * power;
    return 0.5 * (voltage + std::sqrt(std::max(root, 0.0)));
  }
};

}  // namespace handloop
