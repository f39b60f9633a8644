// A test rig: a servo turns a mass on an arm, and its firmware holds a goal.
//
//   duty = clamp(register gain (goal - position)),  i = (duty V - Ke w) / R,  tau = Kt i
//   (Jg + Jl) dw = tau - m g l sin(q - q0) + friction
//
// The rig and the firmware's law are those of Duclusaud, Passault, Padois and Ly 2024
// (arXiv 2410.08650); friction is that of friction.hpp. Added are play, what the bridge does
// between its pulses, delay, a supply that sags, and the encoder's counts. A step drifts by half,
// changes the speed and drifts on: the Störmer-Verlet scheme (Hairer, Lubich and Wanner 2006, ch.
// I.1). Across play, gear and load move apart or as one: a meeting takes no time and gives no
// rebound (Moreau 1988).
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "handloop/friction.hpp"

namespace handloop::actuator {

// All figures are those of the output shaft.
struct RigServo {
  double torque_constant = 0.4;                                  // [N m/A]
  double back_emf = 0.4;                                         // [V s/rad]
  double resistance = 3.4;                                       // [ohm]
  double current_max = std::numeric_limits<double>::infinity();  // [A], in the winding
  double supply_resistance = 0.0;                                // [ohm]
  double inertia = 0.0016;                                       // [kg m2], rotor and gear
  Friction friction;
  double backlash = 0.0;    // [rad], from end to end
  double resolution = 0.0;  // [rad], of a count; 0: as fine as can be
  double zero = 0.0;        // [rad], that it reads where the load says it is at 0
  double delay = 0.0;       // [s], from a goal to the bridge
  double gain = 0.0029;     // [1/rad], duty per error for one unit of the gain register
  double duty_max = 1.0;
  // Part of the time between pulses in which the bridge shorts the winding instead of opening it.
  double braking = 1.0;      // while it drives
  double off_braking = 0.0;  // with torque off
};

// A mass on an arm that hangs at `rest`.
struct RigLoad {
  double mass = 0.0;      // [kg]
  double length = 0.0;    // [m], to the centre of mass
  double inertia = 0.0;   // [kg m2], about the centre of mass
  double gravity = 9.81;  // [m/s2]
  double rest = 0.0;      // [rad]

  double turning_inertia() const { return inertia + mass * length * length; }
  double torque(double q) const { return -mass * gravity * length * std::sin(q - rest); }
};

// What the servo is told, and what it is fed with.
struct RigInput {
  double goal = 0.0;     // [rad]
  double gain = 0.0;     // of the register
  double voltage = 0.0;  // [V], without load
  bool driven = true;    // torque is on
};

class Rig {
 public:
  Rig(const RigServo& servo, const RigLoad& load)
      : s_(servo), load_(load), load_inertia_(load.turning_inertia()) {
    load_.rest += servo.zero;
  }

  // At rest or turning, with the play to be taken up on either side.
  void place(double position, double velocity = 0.0) {
    gear_ = output_ = {position, velocity};
    side_ = 0.0;
    if (s_.backlash <= 0.0) side_ = 1.0;
  }

  // Moves on by `dt` [s] as the firmware wants it.
  void step(double dt, const RigInput& in) {
    drift(0.5 * dt);
    drive(dt, s_.gain * in.gain * (in.goal - position()), in.voltage, in.driven);
    drift(0.5 * dt);
  }

  // The same at a duty that comes from elsewhere.
  void step_at(double dt, double duty, double voltage, bool driven) {
    drift(0.5 * dt);
    drive(dt, duty, voltage, driven);
    drift(0.5 * dt);
  }

  // [rad], as the encoder at the output tells.
  double position() const {
    if (s_.resolution <= 0.0) return output_.position;
    return s_.resolution * std::floor(output_.position / s_.resolution + 0.5);
  }
  double velocity() const { return output_.velocity; }  // [rad/s], of the output
  double current() const { return current_; }           // [A], in the winding
  double duty() const { return duty_; }

 private:
  struct Body {
    double position = 0.0, velocity = 0.0;
  };

  void drift(double dt) {
    gear_.position += dt * gear_.velocity;
    output_.position += dt * output_.velocity;
    const double half = 0.5 * s_.backlash, lead = gear_.position - output_.position;
    if (side_ == 0.0 && std::abs(lead) >= half) meet(std::copysign(half, lead));
  }

  // Momentum stays, and so does the centre of mass.
  void meet(double lead) {
    const double whole = s_.inertia + load_inertia_, part = s_.inertia / whole;
    const double centre = part * gear_.position + (1.0 - part) * output_.position;
    const double velocity = part * gear_.velocity + (1.0 - part) * output_.velocity;
    gear_ = {centre + (1.0 - part) * lead, velocity};
    output_ = {centre - part * lead, velocity};
    side_ = std::copysign(1.0, lead);
  }

  // The torques over `dt` change the speeds.
  void drive(double dt, double duty, double voltage, bool driven) {
    duty_ = driven ? std::clamp(duty, -s_.duty_max, s_.duty_max) : 0.0;
    current_ = current(voltage, driven);
    const double motor = s_.torque_constant * current_, gravity = load_.torque(output_.position);
    if (side_ != 0.0 && push_together(dt, motor, gravity)) return;
    side_ = 0.0;
    gear_.velocity += dt * acceleration(s_.inertia, dt, motor, 0.0);
    if (load_inertia_ > 0.0) output_.velocity += dt * gravity / load_inertia_;
  }

  // The supply sags by what the bridge takes from it, duty i.
  double current(double voltage, bool driven) const {
    const double on = std::abs(duty_);
    const double shorted = driven ? on + s_.braking * (1.0 - on) : s_.off_braking;
    const double volts = duty_ * voltage - shorted * s_.back_emf * gear_.velocity;
    const double ohms = s_.resistance + s_.supply_resistance * duty_ * duty_;
    return std::clamp(volts / ohms, -s_.current_max, s_.current_max);
  }

  double acceleration(double inertia, double dt, double motor, double external) const {
    const double speed = gear_.velocity;
    return (motor + external + s_.friction.resist(inertia, dt, speed, motor, external)) / inertia;
  }

  // Gear and load as one; false: across play, the load would run away from the gear.
  bool push_together(double dt, double motor, double gravity) {
    const double a = acceleration(s_.inertia + load_inertia_, dt, motor, gravity);
    if (s_.backlash > 0.0 && (load_inertia_ * a - gravity) * side_ < 0.0) return false;
    gear_.velocity = output_.velocity = gear_.velocity + dt * a;
    return true;
  }

  RigServo s_;
  RigLoad load_;
  double load_inertia_;
  Body gear_, output_;
  double side_ = 0.0;  // on which the gear pushes: 1 forward, -1 backward, 0 in its play
  double duty_ = 0.0, current_ = 0.0;
};

}  // namespace handloop::actuator
