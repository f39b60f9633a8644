// What the guides of a simulated hand take from its tendons. MuJoCo's tendons run without friction.
#pragma once

#include <mujoco/mujoco.h>

#include <algorithm>
#include <vector>

#include "handloop/mujoco_tendons.hpp"

namespace handloop {

// Adds to each joint what it lacks of the frictionless pull, by the capstan equation (tendon.hpp),
// from the true state. It owns `qfrc_applied` of the hand's joints.
//
// It is explicit: near rest it damps a joint by D = T mu theta r^2 / velocity, and where D passes
// about twice inertia over time step the joint chatters. With steps of 1 ms a friction of 0.1 that
// turns round over 2 mm/s is fine for the hand of this project, over 0.5 mm/s it drops a cup.
class TendonDrag {
 public:
  // Throws std::invalid_argument when the actuators are not motors that pull at tendons.
  TendonDrag(const mjModel& m, const HandIds& ids, const std::vector<int>& actuators,
             const CapstanFriction& friction)
      : friction_(friction),
        joint_(ids.joint),
        actuator_(actuators),
        hand_(read_hand(m, ids)),
        tendons_(hand_.model(), read_tendons(m, ids.joint, actuators).tendons),
        q_(JointVector::Zero(hand_.model().joint_count)),
        dq_(q_) {}

  // For the controls in `d`; before every step.
  void apply(const mjModel& m, mjData& d) {
    for (std::size_t i = 0; i < joint_.size(); ++i) {
      q_[static_cast<Eigen::Index>(i)] = d.qpos[m.jnt_qposadr[joint_[i]]];
      dq_[static_cast<Eigen::Index>(i)] = d.qvel[m.jnt_dofadr[joint_[i]]];
    }
    hand_.update_position(q_);
    tendons_.update(hand_);
    lost_ = tendons_.moment_arms() - tendons_.moment_arms(dq_, friction_);
    for (std::size_t i = 0; i < joint_.size(); ++i) {
      double torque = 0.0;
      for (std::size_t t = 0; t < actuator_.size(); ++t) {
        torque += tension(m, d, actuator_[t]) *
                  lost_(static_cast<Eigen::Index>(t), static_cast<Eigen::Index>(i));
      }
      d.qfrc_applied[m.jnt_dofadr[joint_[i]]] = torque;
    }
  }

 private:
  static double tension(const mjModel& m, const mjData& d, int actuator) {
    const int control = m.actuator_ctrladr[actuator];
    const mjtNum* range = m.actuator_ctrlrange + 2 * control;
    return std::clamp(d.ctrl[control], range[0], range[1]);
  }

  CapstanFriction friction_;
  std::vector<int> joint_, actuator_;
  HandKinematics hand_;
  TendonKinematics tendons_;
  JointVector q_, dq_;
  ActuatorMatrix lost_;
};

}  // namespace handloop
