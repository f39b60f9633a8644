// A gear that winds up like a spring once its play is taken up: rotor and joint as two bodies.
//
//   push = k (lead beyond half the play),  J dw/dt = motor + friction - push
//
// The dead zone with a shaft behind it of Nordin and Gutman (2002). The rotor is stepped by
// implicit Euler, which is stable at any stiffness and gains no energy: within a step of h the push
// is
//   push + m (free - w_joint') / h,   m = g J / (J + g),   g = h^2 k
// with `free` the rotor's speed if the gear did not wind up further. So MuJoCo is given a torque,
// and `m` to turn with the joint; a rotor that friction holds does not follow, and m is g. What the
// joint was given is what the rotor gets back, so momentum stays.
//
// What is behind the play turns with the joint. It weighs little, and a phalanx that weighs nothing
// would cross its gap within a step; a tenth of the inertia, a guess, makes that several.
#pragma once

#include <cmath>

#include "handloop/friction.hpp"

namespace handloop::actuator {

class ElasticGear {
 public:
  static constexpr double kBehindPlay = 0.1;  // part of the inertia that turns with the joint

  ElasticGear(double stiffness, double backlash, double step)
      : stiffness_(stiffness), half_(0.5 * backlash), step_(step) {}

  // The rotor in the middle of the gap, with the joint.
  void reset(double joint, double joint_speed) {
    rotor_ = joint;
    speed_ = joint_speed;
    offset_ = push_ = follows_ = 0.0;
  }

  double speed() const { return speed_; }    // [rad/s], of the rotor
  double offset() const { return offset_; }  // [rad], how far it is ahead of the joint
  // For the next step: [N m] on a joint that is as fast [rad/s], ...
  double push(double joint_speed) const { return push_ + follows_ * (free_ - joint_speed) / step_; }
  double follows() const { return follows_; }  // ... and [kg m2] that turn with it

  // Before a step, under a torque [N m] of a motor whose rotor has an inertia [kg m2] alone, and a
  // joint that is as fast [rad/s].
  void drive(double torque, double inertia, double joint_speed, const Friction& friction) {
    torque_ = torque;
    inertia_ = inertia;
    // A flank that will be reached within the step counts for all of it: what is light would else
    // run far into the spring, and get more out of it than it put in.
    const double ahead = offset_ + step_ * (speed_ - joint_speed);
    const bool touches = std::abs(ahead) > half_;
    push_ = touches ? stiffness_ * (offset_ - std::copysign(half_, ahead)) : 0.0;
    const double rubs = friction.resist(inertia, step_, speed_, torque, -push_);
    const bool held = std::abs(rubs) < friction.budget(speed_, torque, -push_);
    free_ = held ? 0.0 : speed_ + step_ * (torque + rubs - push_) / inertia;
    const double spring = touches ? step_ * step_ * stiffness_ : 0.0;
    follows_ = held ? spring : spring * inertia / (inertia + spring);
  }

  // After it, with the joint where it is and as fast as it is now. Returns what friction made of
  // it, [N m].
  double move(double joint, double joint_speed, const Friction& friction) {
    const double pushed = push(joint_speed);
    const double rubs = friction.resist(inertia_, step_, speed_, torque_, -pushed);
    speed_ += step_ * (torque_ + rubs - pushed) / inertia_;
    rotor_ += step_ * speed_;
    offset_ = rotor_ - joint;
    return rubs;
  }

 private:
  double stiffness_, half_, step_;
  double rotor_ = 0.0, speed_ = 0.0, offset_ = 0.0;
  double torque_ = 0.0, inertia_ = 1.0;             // of the step
  double push_ = 0.0, free_ = 0.0, follows_ = 0.0;  // in it
};

}  // namespace handloop::actuator
