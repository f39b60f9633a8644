// A gear and what it turns, as two bodies with play between them.
//
// They move apart, or as one where the gear pushes. A meeting takes no time and gives no rebound
// (Moreau 1988): momentum stays, and so does the centre of mass. Friction is the gear's, so a load
// in the play swings freely. Drift by half a step, push, and drift on is the Störmer-Verlet scheme
// (Hairer, Lubich and Wanner 2006, ch. I.1).
#pragma once

#include <algorithm>
#include <cmath>

#include "handloop/friction.hpp"

namespace handloop::actuator {

class GearedLoad {
 public:
  struct Body {
    double position = 0.0, velocity = 0.0;  // [rad], [rad/s]
  };

  // Inertias [kg m2] of rotor and gear, and of the load; play [rad] from end to end.
  GearedLoad(double gear_inertia, double load_inertia, double backlash, const Friction& friction)
      : gear_inertia_(gear_inertia),
        load_inertia_(load_inertia),
        half_(0.5 * backlash),
        friction_(friction) {
    place(0.0, 0.0);
  }

  const Body& gear() const { return gear_; }
  const Body& load() const { return load_; }
  double rubbed() const { return rubbed_; }  // [W], that friction made heat of in the last push

  // With the play to be taken up on either side.
  void place(double position, double velocity) {
    gear_ = load_ = {position, velocity};
    side_ = half_ > 0.0 ? 0.0 : 1.0;
  }

  void drift(double dt) {
    gear_.position += dt * gear_.velocity;
    load_.position += dt * load_.velocity;
    const double lead = gear_.position - load_.position;
    if (side_ == 0.0 && std::abs(lead) >= half_) meet(std::copysign(half_, lead));
  }

  // Torques [N m] of the motor on the gear, and from outside on the load, change the speeds. The
  // motor's falls with the gear's speed by `slope` [N m s/rad]: what counts is the step's middle.
  void push(double dt, double motor, double external, double slope = 0.0) {
    const double lag = 0.5 * dt * slope;  // [kg m2], as which that acts
    if (side_ != 0.0 && push_together(dt, motor, external, lag)) return;
    side_ = 0.0;
    push_gear(gear_inertia_ + lag, dt, motor, 0.0, friction(gear_inertia_ + lag, dt, motor, 0.0));
    if (load_inertia_ > 0.0) load_.velocity += dt * external / load_inertia_;
  }

 private:
  void meet(double lead) {
    const double part = gear_inertia_ / (gear_inertia_ + load_inertia_);
    const double centre = part * gear_.position + (1.0 - part) * load_.position;
    const double velocity = part * gear_.velocity + (1.0 - part) * load_.velocity;
    gear_ = {centre + (1.0 - part) * lead, velocity};
    load_ = {centre - part * lead, velocity};
    side_ = std::copysign(1.0, lead);
  }

  // As one; false: the load would run away from the gear.
  bool push_together(double dt, double motor, double external, double lag) {
    const double inertia = gear_inertia_ + load_inertia_ + lag;
    const double resistance = friction(inertia, dt, motor, external);
    const double a = (motor + external + resistance) / inertia;
    if (half_ > 0.0 && (load_inertia_ * a - external) * side_ < 0.0) return false;
    push_gear(inertia, dt, motor, external, resistance);
    load_.velocity = gear_.velocity;
    return true;
  }

  void push_gear(double inertia, double dt, double motor, double external, double resistance) {
    gear_.velocity += dt * ((motor + external + resistance) / inertia);
    rubbed_ = std::max(-resistance * gear_.velocity, 0.0);
  }

  double friction(double inertia, double dt, double motor, double external) const {
    return friction_.resist(inertia, dt, gear_.velocity, motor, external);
  }

  double gear_inertia_, load_inertia_, half_;
  Friction friction_;
  Body gear_, load_;
  double rubbed_ = 0.0;
  double side_ = 1.0;  // on which the gear pushes: 1 forward, -1 backward, 0 in its play
};

}  // namespace handloop::actuator
