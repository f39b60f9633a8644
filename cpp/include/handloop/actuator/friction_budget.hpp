// The most that the friction of a gear can take, and what it takes.
//
//   budget = Kc + Kv |w| + |Km tm - Ke te| + s (Kcs + |Kms tm - Kes te| + Q)
//   s = exp(-|w / ws|^alpha),  Q = Keq te^2 where |tm| > |te|, else Kmq tm^2, if they oppose
//   friction = clamp(-(J / dt w + tm + te), -budget, budget)
//
// M6 of Duclusaud, Passault, Padois and Ly 2024 (arXiv 2410.08650), with M1 to M5 as special cases:
// M1 has Kc and Kv; M2 adds Kcs; M3 to M4 load terms with Km = Ke and Kms = Kes; M5 frees those; M6
// adds Q. `tm` is the motor's torque, `te` the torque from outside as it acts on the output. A
// budget stops a motion and never turns it round, so nothing chatters at rest.
#pragma once

#include <algorithm>
#include <cmath>

namespace handloop::actuator {

struct FrictionBudget {
  double coulomb = 0.0;                 // [N m]
  double viscous = 0.0;                 // [N m s/rad]
  double load_motor = 0.0;              // part of the motor's torque
  double load_external = 0.0;           // part of the torque from outside
  double stribeck_coulomb = 0.0;        // [N m], that breaking loose takes on top
  double stribeck_load_motor = 0.0;     // as above, at rest
  double stribeck_load_external = 0.0;  // as above, at rest
  double stribeck_speed = 0.1;          // [rad/s]; > 0
  double stribeck_exponent = 2.0;
  double quadratic_motor = 0.0;     // [1/(N m)], at rest
  double quadratic_external = 0.0;  // [1/(N m)], at rest

  // [N m], at a speed [rad/s], under the motor's torque and one from outside [N m].
  double budget(double speed, double motor, double external) const {
    return viscous * std::abs(speed) + dry(speed, motor, external);
  }

  // The part that is there at rest, too [N m].
  double dry(double speed, double motor, double external) const {
    const double sliding = coulomb + std::abs(load_motor * motor - load_external * external);
    if (!sticks()) return sliding;
    const double s = std::exp(-std::pow(std::abs(speed / stribeck_speed), stribeck_exponent));
    return sliding +
           s * (stribeck_coulomb +
                std::abs(stribeck_load_motor * motor - stribeck_load_external * external) +
                quadratic(motor, external));
  }

  // What friction adds to the torques [N m] on an inertia [kg m2] over a step [s].
  double resist(double inertia, double dt, double speed, double motor, double external) const {
    const double stop = -(inertia / dt * speed + motor + external);
    const double most = budget(speed, motor, external);
    return std::clamp(stop, -most, most);
  }

 private:
  bool sticks() const {
    return stribeck_coulomb > 0.0 || stribeck_load_motor > 0.0 || stribeck_load_external > 0.0 ||
           quadratic_motor > 0.0 || quadratic_external > 0.0;
  }

  double quadratic(double motor, double external) const {
    if (motor * external >= 0.0) return 0.0;
    return std::abs(motor) > std::abs(external) ? quadratic_external * external * external
                                                : quadratic_motor * motor * motor;
  }
};

}  // namespace handloop::actuator
