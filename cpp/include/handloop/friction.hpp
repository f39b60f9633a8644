// Friction of a motor and its gear, seen at the output: the most that it can take, and what it
// takes.
//
//   budget = Kc + Kv |w| + |Km tm - Ke te| + s (Kcs + |Kms tm - Kes te| + Q)
//   s = exp(-|w / ws|^alpha),  Q = Keq te^2 where |tm| > |te|, else Kmq tm^2, if they oppose
//   friction = clamp(-(J / dt w + tm + te), -budget, budget)
//
// M6 of Duclusaud, Passault, Padois and Ly 2024 (arXiv 2410.08650), with M1 to M5 as special cases:
// M1 has Kc and Kv; M2 adds Kcs; M3 to M4 load terms with Km = Ke and Kms = Kes; M5 frees those; M6
// adds Q. `tm` is the motor's torque, `te` the torque from outside as it acts on the output. A
// budget stops a motion and never turns it round, so nothing chatters at rest.
//
// A simulation knows both torques. A controller knows one of them, and at a steady speed the other
// is what friction leaves of it: that equation is solved in closed form.
#pragma once

#include <algorithm>
#include <cmath>

namespace handloop {

struct Friction {
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
    return sliding + sticking(speed) * (stribeck_coulomb +
                                        std::abs(stribeck_load_motor * motor -
                                                 stribeck_load_external * external) +
                                        quadratic(motor, external));
  }

  // What friction adds to the torques [N m] on an inertia [kg m2] over a step [s].
  double resist(double inertia, double dt, double speed, double motor, double external) const {
    const double stop = -(inertia / dt * speed + motor + external);
    const double most = budget(speed, motor, external);
    return std::clamp(stop, -most, most);
  }

  // Dry friction [N m] on a steady motion in which the motor leaves `effort` [N m] to the load.
  // `way` of the motion: -1 to 1, less than whole where it is not sure.
  double dry_delivering(double speed, double effort, double way) const {
    if (!more_than_coulomb()) return coulomb;
    const double s = sticking(speed);
    return steady(speed, s, external_share(s), motor_share(s), effort, way);
  }

  // The same where the motor's torque [N m] is known, and not what it leaves.
  double dry_driven(double speed, double motor, double way) const {
    if (!more_than_coulomb()) return coulomb;
    const double s = sticking(speed);
    return steady(speed, s, motor_share(s), external_share(s), motor, -way);
  }

 private:
  // The part of a torque that is lost, and that of its square [1/(N m)].
  struct Share {
    double linear, square;
  };
  // Of a torque that a gear at least passes on: one that locks itself would need an infinite one.
  static constexpr double kLeastPassed = 0.05;

  Share motor_share(double s) const {
    return {load_motor + s * stribeck_load_motor, s * quadratic_motor};
  }
  Share external_share(double s) const {
    return {load_external + s * stribeck_load_external, s * quadratic_external};
  }

  // With the torque t at the gear's other end, which is t = |known| + along (friction + Kv |w|),
  //   friction = rest + own |known| + other t + Q,
  // linear or, where t is the smaller torque, quadratic in t.
  double steady(double speed, double s, const Share& own, const Share& other, double known,
                double way) const {
    const double load = std::abs(known), along = known < 0.0 ? -way : way;
    const double rest = coulomb + s * stribeck_coulomb;
    const double fixed = rest + (own.linear + (along > 0.0 ? own.square * load : 0.0)) * load;
    if (other.linear <= 0.0 && other.square <= 0.0) return fixed;
    const double rub = viscous * std::abs(speed), pull = load + along * (fixed + rub);
    const double passed = std::max(1.0 - along * other.linear, kLeastPassed);
    if (pull < 0.0) return overcome(rest + rub, own.linear + other.linear, load, passed) - rub;
    const double square = along < 0.0 ? other.square : 0.0;
    const double t =
        2.0 * pull / (passed + std::sqrt(passed * passed - 4.0 * along * square * pull));
    return fixed + (other.linear + square * t) * t;
  }

  // Of friction that is more than the known torque, so that the other one has turned round and
  // helps to overcome it. Both load terms are taken to turn round there at the same torque.
  static double overcome(double rest, double share, double load, double passed) {
    const double back = std::max(2.0 - passed, kLeastPassed);
    return std::max((rest + share * load) / passed, (rest - share * load) / back);
  }

  // How much of what sticks at rest is left at a speed [rad/s].
  double sticking(double speed) const {
    if (!sticks()) return 0.0;
    return std::exp(-std::pow(std::abs(speed / stribeck_speed), stribeck_exponent));
  }

  bool sticks() const { return at_rest() > 0.0; }
  // Whether dry friction hangs on torques or speed. A sum takes fewer instructions than each asked.
  bool more_than_coulomb() const { return load_motor + load_external + at_rest() > 0.0; }
  double at_rest() const {
    return stribeck_coulomb + stribeck_load_motor + stribeck_load_external + quadratic_motor +
           quadratic_external;
  }

  double quadratic(double motor, double external) const {
    if (motor * external >= 0.0) return 0.0;
    return std::abs(motor) > std::abs(external) ? quadratic_external * external * external
                                                : quadratic_motor * motor * motor;
  }
};

// The sign of a speed, smooth over +-`width`: a jump at zero would make a motor chatter.
inline double smooth_sign(double speed, double width) {
  return speed / std::sqrt(speed * speed + width * width);
}

// Which way friction points, from how far the joint has moved since it turned round: -1 to 1.
//
// At rest a velocity says nothing, and noise on it less. A sliding contact, though, only gives up
// its direction after the bristles between the surfaces are bent over (Dahl 1968), so the last
// motion says where friction points until the joint has moved back by `presliding`.
class SlidingSign {
 public:
  void reset(double position) {
    position_ = position;
    bend_ = 0.0;
  }

  double update(double position, double presliding) {
    bend_ = std::clamp(bend_ + position - position_, -presliding, presliding);
    position_ = position;
    return bend_ / presliding;
  }

 private:
  double position_ = 0.0, bend_ = 0.0;  // [rad]
};

}  // namespace handloop
