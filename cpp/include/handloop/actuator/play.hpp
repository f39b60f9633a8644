// Backlash: a rotor and a joint that push each other over two flanks, with a gap in between.
//
// On a flank both move as one, and the rotor's inertia is the joint's. A flank only pushes: where
// it would have to pull, the rotor leaves it with the joint's speed and crosses the gap by its own
// dynamics. It lands without bouncing, which is an exchange of momentum and needs no stiffness, so
// that any step is stable. Its limits: events fall on steps, so that a crossing is known to a step,
// a flank may pull for the one in which the load turns, and gears that bounce are not seen.
#pragma once

#include <algorithm>

namespace handloop::actuator {

class Play {
 public:
  explicit Play(double backlash) : half_(0.5 * backlash) {}

  // The rotor in the middle of the gap, with the joint.
  void reset(double joint, double joint_speed) {
    side_ = 0;
    offset_ = 0.0;
    rotor_ = joint;
    speed_ = joint_speed;
  }

  // Whether rotor and joint move as one.
  bool engaged() const { return half_ <= 0.0 || side_ != 0; }
  double offset() const { return offset_; }  // [rad], how far the rotor is ahead of the joint
  double speed() const { return speed_; }    // [rad/s], of a rotor in the gap

  // On a flank that passed a torque [N m] from rotor to joint, with the joint where it is then.
  void load(double flank, double joint, double joint_speed) {
    if (half_ <= 0.0 || side_ * flank >= 0.0) return;
    side_ = 0;
    rotor_ = joint + offset_;
    speed_ = joint_speed;
  }

  // In the gap, by a step [s] that changes the rotor's speed [rad/s].
  void cross(double step, double change) {
    speed_ += change;
    rotor_ += step * speed_;
  }

  // Where the joint is after that [rad]. True where the rotor has come to a flank.
  bool reach(double joint) {
    offset_ = rotor_ - joint;
    if (offset_ > -half_ && offset_ < half_) return false;
    side_ = offset_ > 0.0 ? 1 : -1;
    offset_ = side_ * half_;
    return true;
  }

 private:
  double half_;
  int side_ = 0;  // of the flank: 1 where the rotor pushes the joint forward
  double offset_ = 0.0, rotor_ = 0.0, speed_ = 0.0;
};

}  // namespace handloop::actuator
