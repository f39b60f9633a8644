// One actuator on one joint of a MuJoCo model, step by step: what it is told, electrics, friction
// and backlash. MuJoCo moves what the motor and its load move as one; a rotor in its gap moves
// here.
#pragma once

#include <mujoco/mujoco.h>

#include <cmath>
#include <stdexcept>
#include <string>

#include "handloop/actuator/delay_line.hpp"
#include "handloop/actuator/joint_port.hpp"
#include "handloop/actuator/play.hpp"
#include "handloop/actuator/sticking_friction.hpp"
#include "handloop/actuator/winding.hpp"

namespace handloop::actuator {

class JointDrive {
 public:
  // Throws std::invalid_argument where the figures do not fit the model's actuator or its step.
  JointDrive(const mjModel& m, int actuator, const Figures& figures, double ambient)
      : f_(figures),
        step_(m.opt.timestep),
        port_(m, actuator, figures.inertia),
        winding_(figures, ambient, step_),
        play_(figures.backlash),
        late_(steps_of_delay(figures.command_delay, step_)) {}

  void start(mjModel& m, mjData& d) {
    port_.take(m);
    winding_.reset();
    play_.reset(d.qpos[m.jnt_qposadr[port_.joint()]], d.qvel[port_.dof()]);
    friction_.reset(f_.friction.dry(0.0, 0.0, 0.0));
    late_.reset();
    told_ = landing_ = 0.0;
    jammed_ = false;
    write(m, d);
  }
  void finish(mjModel& m) const { port_.give_back(m); }

  void tell(const mjModel& m, double command) { told_ = port_.told(m, command); }
  void jam(bool jammed) { jammed_ = jammed; }

  // Before a step, after one in which the solver's friction made a torque `row` [N m], under a
  // supply [V]. Returns what to add to the torques applied to its joint [N m].
  double before_step(mjModel& m, mjData& d, double row, double supply) {
    const double outside = look(m, d, row);
    const double torque = winding_.drive(late_.pass(told_), speed(d), supply);
    if (play_.engaged()) {
      friction_.update(row, f_.friction.budget(speed(d), torque, outside));
    } else {
      cross(torque);
    }
    return write(m, d);
  }

  const Winding& winding() const { return winding_; }
  int dof() const { return port_.dof(); }
  int joint() const { return port_.joint(); }
  const Figures& figures() const { return f_; }

  // What the encoder reads of a joint's position [rad] or speed [rad/s].
  double counted(double position) const {
    const double seen =
        f_.encoder_side == EncoderSide::kMotor ? position + play_.offset() : position;
    return f_.resolution > 0.0 ? f_.resolution * std::round(seen / f_.resolution) : seen;
  }
  double seen_speed(double joint) const {
    const bool free = f_.encoder_side == EncoderSide::kMotor && !play_.engaged();
    return free ? play_.speed() : joint;
  }

 private:
  static constexpr double kJam = 1e3;  // [N m]

  static int steps_of_delay(double delay, double step) {
    const double steps = std::round(delay / step);
    if (steps <= DelayLine::kMost) return static_cast<int>(steps);
    throw std::invalid_argument("an actuator's command may be " + std::to_string(DelayLine::kMost) +
                                " steps of " + std::to_string(step) + " s late at most");
  }

  double speed(const mjData& d) const {
    return play_.engaged() ? d.qvel[port_.dof()] : play_.speed();
  }

  // What the step was: the torque from outside [N m], and which flank the rotor is on now.
  double look(const mjModel& m, const mjData& d, double row) {
    const double joint = d.qpos[m.jnt_qposadr[port_.joint()]];
    if (!play_.engaged()) {
      const double ahead = play_.speed() - d.qvel[port_.dof()];
      landing_ = play_.reach(joint) ? f_.inertia * ahead / step_ : 0.0;
      return 0.0;
    }
    const double friction = friction_.total(row), now = d.qvel[port_.dof()];
    const double known = winding_.torque() + friction + landing_;
    const double acceleration = d.qacc[port_.dof()];
    winding_.rub(std::max(-friction * now, 0.0));
    play_.load(known - f_.inertia * acceleration, joint, now);
    landing_ = 0.0;
    return port_.inertia(m, d) * acceleration - known;
  }

  // Implicit in what the speed takes off the torque.
  void cross(double torque) {
    const double friction = f_.friction.resist(f_.inertia, step_, play_.speed(), torque, 0.0);
    winding_.rub(std::max(-friction * play_.speed(), 0.0));
    play_.cross(step_, step_ * (torque + friction) / (f_.inertia + step_ * winding_.slope()));
    friction_.reset(0.0);
  }

  double write(mjModel& m, mjData& d) const {
    if (!play_.engaged()) {
      port_.drive(m, d, 0.0, 0.0, jammed_ ? kJam : 0.0, false);
      return 0.0;
    }
    const double bound = jammed_ ? kJam : friction_.bound();
    port_.drive(m, d, winding_.torque(), winding_.slope(), bound, true);
    return friction_.carried() + landing_;
  }

  Figures f_;
  double step_;
  JointPort port_;
  Winding winding_;
  Play play_;
  StickingFriction friction_;
  DelayLine late_;
  double told_ = 0.0, landing_ = 0.0;
  bool jammed_ = false;
};

}  // namespace handloop::actuator
