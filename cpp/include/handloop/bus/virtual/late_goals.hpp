// A servo's goals, as late as they reach its bridge.
#pragma once

#include <cmath>

#include "handloop/actuator/delay_line.hpp"
#include "handloop/bus/virtual/motion_profile.hpp"

namespace handloop::bus::virtual_servo {

// Of a delay [s], in a servo's own.
inline int milliseconds(double delay) { return static_cast<int>(std::lround(1e3 * delay)); }

class LateGoals {
 public:
  // In the units of a profile.
  struct Target {
    double position = 0.0, velocity = 0.0, acceleration = 0.0;
  };

  explicit LateGoals(double delay) : targets_(milliseconds(delay)), values_(milliseconds(delay)) {}

  // Nothing is on its way; it stands at a position [counts].
  void restart(double position) {
    targets_.reset({.position = position});
    values_.reset();
  }

  // Once a millisecond one of the two, whichever is controlled.
  Target target(const MotionProfile& p) {
    return targets_.pass({p.position(), p.velocity(), p.acceleration()});
  }
  double value(double goal) { return values_.pass(goal); }

 private:
  actuator::DelayLineOf<Target> targets_;
  actuator::DelayLine values_;  // a duty, current or velocity
};

}  // namespace handloop::bus::virtual_servo
