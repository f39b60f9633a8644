// Friction of a motor and its gear, seen at the output.
//
//   tau_f = s (Coulomb + stiction / (1 + (w / w_s)^2) + load |tau|) + viscous w
//
// Coulomb, viscous and Stribeck friction after Armstrong-Helouvry, Dupont and Canudas de Wit
// (1994), the Stribeck curve in the form of Hess and Soom (1990); the part that grows with the load
// is what sets geared servos apart (Duclusaud et al. 2024). `s` in [-1, 1] stands for the sign of
// the motion.
#pragma once

#include <algorithm>
#include <cmath>

#include "handloop/types.hpp"

namespace handloop {

struct Friction {
  double coulomb = 0.0;         // [N m], while sliding
  double stiction = 0.0;        // [N m], that breaking loose takes on top of it
  double stribeck_speed = 0.1;  // [rad/s], at which half of that is gone; > 0
  double viscous = 0.0;         // [N m s/rad]
  double load = 0.0;            // part of the transmitted torque that is lost

  // What opposes the motion besides viscous friction: the most that sticking can hold, [N m].
  double dry(double speed, double effort) const {
    const double ratio = speed / stribeck_speed;
    return coulomb + stiction / (1.0 + ratio * ratio) + load * std::abs(effort);
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
