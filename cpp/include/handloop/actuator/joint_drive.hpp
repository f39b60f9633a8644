// One actuator on one joint of a MuJoCo model, step by step: what it is told, electrics, friction
// and backlash. MuJoCo moves what the motor and its load move as one; a rotor in its gap, or behind
// a gear that gives, moves here.
#pragma once

#include <mujoco/mujoco.h>

#include <cmath>
#include <stdexcept>
#include <string>

#include "handloop/actuator/delay_line.hpp"
#include "handloop/actuator/elastic_gear.hpp"
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
        port_(m, actuator, turning_inertia(figures)),
        winding_(figures, ambient, step_),
        play_(figures.backlash),
        gear_(figures.stiffness, figures.backlash, step_),
        late_(steps_of_delay(figures.command_delay, step_)) {}

  void start(mjModel& m, mjData& d) {
    port_.take(m);
    winding_.reset();
    play_.reset(place(m, d), d.qvel[port_.dof()]);
    gear_.reset(place(m, d), d.qvel[port_.dof()]);
    turning_ = false;
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
    if (elastic()) return turn_by_itself(m, d, supply);
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
    const double ahead = elastic() ? gear_.offset() : play_.offset();
    const double seen = f_.encoder_side == EncoderSide::kMotor ? position + ahead : position;
    return f_.resolution > 0.0 ? f_.resolution * std::round(seen / f_.resolution) : seen;
  }
  double seen_speed(double joint) const {
    if (f_.encoder_side == EncoderSide::kOutput) return joint;
    if (elastic()) return gear_.speed();
    return play_.engaged() ? joint : play_.speed();
  }

 private:
  static constexpr double kJam = 1e3;  // [N m]

  static int steps_of_delay(double delay, double step) {
    const double steps = std::round(delay / step);
    if (steps <= DelayLine::kMost) return static_cast<int>(steps);
    throw std::invalid_argument("an actuator's command may be " + std::to_string(DelayLine::kMost) +
                                " steps of " + std::to_string(step) + " s late at most");
  }

  // Of it, what turns with the joint wherever the rotor is, or may.
  static double turning_inertia(const Figures& f) {
    return f.stiffness > 0.0 ? ElasticGear::kBehindPlay * f.inertia : f.inertia;
  }

  bool elastic() const { return f_.stiffness > 0.0; }

  double place(const mjModel& m, const mjData& d) const {
    return d.qpos[m.jnt_qposadr[port_.joint()]];
  }

  // The step of a rotor that a gear parts from its joint.
  double turn_by_itself(mjModel& m, mjData& d, double supply) {
    const double now = d.qvel[port_.dof()];
    if (turning_) {
      const double rubs = gear_.move(place(m, d), now, f_.friction);
      winding_.rub(std::max(-rubs * gear_.speed(), 0.0));
    }
    turning_ = true;
    const double torque = winding_.drive(late_.pass(told_), gear_.speed(), supply);
    const double rotor = (1.0 - ElasticGear::kBehindPlay) * f_.inertia;
    gear_.drive(torque, rotor + step_ * winding_.slope(), now, f_.friction);
    port_.drive(m, d, 0.0, 0.0, jammed_ ? kJam : 0.0, -gear_.follows());
    return gear_.push(now);
  }

  double speed(const mjData& d) const {
    return play_.engaged() ? d.qvel[port_.dof()] : play_.speed();
  }

  // What the step was: the torque from outside [N m], and which flank the rotor is on now.
  double look(const mjModel& m, const mjData& d, double row) {
    const double at = place(m, d);
    if (!play_.engaged()) {
      const double ahead = play_.speed() - d.qvel[port_.dof()];
      landing_ = play_.reach(at) ? f_.inertia * ahead / step_ : 0.0;
      return 0.0;
    }
    const double friction = friction_.total(row), now = d.qvel[port_.dof()];
    const double known = winding_.torque() + friction + landing_;
    const double acceleration = d.qacc[port_.dof()];
    winding_.rub(std::max(-friction * now, 0.0));
    play_.load(known - f_.inertia * acceleration, at, now);
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
    if (elastic() || !play_.engaged()) {
      const double apart = elastic() ? 0.0 : f_.inertia;
      port_.drive(m, d, 0.0, 0.0, jammed_ ? kJam : 0.0, apart);
      return 0.0;
    }
    const double bound = jammed_ ? kJam : friction_.bound();
    port_.drive(m, d, winding_.torque(), winding_.slope(), bound, 0.0);
    return friction_.carried() + landing_;
  }

  Figures f_;
  double step_;
  JointPort port_;
  Winding winding_;
  Play play_;         // of a gear that does not give,
  ElasticGear gear_;  // of one that does
  StickingFriction friction_;
  DelayLine late_;
  double told_ = 0.0, landing_ = 0.0;
  bool jammed_ = false, turning_ = false;
};

}  // namespace handloop::actuator
