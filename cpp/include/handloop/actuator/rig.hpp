// A test rig: a servo turns a mass on an arm, and its firmware holds a goal.
//
//   duty = clamp(register gain (goal - position)),  i = (duty V - Ke w) / R,  tau = Kt i
//   (Jg + Jl) dw = tau - m g l sin(q - q0) + friction
//
// The rig and the firmware's law are those of Duclusaud, Passault, Padois and Ly 2024
// (arXiv 2410.08650); friction is that of friction.hpp. Added are play (geared_load.hpp), what the
// bridge does between its pulses, delay, a supply that sags, and the encoder's counts.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "handloop/actuator/geared_load.hpp"
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
  // `duty_max`: to which the servo is told to keep its bridge.
  Rig(const RigServo& servo, const RigLoad& load, double duty_max = 1.0)
      : s_(servo),
        arm_(load),
        duty_max_(duty_max),
        shaft_(servo.inertia, load.turning_inertia(), servo.backlash, servo.friction) {
    arm_.rest += servo.zero;
  }

  // At rest or turning, with the play to be taken up on either side.
  void place(double position, double velocity = 0.0) { shaft_.place(position, velocity); }

  // Moves on by `dt` [s] as the firmware wants it.
  void step(double dt, const RigInput& in) {
    shaft_.drift(0.5 * dt);
    drive(dt, s_.gain * in.gain * (in.goal - position()), in.voltage, in.driven);
    shaft_.drift(0.5 * dt);
  }

  // The same at a duty that comes from elsewhere.
  void step_at(double dt, double duty, double voltage, bool driven) {
    shaft_.drift(0.5 * dt);
    drive(dt, duty, voltage, driven);
    shaft_.drift(0.5 * dt);
  }

  // [rad], as the encoder at the output tells.
  double position() const {
    const double output = shaft_.load().position;
    if (s_.resolution <= 0.0) return output;
    return s_.resolution * std::floor(output / s_.resolution + 0.5);
  }
  double velocity() const { return shaft_.load().velocity; }  // [rad/s], of the output
  double current() const { return current_; }                 // [A], in the winding
  double duty() const { return duty_; }

 private:
  // The torques over `dt` change the speeds. The supply sags by what the bridge takes from it.
  void drive(double dt, double duty, double voltage, bool driven) {
    duty_ = driven ? std::clamp(duty, -duty_max_, duty_max_) : 0.0;
    const double on = std::abs(duty_), before = shaft_.gear().velocity;
    const double shorted = driven ? on + s_.braking * (1.0 - on) : s_.off_braking;
    const double back_emf = shorted * s_.back_emf;
    const double ohms = s_.resistance + s_.supply_resistance * duty_ * duty_;
    const auto current = [&](double speed) { return (duty_ * voltage - back_emf * speed) / ohms; };

    current_ = std::clamp(current(before), -s_.current_max, s_.current_max);
    const bool limited = std::abs(current_) >= s_.current_max;
    const double slope = limited ? 0.0 : s_.torque_constant * back_emf / ohms;
    shaft_.push(dt, s_.torque_constant * current_, arm_.torque(shaft_.load().position), slope);
    if (!limited) current_ = current(0.5 * (before + shaft_.gear().velocity));
  }

  RigServo s_;
  RigLoad arm_;
  double duty_max_;
  GearedLoad shaft_;
  double duty_ = 0.0, current_ = 0.0;
};

}  // namespace handloop::actuator
